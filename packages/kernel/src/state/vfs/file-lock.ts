/** A lock on a part of a file, and the locks on one inode (struct file_lock, struct file_lock_context). */
import type { File } from '@lsmkit/core'
import { ChurnMap } from '../churn-map.ts'
import { WaitQueue } from './wait.ts'

export interface FileLock {
  /** F_RDLCK 0, F_WRLCK 1, F_UNLCK 2. */
  type: number
  /** First and last byte; Infinity: to the end of the file, wherever that is. */
  start: number
  end: number
  /** The owner of the lock: the descriptor table of a process, or the open file. */
  owner: object
  /** For F_GETLK; -1 of an open-file-description lock. */
  pid: number
  file: File
}

/** The locks on one inode: those of POSIX by owner in the order owners came, each owner's by start; flocks by file. */
export class InodeLocks {
  readonly posix = new ChurnMap<object, FileLock[]>()
  readonly flock = new ChurnMap<object, FileLock>()
  readonly wait = new WaitQueue()
}
