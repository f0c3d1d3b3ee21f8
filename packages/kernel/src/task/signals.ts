/** Sending signals (kernel/signal.c): the permission check, then the queue of a thread or a process. */
import {
  EAGAIN, PF_EXITING, PF_KTHREAD, RLIMIT_SIGPENDING, SI_KERNEL, SI_SIGIO, SI_TIMER, SI_USER, SIGRTMIN,
} from '@lsmkit/abi'
import { from_kuid_munged, make_kuid } from '@lsmkit/core'
import type { KernelSiginfo, Task } from '@lsmkit/core'
import type { Signals, SignalScope } from '../interfaces/signals.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import { sigHas, sigmask } from '../state/task/sigset.ts'
import type { SigCharge } from '../state/task/sig-pending.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { notifyParent } from './notify-parent.ts'
import { kernelSiginfo, userSiginfo } from './signal-info.ts'
import { pendingSet, signal_pending, withBlocked, withUserMask } from './signal-mask.ts'
import { check_kill_permission } from './signal-permission.ts'
import { handlerOf, prepare_signal } from './signal-prepare.ts'

/** What became of a signal (include/trace/events/signal.h). */
const TRACE_SIGNAL = { DELIVERED: 0, IGNORED: 1, ALREADY_PENDING: 2, OVERFLOW_FAIL: 3 } as const

/** Whether the kernel or a namespace above sends it: such signals reach even the init of a namespace. */
const isForced = (machine: Machine, { si_code, si_pid }: KernelSiginfo, task: Task): boolean =>
  (si_code === SI_KERNEL && si_pid === 0) || machine.tasks.nrSeenBy(machine.current.task, task) === 0

/** Whether RLIMIT_SIGPENDING applies. It does not for ordinary signals of kill(2) and of the kernel. */
const isLimited = ({ si_signo, si_code }: KernelSiginfo): boolean => si_signo >= SIGRTMIN || si_code < 0

const chargeOf = ({ tasks }: Machine, { real_cred }: Task): SigCharge =>
  ({ counts: tasks.queuedSignals, uid: real_cred.uid })

/**
 * As `send_signal_locked`: queues the signal and wakes the threads. 0, or -EAGAIN if the user's queue is full; a
 * signal of kill(2) then becomes pending without its details.
 */
const send = (machine: Machine, sig: number, info: KernelSiginfo, task: Task, scope: SignalScope): number => {
  const { signal_generate } = machine.tracing.points
  const force = isForced(machine, info, task)
  if (force) info = { ...info, si_pid: 0 }
  const traced = (result: number): void => {
    if (signal_generate.on) signal_generate.hit(sig, info, task, scope === 'thread' ? 0 : 1, result)
  }
  if (!prepare_signal(machine, sig, task, force)) {
    traced(TRACE_SIGNAL.IGNORED)
    return 0
  }
  const signal = signalOf(task)
  const pending = scope === 'thread' ? threadOf(task).pending : signal.shared_pending
  if (sig < SIGRTMIN && sigHas(pending.set, sig)) {
    traced(TRACE_SIGNAL.ALREADY_PENDING)
    return 0
  }
  const { queuedSignals } = machine.tasks
  const isWithin = !isLimited(info) ||
    queuedSignals.of(task.real_cred.uid) < signal.rlim[RLIMIT_SIGPENDING]!.rlim_cur
  if (isWithin && pending.hasRoom) pending.enqueue(info, chargeOf(machine, task))
  else if (sig >= SIGRTMIN && info.si_code !== SI_USER) {
    traced(TRACE_SIGNAL.OVERFLOW_FAIL)
    return -EAGAIN
  } else pending.set |= sigmask(sig)
  traced(TRACE_SIGNAL.DELIVERED)
  for (const one of signal.threads) machine.wake(one)
  machine.callRcu(() => (scope === 'thread' ? machine.delivery.deliver(task) : machine.delivery.deliverProcess(task)))
  return 0
}

/** As `group_send_sig_info`: checks, then sends; signal 0 only checks. */
const group_send = (machine: Machine, sig: number, info: KernelSiginfo, task: Task, scope: SignalScope): number => {
  const rc = check_kill_permission(machine, sig, info, task)
  if (rc !== 0 || sig === 0) return rc
  return isLeaving(task, scope) ? 0 : send(machine, sig, seenBy(machine, info, task), task, scope)
}

/** Translates the sender's user into the user namespace of the receiver. */
const seenBy = (machine: Machine, info: KernelSiginfo, { real_cred }: Task): KernelSiginfo => {
  const { user_ns } = machine.current.task.cred
  if (real_cred.user_ns === user_ns || info.si_code > 0 || info.si_code === SI_TIMER || info.si_code === SI_SIGIO)
    return info
  return { ...info, si_uid: from_kuid_munged(real_cred.user_ns, make_kuid(user_ns, info.si_uid)) }
}

/** Whether the receiver is exiting. A process lives as long as it has threads, even without its leader. */
const isLeaving = (task: Task, scope: SignalScope): boolean =>
  scope === 'thread'
    ? (task.flags & PF_EXITING) !== 0
    : signalOf(task).live === 0

/** Sends a signal of the kernel without a permission check: SIGPIPE, SIGCHLD, the parent-death signal. */
const send_kernel = (machine: Machine, sig: number, task: Task, scope: SignalScope = 'process'): number =>
  task.flags & PF_KTHREAD || isLeaving(task, scope) ? 0 : send(machine, sig, kernelSiginfo(sig), task, scope)

const isStopped = (task: Task): boolean => signalOf(task).stopped !== 0

export const createSignals = (machine: Machine): Signals => ({
  handlerOf, isStopped, pendingSet, signal_pending,
  ...bound(machine, { chargeOf, userSiginfo, send, group_send, send_kernel, notifyParent, withBlocked, withUserMask }),
})
