/** Permission to send a signal (kernel/signal.c). */
import { CAP_KILL, EINVAL, EPERM, SIGCONT } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { audit_signal } from '../state/audit-names.ts'
import { validSignal } from '../state/task/sigset.ts'
import { sameThreadGroup, signalOf } from '../state/task/thread.ts'

/** As `kill_ok_by_cred`. */
const kill_ok_by_cred = (machine: Machine, target: Task): boolean => {
  const { cred } = machine.current.task
  const tcred = target.real_cred
  return cred.euid === tcred.suid || cred.euid === tcred.uid || cred.uid === tcred.suid || cred.uid === tcred.uid ||
    ns_capable(machine.lsm, machine.current, tcred.user_ns, CAP_KILL)
}

/** As `check_kill_permission`: 0 or -errno. SIGCONT may go to any process of the sender's session. */
export const check_kill_permission = (machine: Machine, sig: number, info: KernelSiginfo, target: Task): number => {
  if (!validSignal(sig)) return -EINVAL
  // a task may send itself signals that look like the kernel's (`si_fromuser`)
  if (info.si_code > 0) return 0
  audit_signal(machine, target)
  if (!sameThreadGroup(machine.current.task, target) && !kill_ok_by_cred(machine, target)) {
    if (sig !== SIGCONT || signalOf(target).session !== signalOf(machine.current.task).session) return -EPERM
  }
  return machine.lsm.task_kill.ask(target, info, sig, null)
}
