/** Signals as programs send, block and handle them (kernel/signal.c). */
import {
  EBADF, EFAULT, EINTR, EINVAL, EPERM, ESRCH, PIDFD_SIGNAL_PROCESS_GROUP, PIDFD_SIGNAL_THREAD,
  PIDFD_SIGNAL_THREAD_GROUP, PIDFD_THREAD, SI_TKILL, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGKILL, SIGSTOP,
} from '@lsmkit/abi'
import type { KernelSiginfo, Ref, Task } from '@lsmkit/core'
import type { SignalScope } from '../interfaces/signals.ts'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import {
  defaultAction, handlerIgnores, sigHas, sigmask, SIG_KERNEL_ONLY, SIGSET_SIZE, validSignal,
} from '../state/task/sigset.ts'
import type { SigAction, SigSet } from '../state/task/sigset.ts'
import { sameThreadGroup, signalOf, threadOf } from '../state/task/thread.ts'
import { fget } from '../state/vfs/fdtable.ts'

const INT_MIN = -0x80000000
/** Bytes of sigset_t. */
const SIGNAL_FLAGS = PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP

/** As `kill_pid_info_type`. */
const killPid = (machine: Machine, sig: number, info: KernelSiginfo, pid: Pid | null, scope: SignalScope): number =>
  pid === null || pid.task === null ? -ESRCH : machine.signals.group_send(sig, info, pid.task, scope)

/** As `__kill_pgrp_info`: 0 as soon as one member could be reached, else the last refusal. */
const killGroup = (machine: Machine, sig: number, info: KernelSiginfo, pgrp: Pid | null): number => {
  let rc = -ESRCH
  for (const task of [...(pgrp?.group ?? [])]) {
    const one = machine.signals.group_send(sig, info, task, 'group')
    if (rc !== 0) rc = one
  }
  return rc
}

/** Signals every process but init and the caller's own. EPERM of one does not count. */
const killAll = (machine: Machine, sig: number, info: KernelSiginfo): number => {
  let rc = 0
  let count = 0
  for (const task of [...machine.tasks.processes]) {
    if (machine.tasks.pidNr(task) <= 1 || sameThreadGroup(task, machine.current.task)) continue
    const one = machine.signals.group_send(sig, info, task, 'group')
    count++
    if (one !== -EPERM) rc = one
  }
  return count === 0 ? -ESRCH : rc
}

const kill = (machine: Machine, pid: number, sig: number): number => {
  const info = machine.signals.userSiginfo(sig)
  if (pid > 0) return killPid(machine, sig, info, machine.tasks.findVpid(pid), 'process')
  if (pid === INT_MIN) return -ESRCH
  if (pid === -1) return killAll(machine, sig, info)
  return killGroup(machine, sig, info, pid === 0 ? signalOf(machine.current.task).pgrp : machine.tasks.findVpid(-pid))
}

/** As `do_send_specific`. */
const sendSpecific = (machine: Machine, tgid: number, pid: number, sig: number, info: KernelSiginfo): number => {
  const task = machine.tasks.findByVpid(pid)
  if (task === null || (tgid > 0 && machine.tasks.tgidNr(task) !== tgid)) return -ESRCH
  return machine.signals.group_send(sig, info, task, 'thread')
}

const tgkill = (machine: Machine, tgid: number, pid: number, sig: number): number =>
  pid <= 0 || tgid <= 0 ? -EINVAL : sendSpecific(machine, tgid, pid, sig, machine.signals.userSiginfo(sig, SI_TKILL))

const tkill = (machine: Machine, pid: number, sig: number): number =>
  pid <= 0 ? -EINVAL : sendSpecific(machine, 0, pid, sig, machine.signals.userSiginfo(sig, SI_TKILL))

/** Only to itself may a task send a signal that looks like one of the kernel or of kill(2). */
const forged = (info: KernelSiginfo): boolean => info.si_code >= 0 || info.si_code === SI_TKILL

const rt_sigqueueinfo = (machine: Machine, pid: number, sig: number, uinfo: KernelSiginfo | null): number => {
  if (uinfo === null) return -EFAULT
  const info = { ...uinfo, si_signo: sig }
  if (forged(info) && machine.tasks.pidNr(machine.current.task) !== pid) return -EPERM
  return killPid(machine, sig, info, machine.tasks.findVpid(pid), 'process')
}

