/** The effect of a signal on its process before it is queued: which signals it cancels, and whether it is ignored. */
import { PT_SEIZED, SIGCONT, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { handlerIgnores, sigHas, sigmask, SIG_KERNEL_ONLY, SIG_KERNEL_STOP } from '../state/task/sigset.ts'
import type { SigHandler } from '../state/task/sigset.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

export const handlerOf = (
  task: Task, sig: number,
): SigHandler => threadOf(task).sighand.action[sig]?.handler ?? 'default'

/** As `sig_ignored`. A signal that is blocked, or that a tracer may see, is not ignored. */
const sig_ignored = (machine: Machine, task: Task, sig: number, force: boolean): boolean => {
  const thread = threadOf(task)
  if (sigHas(thread.blocked, sig)) return false
  if (task.ptrace !== 0 && sig !== SIGKILL) return false
  const handler = handlerOf(task, sig)
  const kernelOnly = sigHas(SIG_KERNEL_ONLY, sig)
  if (machine.tasks.isGlobalInit(task) && kernelOnly) return true
  if (signalOf(task).unkillable && handler === 'default' && !(force && kernelOnly)) return true
  return handlerIgnores(handler, sig)
}

/** As `prepare_signal`: stop and continue cancel one another. False if the signal is dropped. */
export const prepare_signal = (machine: Machine, sig: number, task: Task, force: boolean): boolean => {
  const signal = signalOf(task)
  if (signal.group_exit !== null) return false
  if (sigHas(SIG_KERNEL_STOP, sig)) flushAll(task, sigmask(SIGCONT))
  else if (sig === SIGCONT) {
    flushAll(task, SIG_KERNEL_STOP)
    for (const one of signal.threads) {
      threadOf(one).stop_dequeued = false
      if (one.ptrace & PT_SEIZED) machine.callRcu(() => machine.delivery.requestTrap(one))
      else if (threadOf(one).state === 'stopped') {
        threadOf(one).state = 'running'
        machine.wake(one)
      }
    }
    if (signal.stopped !== 0) {
      signal.stopped = 0
      signal.notify = 'continued'
      machine.callRcu(() => machine.delivery.notifyJobControl(task, SIGCONT))
    }
    // signals that came while it was stopped are delivered now
    machine.callRcu(() => machine.delivery.deliverProcess(task))
  }
  return !sig_ignored(machine, task, sig, force)
}

const flushAll = (task: Task, mask: bigint): void => {
  const signal = signalOf(task)
  signal.shared_pending.flush(mask)
  for (const one of signal.threads) threadOf(one).pending.flush(mask)
}
