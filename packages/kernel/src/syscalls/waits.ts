/** wait4(2) and waitid(2) (kernel/exit.c). */
import {
  CLD_CONTINUED, CLD_EXITED, CLD_STOPPED, CLD_TRAPPED, EBADF, ECHILD, EINTR, EINVAL, ESRCH, P_ALL, P_PGID,
  P_PID, P_PIDFD, SIGCHLD, SIGCONT, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, WUNTRACED, __WALL, __WCLONE,
  __WNOTHREAD, PIDFD_NONBLOCK, EAGAIN, O_NONBLOCK,
} from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { do_wait } from '../task/wait.ts'
import type { Found } from '../task/wait.ts'
import { fget } from '../state/vfs/fdtable.ts'

/** The fields of `siginfo_t` that waitid(2) fills in. */
export interface WaitInfo {
  si_signo: number
  si_errno: number
  si_code: number
  si_pid: number
  si_uid: number
  si_status: number
}

/** `struct rusage`, as far as anything is measured: milliseconds. */
export interface Rusage {
  ru_utime: number
  ru_stime: number
}

const INT_MIN = -0x80000000
const WAIT_FLAGS = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL
const WAITID_FLAGS = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WALL

const sleepOrNot = (machine: Machine, nohang: boolean): number => {
  if (nohang) return 0
  if (machine.signals.signal_pending(machine.current.task)) return -EINTR
  return machine.sleep(signalOf(machine.current.task).wait_chldexit)
}

const fillRusage = (rusage: Rusage | null): void => {
  if (rusage !== null) Object.assign(rusage, { ru_utime: 0, ru_stime: 0 })
}

const wait4 = (
  machine: Machine, upid: number, stat: Ref<number> | null, options: number, rusage: Rusage | null,
): number => {
  if ((options & ~(WAIT_FLAGS | __WCLONE)) !== 0) return -EINVAL
  if (upid === INT_MIN) return -ESRCH
  const group = upid === 0 ? signalOf(machine.current.task).pgrp : upid < -1 ? machine.tasks.findVpid(-upid) : null
  const pid = upid > 0 ? machine.tasks.findVpid(upid) : null
  if ((upid > 0 && pid === null) || (upid < -1 && group === null)) return -ECHILD
  const matches = (task: Task): boolean =>
    upid === -1 || (upid > 0 ? threadOf(task).pid === pid : signalOf(task).pgrp === group)
  const event = do_wait(machine, { matches, pid: pid ?? group, flags: options | WEXITED })
  if (typeof event === 'number') return event
  if (event === null) return sleepOrNot(machine, (options & WNOHANG) !== 0)
  if (stat !== null) stat.value = event.status
  fillRusage(rusage)
  return event.pid
}

interface Target {
  readonly pid: Pid | null
  readonly matches: (task: Task) => boolean
}

/** The tasks that P_PIDFD, P_PID and P_PGID mean, or -errno. */
const waitidTarget = (machine: Machine, which: number, upid: number): Target | number => {
  switch (which) {
    case P_ALL:
      return { pid: null, matches: () => true }
    case P_PID: {
      if (upid <= 0) return -EINVAL
      const pid = machine.tasks.findVpid(upid)
      return { pid, matches: (task) => threadOf(task).pid === pid }
    }
    case P_PGID: {
      if (upid < 0) return -EINVAL
      const group = upid === 0 ? signalOf(machine.current.task).pgrp : machine.tasks.findVpid(upid)
      return { pid: group, matches: (task) => signalOf(task).pgrp === group }
    }
    case P_PIDFD: {
      if (upid < 0) return -EINVAL
      const file = fget(machine.current.task, upid)
      const pid = file === null ? null : machine.pidfds.pidOf(file)
      return pid === null ? -EBADF : { pid, matches: (task) => threadOf(task).pid === pid }
    }
    default:
      return -EINVAL
  }
}

const waitInfo = (machine: Machine, { task, pid, status, code }: Found): WaitInfo => ({
  si_signo: SIGCHLD,
  si_errno: 0,
  si_code: code,
  si_pid: pid,
  si_uid: from_kuid_munged(machine.current.task.cred.user_ns, task.real_cred.uid),
  si_status: code === CLD_EXITED ? status >> 8 : code === CLD_CONTINUED ? SIGCONT
    : code === CLD_STOPPED || code === CLD_TRAPPED ? status >> 8 : status & 0x7f,
})

const waitid = (
  machine: Machine, which: number, upid: number, info: WaitInfo | null, options: number, rusage: Rusage | null,
): number => {
  if ((options & ~(WAITID_FLAGS | __WCLONE)) !== 0 || !(options & (WEXITED | WSTOPPED | WCONTINUED))) return -EINVAL
  const target = waitidTarget(machine, which, upid)
  if (typeof target === 'number') return target
  const event = do_wait(machine, { ...target, flags: options })
  if (typeof event === 'number') return event
  if (event === null) {
    if (info !== null)
      Object.assign(info, { si_signo: 0, si_errno: 0, si_code: 0, si_pid: 0, si_uid: 0, si_status: 0 })
    const nonblock = which === P_PIDFD && fget(machine.current.task, upid)!.f_flags & (PIDFD_NONBLOCK | O_NONBLOCK)
    return nonblock && !(options & WNOHANG) ? -EAGAIN : sleepOrNot(machine, (options & WNOHANG) !== 0)
  }
  if (info !== null) Object.assign(info, waitInfo(machine, event))
  fillRusage(rusage)
  return 0
}

export const waitSyscalls = { wait4, waitid }