const rt_tgsigqueueinfo = (
  machine: Machine, tgid: number, pid: number, sig: number, uinfo: KernelSiginfo | null,
): number => {
  if (uinfo === null) return -EFAULT
  if (pid <= 0 || tgid <= 0) return -EINVAL
  const info = { ...uinfo, si_signo: sig }
  if (forged(info) && machine.tasks.pidNr(machine.current.task) !== pid) return -EPERM
  return sendSpecific(machine, tgid, pid, sig, info)
}

const pidfd_send_signal = (
  machine: Machine, pidfd: number, sig: number, uinfo: KernelSiginfo | null, flags: number,
): number => {
  if (flags & ~SIGNAL_FLAGS || (flags & (flags - 1)) !== 0) return -EINVAL
  const file = fget(machine.current.task, pidfd)
  if (file === null) return -EBADF
  const pid = machine.pidfds.pidOf(file)
  if (pid === null) return -EBADF
  if (pid.nr(machine.tasks.activeNs) === 0 && pid.task !== null) return -EINVAL
  const scope: SignalScope =
    flags === PIDFD_SIGNAL_THREAD || (flags === 0 && file.f_flags & PIDFD_THREAD) ? 'thread'
      : flags === PIDFD_SIGNAL_PROCESS_GROUP ? 'group' : 'process'
  let info = machine.signals.userSiginfo(sig, scope === 'thread' ? SI_TKILL : 0)
  if (uinfo !== null) {
    if (uinfo.si_signo !== sig) return -EINVAL
    if ((threadOf(machine.current.task).pid !== pid || scope === 'group') && forged(uinfo)) return -EPERM
    info = { ...uinfo }
  }
  return scope === 'group' ? killGroup(machine, sig, info, pid) : killPid(machine, sig, info, pid, scope)
}

/** The runner of the program calls `handler`. The old action is written into `oact`. */
const rt_sigaction = (
  machine: Machine, sig: number, act: SigAction | null, oact: SigAction | null, size: number,
): number => {
  if (size !== SIGSET_SIZE) return -EINVAL
  if (!validSignal(sig) || sig < 1 || (act !== null && sigHas(SIG_KERNEL_ONLY, sig))) return -EINVAL
  const { sighand } = threadOf(machine.current.task)
  if (oact !== null) Object.assign(oact, sighand.action[sig] ?? defaultAction())
  if (act === null) return 0
  sighand.action[sig] = { handler: act.handler, flags: act.flags, mask: act.mask & ~SIG_KERNEL_ONLY }
  if (handlerIgnores(act.handler, sig)) dropPending(machine.current.task, sigmask(sig))
  return 0
}

const dropPending = (task: Task, mask: SigSet): void => {
  signalOf(task).shared_pending.flush(mask)
  for (const one of signalOf(task).threads) threadOf(one).pending.flush(mask)
}

const rt_sigprocmask = (
  machine: Machine, how: number, set: SigSet | null, oset: Ref<SigSet> | null, size: number,
): number => {
  if (size !== SIGSET_SIZE) return -EINVAL
  const thread = threadOf(machine.current.task)
  const old = thread.blocked
  if (set !== null) {
    if (how < SIG_BLOCK || how > SIG_SETMASK) return -EINVAL
    const wanted = set & ~(sigmask(SIGKILL) | sigmask(SIGSTOP))
    thread.blocked = how === SIG_BLOCK ? old | wanted : how === SIG_UNBLOCK ? old & ~wanted : wanted
    machine.callRcu(() => machine.delivery.deliver(machine.current.task))
  }
  if (oset !== null) oset.value = old
  return 0
}

const rt_sigpending = (machine: Machine, set: Ref<SigSet> | null, size: number): number => {
  if (size > SIGSET_SIZE) return -EINVAL
  if (set === null) return -EFAULT
  set.value = machine.signals.pendingSet(machine.current.task) & threadOf(machine.current.task).blocked
  return 0
}

const pause = (machine: Machine): number => {
  if (machine.signals.signal_pending(machine.current.task)) return -EINTR
  return machine.sleep(signalOf(machine.current.task).wait_chldexit)
}

export const signalSyscalls = {
  kill, tgkill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal, rt_sigaction, rt_sigprocmask,
  rt_sigpending, pause,
}
