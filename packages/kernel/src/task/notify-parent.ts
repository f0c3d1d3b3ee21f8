/** Reports the end of a child to its parent (kernel/signal.c). */
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIGCHLD } from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { validSignal } from '../state/task/sigset.ts'
import { threadOf } from '../state/task/thread.ts'

/** As `do_notify_parent`: signals and wakes the parent. True if the child is reaped at once. */
export const notifyParent = (machine: Machine, task: Task, sig: number): boolean => {
  const parent = task.parent
  if (parent === null) return true
  machine.wake(parent)
  let autoreap = false
  let send_sig = sig
  if (task.ptrace === 0 && sig === SIGCHLD) {
    const action = threadOf(parent).sighand.action[SIGCHLD]
    if (action !== null && action !== undefined && (action.handler === 'ignore' || action.flags & SA_NOCLDWAIT)) {
      autoreap = true
      if (action.handler === 'ignore') send_sig = 0
    }
  }
  if (send_sig > 0 && validSignal(send_sig))
    machine.signals.send(send_sig, childSiginfo(machine, task, send_sig, parent), parent, 'process')
  return autoreap
}

/** Ids are those that the parent sees. */
const childSiginfo = (machine: Machine, task: Task, sig: number, parent: Task): KernelSiginfo => ({
  si_signo: sig,
  si_errno: 0,
  si_code: task.exit_code & 0x7f ? (task.exit_code & 0x80 ? CLD_DUMPED : CLD_KILLED) : CLD_EXITED,
  si_pid: machine.tasks.nrSeenBy(task, parent),
  si_uid: from_kuid_munged(parent.cred.user_ns, task.real_cred.uid),
})
