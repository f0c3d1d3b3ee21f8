/** The sender and the reason of a signal: `kernel_siginfo` (kernel/signal.c). */
import { SI_KERNEL, SI_USER } from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { KernelSiginfo } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

/** As `SEND_SIG_PRIV`: the kernel itself sends the signal. */
export const kernelSiginfo = (sig: number): KernelSiginfo =>
  ({ si_signo: sig, si_errno: 0, si_code: SI_KERNEL, si_pid: 0, si_uid: 0 })

/** As `prepare_kill_siginfo`: the details that kill(2) and tgkill(2) send. */
export const userSiginfo = ({ tasks, current: { task } }: Machine, sig: number, si_code = SI_USER): KernelSiginfo => ({
  si_signo: sig,
  si_errno: 0,
  si_code,
  si_pid: tasks.tgidNr(task),
  si_uid: from_kuid_munged(task.cred.user_ns, task.cred.uid),
})
