/** Starts other programs for one that runs: the needs of `spawn` beside the kernel. */
import type { Task } from '@lsmkit/core'
import type { Descriptors } from '../descriptors.ts'

export interface Posix {
  /**
   * Begins to run the program that `task` has executed, or will have when `rest` returns something other than
   * -ERESTARTSYS. The program that asked goes on; `descriptors` are its own.
   */
  begin(task: Task, descriptors: Descriptors, rest: (() => number) | null): void
}
