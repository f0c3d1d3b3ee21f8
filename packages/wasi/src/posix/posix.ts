/** Who starts other programs for one that runs: what `spawn` needs beside the kernel. */
import type { Task } from '@lsmkit/core'
import type { Descriptors } from '../descriptors.ts'

export interface Posix {
  /**
   * Begins to run what `task` has executed, or will have when `rest` has been made until it answers something else than
   * -ERESTARTSYS. The program that asked goes on; `descriptors` are its own.
   */
  begin(task: Task, descriptors: Descriptors, rest: (() => number) | null): void
}
