/** `current`: one cell a stack, so that several kernels can interleave in one process. */
import type { Task } from './objects/index.ts'

/** The running task. The host sets it at syscall entry and again after every resume of a suspended call. */
export class Current {
  task: Task

  constructor(task: Task) {
    this.task = task
  }
}
