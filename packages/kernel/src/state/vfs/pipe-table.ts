/** Pipes and FIFOs of one machine (vfs/pipe.ts). */
import type { Inode, Task } from '@lsmkit/core'
import type { FileOperations } from './driver.ts'
import type { Pipe } from './pipe-buffer.ts'

/** An open of a FIFO that sleeps until the other side is opened. */
export interface Opening {
  readonly inode: Inode
  readonly pipe: Pipe
  /** FMODE_READ or FMODE_WRITE: the side that is being opened. */
  readonly mode: number
  /** How often the other side had been opened when the wait began. */
  readonly seen: number
}

export class PipeTable {
  /** Operations of open pipes and FIFOs. */
  readonly fops: FileOperations
  /** Opens that wait for the other side. They count as open already, so that the other side finds them. */
  readonly opening = new Map<Task, Opening>()

  constructor(fops: FileOperations) {
    this.fops = fops
  }
}
