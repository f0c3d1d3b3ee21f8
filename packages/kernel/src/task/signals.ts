/** Sending signals (kernel/signal.c): who may, what is ignored, what cancels what. */
import {
  CAP_KILL, CLD_DUMPED, CLD_EXITED, CLD_KILLED, EAGAIN, EINTR, EINVAL, EPERM, ERESTARTSYS, PF_EXITING, PF_KTHREAD,
  PT_SEIZED, RLIMIT_SIGPENDING, SA_NOCLDWAIT, SI_KERNEL, SI_SIGIO, SI_TIMER, SI_USER, SIGCHLD, SIGCONT, SIGKILL,
  SIGRTMIN,
} from '@lsmkit/abi'
import { from_kuid_munged, make_kuid, ns_capable } from '@lsmkit/core'
import type { KernelSiginfo, KeyMap, Task } from '@lsmkit/core'
import type { Signals, SignalScope } from '../interfaces/signals.ts'
import type { Machine } from '../machine.ts'
import {
  handlerIgnores, sigHas, sigmask, SIG_KERNEL_ONLY, SIG_KERNEL_STOP, SIGSET_SIZE,
  validSignal,
} from '../state/task/sigset.ts'
import type { SigCharge } from '../state/task/sig-pending.ts'
import type { SigHandler, SigSet } from '../state/task/sigset.ts'
import { sameThreadGroup, signalOf, threadOf } from '../state/task/thread.ts'
import { UserCounts } from '../state/task/user-counts.ts'

/** As `SEND_SIG_PRIV`: the kernel itself sends. */
export const kernelSiginfo = (sig: number): KernelSiginfo =>
  ({ si_signo: sig, si_errno: 0, si_code: SI_KERNEL, si_pid: 0, si_uid: 0 })

