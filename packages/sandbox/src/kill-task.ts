/** A signal for a task of a box, from outside. */
import { PF_EXITING, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'

/** SIGKILL ends the task at once, also while it computes; other signals are taken at its next call. */
export const killTask = ({ machine }: Kernel, task: Task, signal: number): void => {
  machine.signals.send_kernel(signal, task, 'process')
  // a task that computes makes no call at which it would take the signal
  if (signal !== SIGKILL || (task.flags & PF_EXITING) !== 0) return
  machine.exits.dieOf(task, signal, false)
  machine.runRcu()
}
