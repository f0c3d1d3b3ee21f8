/** Who starts other programs for one that runs: what `spawn` needs beside the kernel. */
import type { Task } from '@lsmkit/core'
import type { Process } from '../process.ts'

export interface Posix {
  /**
   * Begins to run what `task`, a child of `parent`, has executed, or will have when `rest` has been made until it
   * answers something else than -ERESTARTSYS. The program that asked goes on.
   */
  begin(task: Task, parent: Process, rest: (() => number) | null): void
}