export const createSignals = (lsm: KeyMap, machine: Machine): Signals => {
  const { current } = machine

  const handlerOf = (task: Task, sig: number): SigHandler => threadOf(task).sighand.action[sig]?.handler ?? 'default'

  /** As `prepare_kill_siginfo`: what kill(2) and tgkill(2) tell. */
  const userSiginfo = (sig: number, si_code = SI_USER): KernelSiginfo => ({
    si_signo: sig,
    si_errno: 0,
    si_code,
    si_pid: machine.tasks.tgidNr(current.task),
    si_uid: from_kuid_munged(current.task.cred.user_ns, current.task.cred.uid),
  })

  /** As `kill_ok_by_cred`. */
  const killOkByCred = (target: Task): boolean => {
    const { cred } = current.task
    const tcred = target.real_cred
    return cred.euid === tcred.suid || cred.euid === tcred.uid || cred.uid === tcred.suid || cred.uid === tcred.uid ||
      ns_capable(lsm, current, tcred.user_ns, CAP_KILL)
  }

  /** As `check_kill_permission`; SIGCONT may go anywhere in the sender's session. */
  const checkPermission = (sig: number, info: KernelSiginfo, target: Task): number => {
    if (!validSignal(sig)) return -EINVAL
    // a task may pretend to itself that the kernel sent it (`si_fromuser`)
    if (info.si_code > 0) return 0
    if (!sameThreadGroup(current.task, target) && !killOkByCred(target)) {
      if (sig !== SIGCONT || signalOf(target).session !== signalOf(current.task).session) return -EPERM
    }
    return lsm.task_kill.ask(target, info, sig, null)
  }

  /** As `sig_ignored`: a blocked or traced task may yet want it. */
  const ignored = (task: Task, sig: number, force: boolean): boolean => {
    const thread = threadOf(task)
    if (sigHas(thread.blocked, sig)) return false
    if (task.ptrace !== 0 && sig !== SIGKILL) return false
    const handler = handlerOf(task, sig)
    const kernelOnly = sigHas(SIG_KERNEL_ONLY, sig)
    if (machine.tasks.isGlobalInit(task) && kernelOnly) return true
    if (signalOf(task).unkillable && handler === 'default' && !(force && kernelOnly)) return true
    return handlerIgnores(handler, sig)
  }

  /** As `prepare_signal`: stop and continue cancel one another; false when the signal is to be dropped. */
  const prepare = (sig: number, task: Task, force: boolean): boolean => {
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
      // what came while it was stopped is taken now
      machine.callRcu(() => machine.delivery.deliverProcess(task))
    }
    return !ignored(task, sig, force)
  }

  const flushAll = (task: Task, mask: bigint): void => {
    const signal = signalOf(task)
    signal.shared_pending.flush(mask)
    for (const one of signal.threads) threadOf(one).pending.flush(mask)
  }

  /** Sent by the kernel, or from a namespace above: not even the init of a namespace is spared. */
  const isForced = ({ si_code, si_pid }: KernelSiginfo, task: Task): boolean =>
    (si_code === SI_KERNEL && si_pid === 0) || machine.tasks.nrSeenBy(current.task, task) === 0

  /** Ordinary signals of kill(2) and of the kernel always find room for their details. */
  const isLimited = ({ si_signo, si_code }: KernelSiginfo): boolean => si_signo >= SIGRTMIN || si_code < 0

  /** Signals that wait, by whose tasks they are for. */
  const queued = new UserCounts()
  const chargeOf = ({ real_cred }: Task): SigCharge => ({ counts: queued, uid: real_cred.uid })

  /**
   * As `send_signal_locked`: queues and wakes; 0, or -EAGAIN when no more may be queued for the user. Of kill(2) it
   * is then known that the signal came.
   */
  const send = (sig: number, info: KernelSiginfo, task: Task, scope: SignalScope): number => {
    const force = isForced(info, task)
    if (force) info = { ...info, si_pid: 0 }
    if (!prepare(sig, task, force)) return 0
    const signal = signalOf(task)
    const pending = scope === 'thread' ? threadOf(task).pending : signal.shared_pending
    if (sig < SIGRTMIN && sigHas(pending.set, sig)) return 0
    const isWithin = !isLimited(info) || queued.of(task.real_cred.uid) < signal.rlim[RLIMIT_SIGPENDING]!.rlim_cur
    if (isWithin && pending.hasRoom) pending.enqueue(info, chargeOf(task))
    else if (sig >= SIGRTMIN && info.si_code !== SI_USER) return -EAGAIN
    else pending.set |= sigmask(sig)
    for (const one of signal.threads) machine.wake(one)
    machine.callRcu(() => (scope === 'thread' ? machine.delivery.deliver(task) : machine.delivery.deliverProcess(task)))
    return 0
  }

  /** As `group_send_sig_info`: checks, then sends; signal 0 only checks. */
  const group_send = (sig: number, info: KernelSiginfo, task: Task, scope: SignalScope): number => {
    const rc = checkPermission(sig, info, task)
    if (rc !== 0 || sig === 0) return rc
    return isLeaving(task, scope) ? 0 : send(sig, seenBy(info, task), task, scope)
  }

  /** A sender's user as the receiver counts users; other details are the same for all. */
  const seenBy = (info: KernelSiginfo, { real_cred }: Task): KernelSiginfo => {
    const { user_ns } = current.task.cred
    if (real_cred.user_ns === user_ns || info.si_code > 0 || info.si_code === SI_TIMER || info.si_code === SI_SIGIO)
      return info
    return { ...info, si_uid: from_kuid_munged(real_cred.user_ns, make_kuid(user_ns, info.si_uid)) }
  }

  /** Nobody is left to take it: a process outlives its leader, as long as it has threads. */
  const isLeaving = (task: Task, scope: SignalScope): boolean =>
    scope === 'thread'
      ? (task.flags & PF_EXITING) !== 0
      : signalOf(task).live === 0

  /** The kernel's own signal, without a check: SIGPIPE, SIGCHLD, the death of a parent. */
  const send_kernel = (sig: number, task: Task, scope: SignalScope = 'process'): number =>
    task.flags & PF_KTHREAD || isLeaving(task, scope) ? 0 : send(sig, kernelSiginfo(sig), task, scope)

  const isStopped = (task: Task): boolean => signalOf(task).stopped !== 0

  /** Signals a task would take now: fatal ones, or handled and not blocked (`signal_pending`). */
  const pendingSet = (task: Task): bigint => threadOf(task).pending.set | signalOf(task).shared_pending.set
  const signal_pending = (task: Task): boolean =>
    signalOf(task).group_exit !== null || (pendingSet(task) & ~threadOf(task).blocked) !== 0n

  /** As `do_notify_parent`: tells the parent of a child's end; whether the child is to be reaped at once. */
  const notifyParent = (task: Task, sig: number): boolean => {
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
    if (send_sig > 0 && validSignal(send_sig)) send(send_sig, childSiginfo(task, send_sig, parent), parent, 'process')
    return autoreap
  }

  /** Ids as the parent knows them. */
  const childSiginfo = (task: Task, sig: number, parent: Task): KernelSiginfo => ({
    si_signo: sig,
    si_errno: 0,
    si_code: task.exit_code & 0x7f ? (task.exit_code & 0x80 ? CLD_DUMPED : CLD_KILLED) : CLD_EXITED,
    si_pid: machine.tasks.nrSeenBy(task, parent),
    si_uid: from_kuid_munged(parent.cred.user_ns, task.real_cred.uid),
  })

  /** Runs a call with `mask` blocked instead of what the caller blocks (set_user_sigmask); -EINTR if that wakes it. */
  const withBlocked = (mask: SigSet, run: () => number): number => {
    const thread = threadOf(current.task)
    const before = thread.blocked
    thread.blocked = mask & ~SIG_KERNEL_ONLY
    const rc = run()
    const interrupted = rc === -ERESTARTSYS && signal_pending(current.task)
    thread.blocked = before
    if (!interrupted) return rc
    machine.deadlines.forget()
    return -EINTR
  }

  /** As `set_user_sigmask`: without a mask the caller's own holds. A sleeping call comes with it again. */
  const withUserMask = (mask: SigSet | null, size: number, run: () => number): number => {
    if (mask === null) return run()
    return size === SIGSET_SIZE ? withBlocked(mask, run) : -EINVAL
  }

  return {
    queued, chargeOf, handlerOf, userSiginfo, send, group_send, send_kernel, isStopped, pendingSet,
    signal_pending, notifyParent, withBlocked, withUserMask,
  }
}
