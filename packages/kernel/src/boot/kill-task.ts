/** A signal from whoever runs the kernel: no module of the stack is asked, so none can keep a task alive by it. */
import { PF_EXITING, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from './kernel.ts'

/**
 * Sends `signal` to the process of a task, as the kernel itself sends one. SIGKILL ends the task at once, also while
 * it computes; other signals are taken at its next call. kill(2) of init may be refused by policy; this may not.
 */
export const killTask = ({ machine }: Kernel, task: Task, signal: number): void => {
  machine.signals.send_kernel(signal, task, 'process')
  // a task that computes makes no call at which it would take the signal
  if (signal !== SIGKILL || (task.flags & PF_EXITING) !== 0) return
  machine.exits.dieOf(task, signal, false)
  machine.runRcu()
}
