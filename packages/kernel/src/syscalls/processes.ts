/** Processes begin, run a program, end and are waited for: clone, execve, exit, wait. */
import {
  AT_FDCWD, CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, CLD_TRAPPED, CLONE_CLEAR_SIGHAND,
  CLONE_ARGS_SIZE_VER0, CLONE_ARGS_SIZE_VER2, CLONE_DETACHED, CLONE_INTO_CGROUP, CLONE_NEWTIME, CLONE_PARENT,
  CLONE_SIGHAND, CLONE_THREAD, CLONE_VFORK, CLONE_VM, CSIGNAL, E2BIG, EBADF, ECHILD, EFAULT, EINTR, EINVAL, ERESTARTSYS,
  ESRCH, EXIT_DEAD, EXIT_ZOMBIE, P_ALL, P_PGID, P_PID, P_PIDFD, PAGE_SIZE, SIGCHLD, SIGCONT, WAIT_CONTINUED, waitExited,
  waitStopped, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, WUNTRACED, __WALL, __WCLONE, __WNOTHREAD,
  PIDFD_NONBLOCK, EAGAIN, O_NONBLOCK,
} from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import type { KeyMap, Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { validSignal } from '../task/sigset.ts'
import { leaderOf, signalOf, threadOf } from '../task/thread.ts'
import { fget } from '../vfs/fdtable.ts'

/** `struct clone_args` of clone3(2). */
export interface Clone3Args {
  flags: number
  pidfd?: Ref<number> | null
  child_tid?: Ref<number> | null
  parent_tid?: Ref<number> | null
  exit_signal?: number
  stack?: number
  stack_size?: number
  tls?: number
  set_tid?: readonly number[]
  cgroup?: number
}

/** What waitid(2) fills in of `siginfo_t`. */
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

interface Wanted {
  readonly matches: (task: Task) => boolean
  readonly flags: number
}

interface Found {
  readonly task: Task
  readonly pid: number
  readonly status: number
  readonly code: number
}

const WAIT_FLAGS = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL
const WAITID_FLAGS = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WALL
const LEGACY_FLAGS = 0xffffffff
const INT_MAX = 0x7fffffff

export const processSyscalls = (_lsm: KeyMap, machine: Machine) => {
  const { current, tasks } = machine

  const clone = (
    flags: number, _stack: number, parent_tid: Ref<number> | null, child_tid: Ref<number> | null, _tls: number,
  ): number =>
    machine.forks.kernel_clone({
      flags: flags & ~CSIGNAL, exit_signal: flags & CSIGNAL, pidfd: parent_tid, parent_tid, child_tid,
    })

  const clone3 = (args: Clone3Args | null, size: number): number => {
    if (size > PAGE_SIZE) return -E2BIG
    if (size < CLONE_ARGS_SIZE_VER0) return -EINVAL
    if (args === null) return -EFAULT
    const { flags, exit_signal = 0, cgroup = 0 } = args
    const isInto = Math.floor(flags / CLONE_INTO_CGROUP) % 2 === 1
    const low = flags % 2 ** 32
    if (flags > LEGACY_FLAGS + CLONE_CLEAR_SIGHAND + CLONE_INTO_CGROUP || flags < 0 || !validSignal(exit_signal))
      return -EINVAL
    if (low & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME))) return -EINVAL
    if (low & CLONE_SIGHAND && Math.floor(flags / CLONE_CLEAR_SIGHAND) % 2 === 1) return -EINVAL
    if (low & (CLONE_THREAD | CLONE_PARENT) && exit_signal !== 0) return -EINVAL
    if (isInto && (cgroup < 0 || cgroup > INT_MAX || size < CLONE_ARGS_SIZE_VER2)) return -EINVAL
    if ((args.stack ?? 0) === 0 ? (args.stack_size ?? 0) !== 0 : (args.stack_size ?? 0) === 0) return -EINVAL
    return machine.forks.kernel_clone({ ...args, exit_signal, cgroup: isInto ? cgroup : null })
  }

  const execve = (name: string, argv: readonly string[] | null, envp: readonly string[] | null): number =>
    machine.exec.do_execveat(AT_FDCWD, name, argv, envp, 0)
  const execveat = (
    dfd: number, name: string, argv: readonly string[] | null, envp: readonly string[] | null, flags: number,
  ): number => machine.exec.do_execveat(dfd, name, argv, envp, flags)

  const exit = (code: number): number => {
    machine.exits.do_exit(current.task, waitExited(code))
    return 0
  }
  const exit_group = (code: number): number => {
    machine.exits.do_group_exit(current.task, waitExited(code))
    return 0
  }

  /** As `eligible_child`: clone children (any exit signal but SIGCHLD) are waited for only when asked. */
  const isEligible = ({ matches, flags }: Wanted, task: Task, traced: boolean): boolean => {
    if (!matches(task)) return false
    if (traced || flags & __WALL) return true
    return (threadOf(task).exit_signal !== SIGCHLD) === ((flags & __WCLONE) !== 0)
  }

  const found = (task: Task, status: number, code: number): Found => ({ task, pid: tasks.pidNr(task), status, code })

  /** As `wait_consider_task`: an event of one child or tracee, taken unless WNOWAIT; null when it has none. */
  const consider = (wanted: Wanted, task: Task, traced: boolean): Found | null => {
    const { flags } = wanted
    const keep = (flags & WNOWAIT) !== 0
    const thread = threadOf(task)
    const signal = signalOf(task)
    const byTracer = isByTracer(task, traced)
    if (task.exit_state === EXIT_ZOMBIE && (task !== leaderOf(task) || machine.exits.isGroupGone(task))) {
      return flags & WEXITED && (byTracer || task.ptrace === 0) ? reap(task, keep) : null
    }
    if (byTracer && thread.state === 'traced' && !thread.listening && thread.stop_status !== 0) {
      const status = thread.stop_status
      if (!keep) thread.stop_status = 0
      return found(task, waitStopped(status & 0xff, status >> 8), CLD_TRAPPED)
    }
    if (!byTracer && flags & WUNTRACED && signal.stopped !== 0 && signal.notify === 'stopped') {
      if (!keep) signal.notify = null
      return found(task, waitStopped(signal.stopped), CLD_STOPPED)
    }
    if (flags & WCONTINUED && signal.notify === 'continued') {
      if (!keep) signal.notify = null
      return found(task, WAIT_CONTINUED, CLD_CONTINUED)
    }
    return null
  }

  /** Whether a child or tracee without an event may yet have one (`notask_error`): what ended can only be reaped. */
  const mayHaveMore = ({ flags }: Wanted, task: Task, traced: boolean): boolean => {
    if (task.exit_state !== EXIT_ZOMBIE) return true
    const byTracer = isByTracer(task, traced)
    const reapable = task !== leaderOf(task) || machine.exits.isGroupGone(task)
    if (reapable && (byTracer || task.ptrace === 0)) return false
    return !byTracer || (flags & (WCONTINUED | WEXITED)) !== 0
  }

  const isByTracer = (task: Task, traced: boolean): boolean =>
    traced || (task.ptrace !== 0 && task.parent === task.real_parent)

  /** As `wait_task_zombie`. A tracer that is not the parent hands the zombie on. */
  const reap = (task: Task, keep: boolean): Found => {
    const signal = signalOf(task)
    const status = signal.group_exit ?? task.exit_code
    const code = (status & 0x7f) === 0 ? CLD_EXITED : status & 0x80 ? CLD_DUMPED : CLD_KILLED
    const event = found(task, status, code)
    if (keep) return event
    if (task.ptrace !== 0 && task.parent !== task.real_parent && task === leaderOf(task)) {
      machine.ptrace.unlink(task)
      if (!machine.exits.notify(task)) return event
    }
    const own = signalOf(current.task)
    own.cutime += signal.cutime
    own.cstime += signal.cstime
    task.exit_state = EXIT_DEAD
    machine.exits.release_task(task)
    return event
  }

  /** Children and tracees of the process, or with __WNOTHREAD of the thread. */
  const candidates = function* (flags: number): Generator<readonly [Task, boolean]> {
    const waiters = flags & __WNOTHREAD ? [current.task] : [...signalOf(current.task).threads]
    for (const waiter of waiters) {
      const { children, ptraced } = threadOf(waiter)
      for (const child of [...children]) yield [child, false]
      for (const tracee of [...ptraced].reverse()) yield [tracee, true]
    }
  }

  /** As `do_wait`: an event; null when there may be one later; -ECHILD when there cannot. */
  const doWait = (wanted: Wanted): Found | null | number => {
    let any = false
    for (const [task, traced] of candidates(wanted.flags)) {
      if (task.exit_state === EXIT_DEAD || !isEligible(wanted, task, traced)) continue
      const event = consider(wanted, task, traced)
      if (event !== null) return event
      any ||= mayHaveMore(wanted, task, traced)
    }
    return any ? null : -ECHILD
  }

  const sleepOrNot = (nohang: boolean): number => {
    if (nohang) return 0
    if (machine.signals.signal_pending(current.task)) return -EINTR
    machine.sleepOn = signalOf(current.task).wait_chldexit
    return -ERESTARTSYS
  }

  const fillRusage = (rusage: Rusage | null): void => {
    if (rusage !== null) Object.assign(rusage, { ru_utime: 0, ru_stime: 0 })
  }

  const wait4 = (upid: number, stat: Ref<number> | null, options: number, rusage: Rusage | null): number => {
    if ((options & ~(WAIT_FLAGS | __WCLONE)) !== 0) return -EINVAL
    if (upid === -0x80000000) return -ESRCH
    const group = upid === 0 ? signalOf(current.task).pgrp : upid < -1 ? tasks.findVpid(-upid) : null
    const pid = upid > 0 ? tasks.findVpid(upid) : null
    if ((upid > 0 && pid === null) || (upid < -1 && group === null)) return -ECHILD
    const matches = (task: Task): boolean =>
      upid === -1 || (upid > 0 ? threadOf(task).pid === pid : signalOf(task).pgrp === group)
    const event = doWait({ matches, flags: options | WEXITED })
    if (typeof event === 'number') return event
    if (event === null) return sleepOrNot((options & WNOHANG) !== 0)
    if (stat !== null) stat.value = event.status
    fillRusage(rusage)
    return event.pid
  }

  /** Whom P_PIDFD, P_PID and P_PGID mean: a test, or -errno. */
  const waitidTarget = (which: number, upid: number): ((task: Task) => boolean) | number => {
    switch (which) {
      case P_ALL:
        return () => true
      case P_PID: {
        if (upid <= 0) return -EINVAL
        const pid = tasks.findVpid(upid)
        return (task) => threadOf(task).pid === pid
      }
      case P_PGID: {
        if (upid < 0) return -EINVAL
        const group = upid === 0 ? signalOf(current.task).pgrp : tasks.findVpid(upid)
        return (task) => signalOf(task).pgrp === group
      }
      case P_PIDFD: {
        if (upid < 0) return -EINVAL
        const file = fget(current.task, upid)
        const pid = file === null ? null : machine.pidfds.pidOf(file)
        return pid === null ? -EBADF : (task) => threadOf(task).pid === pid
      }
      default:
        return -EINVAL
    }
  }

  const waitid = (
    which: number,
    upid: number,
    info: WaitInfo | null,
    options: number,
    rusage: Rusage | null,
  ): number => {
    if ((options & ~(WAITID_FLAGS | __WCLONE)) !== 0 || !(options & (WEXITED | WSTOPPED | WCONTINUED))) return -EINVAL
    const matches = waitidTarget(which, upid)
    if (typeof matches === 'number') return matches
    const event = doWait({ matches, flags: options })
    if (typeof event === 'number') return event
    if (event === null) {
      if (info !== null)
        Object.assign(info, { si_signo: 0, si_errno: 0, si_code: 0, si_pid: 0, si_uid: 0, si_status: 0 })
      const nonblock = which === P_PIDFD && fget(current.task, upid)!.f_flags & (PIDFD_NONBLOCK | O_NONBLOCK)
      return nonblock && !(options & WNOHANG) ? -EAGAIN : sleepOrNot((options & WNOHANG) !== 0)
    }
    if (info !== null) Object.assign(info, waitInfo(event))
    fillRusage(rusage)
    return 0
  }

  const waitInfo = ({ task, pid, status, code }: Found): WaitInfo => ({
    si_signo: SIGCHLD,
    si_errno: 0,
    si_code: code,
    si_pid: pid,
    si_uid: from_kuid_munged(current.task.cred.user_ns, task.real_cred.uid),
    si_status: code === CLD_EXITED ? status >> 8 : code === CLD_CONTINUED ? SIGCONT
      : code === CLD_STOPPED || code === CLD_TRAPPED ? status >> 8 : status & 0x7f,
  })

  return {
    clone, clone3, execve, execveat, exit, exit_group, wait4, waitid,
    fork: (): number => machine.forks.kernel_clone({ flags: 0, exit_signal: SIGCHLD }),
    vfork: (): number => machine.forks.kernel_clone({ flags: CLONE_VFORK | CLONE_VM, exit_signal: SIGCHLD }),
    set_tid_address: (tidptr: Ref<number> | null): number => {
      threadOf(current.task).clear_child_tid = tidptr
      return tasks.pidNr(current.task)
    },
  }
}
