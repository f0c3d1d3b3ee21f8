/** Advisory locks: POSIX record locks, open-file-description locks and flock(2) (fs/locks.c). */
import type { File } from '@lsmkit/core'

export interface FileLock {
  /** F_RDLCK 0, F_WRLCK 1, F_UNLCK 2. */
  type: number
  /** First and last byte; Infinity: to the end of the file, wherever that is. */
  start: number
  end: number
  /** Whose lock it is: the descriptor table of a process, or the open file. */
  owner: object
  pid: number
  file: File
}

/** The locks on one inode. */
export interface InodeLocks {
  posix: FileLock[]
  flock: FileLock[]
}
