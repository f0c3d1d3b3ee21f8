/** Leases on the files of one machine (vfs/leases.ts). */
import type { File, Inode } from '@lsmkit/core'
import type { FileWatcher } from './state.ts'
import { WaitQueue } from './wait.ts'

export interface Lease extends FileWatcher {
  readonly file: File
  /** F_RDLCK or F_WRLCK. */
  type: number
  /** When it becomes a read lease, on the machine's clock; null: nobody asks for that. */
  lowerBy: number | null
  /** When it ends, likewise. */
  endBy: number | null
}

/** Leases on one inode. */
export class InodeLeases {
  readonly held = new Map<File, Lease>()
  /** The held leases that somebody waits for. */
  readonly asked = new Set<Lease>()
  readonly wait = new WaitQueue()
}

export class LeaseTable {
  readonly ofInode = new WeakMap<Inode, InodeLeases>()
}
