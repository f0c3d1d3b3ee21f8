/** prctl(2): LSMs may answer any option first. The table of options answers the rest. */
import {
  CAP_SYS_RESOURCE, EFAULT, EINVAL, ENODEV, ENOSYS, ENXIO, EPERM, ERANGE, PFA_NO_NEW_PRIVS, PF_LOCAL_THROTTLE,
  PF_MCE_EARLY, PF_MCE_PROCESS, PF_MEMALLOC_NOIO, PR_GET_CHILD_SUBREAPER, PR_GET_DUMPABLE, PR_GET_IO_FLUSHER,
  PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG, PR_GET_SECCOMP, PR_GET_SPECULATION_CTRL, PR_GET_TID_ADDRESS,
  PR_GET_TIMERSLACK, PR_GET_TIMING, PR_GET_TSC, PR_MCE_KILL, PR_MCE_KILL_CLEAR, PR_MCE_KILL_DEFAULT,
  PR_MCE_KILL_EARLY, PR_MCE_KILL_GET, PR_MCE_KILL_LATE, PR_MCE_KILL_SET, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE,
  PR_SET_IO_FLUSHER, PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_SPECULATION_CTRL,
  PR_SET_SYSCALL_USER_DISPATCH, PR_SET_TIMERSLACK, PR_SET_TIMING, PR_SET_TSC, PR_SPEC_DISABLE, PR_SPEC_ENABLE,
  PR_SPEC_FORCE_DISABLE, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_L1D_FLUSH, PR_SPEC_STORE_BYPASS,
  PR_SYS_DISPATCH_OFF, PR_SYS_DISPATCH_ON, PR_TASK_PERF_EVENTS_DISABLE, PR_TASK_PERF_EVENTS_ENABLE,
  PR_TIMING_STATISTICAL, PR_TSC_ENABLE, PR_TSC_SIGSEGV, SCHED_DEADLINE, SCHED_FIFO, SCHED_RR, SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_FILTER, SECCOMP_SET_MODE_STRICT, SUID_DUMP_DISABLE, SUID_DUMP_USER,
  TASK_SIZE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { set_task_comm } from '../task/comm.ts'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import type { Signal } from '../state/task/thread.ts'
import { validSignal } from '../state/task/sigset.ts'
import { memoryOptions } from './prctl-memory.ts'
import { put } from './prctl-option.ts'
import type { Option, PrctlArg } from './prctl-option.ts'
import { seccomp } from './seccomp.ts'

/** An argument as LSMs see it: a number, or 0 for a pointer. */
const asNumber = (arg: PrctlArg): number => (typeof arg === 'number' ? arg : 0)

const objectOf = (arg: PrctlArg): object | null => (typeof arg === 'object' ? arg : null)

const PR_IO_FLUSHER = PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE

/**
 * Kinds of speculation: the state that a program reads, and the answer to a change. The processor speculates and cannot
 * be told not to; the kernel was booted without flushes of the L1D cache.
 */
const SPECULATION: Readonly<Record<number, readonly [state: number, set: (how: number) => number]>> = {
  [PR_SPEC_STORE_BYPASS]: [PR_SPEC_ENABLE, () => -ENXIO],
  [PR_SPEC_INDIRECT_BRANCH]: [
    PR_SPEC_ENABLE,
    (how) => (how === PR_SPEC_ENABLE ? 0 : how === PR_SPEC_DISABLE || how === PR_SPEC_FORCE_DISABLE ? -EPERM : -ERANGE),
  ],
  [PR_SPEC_L1D_FLUSH]: [PR_SPEC_FORCE_DISABLE, () => -EPERM],
}

const isRealTime = (task: Task): boolean => [SCHED_FIFO, SCHED_RR, SCHED_DEADLINE].includes(task.policy)

/** As `propagate_has_child_subreaper`: marks all descendants. */
const propagateSubreaper = (machine: Machine, reaper: Signal): void => {
  const rest = [reaper]
  for (let parent = rest.pop(); parent !== undefined; parent = rest.pop()) {
    for (const thread of parent.threads) {
      for (const child of threadOf(thread).children) {
        const signal = signalOf(child)
        if (signal.has_child_subreaper || machine.tasks.isGlobalInit(child)) continue
        signal.has_child_subreaper = true
        rest.push(signal)
      }
    }
  }
}

const mceKill: Option = (_machine, task, how, when, arg4, arg5) => {
  if (arg4 !== 0 || arg5 !== 0) return -EINVAL
  if (how === PR_MCE_KILL_CLEAR) {
    if (when !== 0) return -EINVAL
    task.flags &= ~PF_MCE_PROCESS
    return 0
  }
  if (how !== PR_MCE_KILL_SET) return -EINVAL
  // the flag is set even when the rest is invalid
  task.flags |= PF_MCE_PROCESS
  if (when === PR_MCE_KILL_EARLY) task.flags |= PF_MCE_EARLY
  else if (when === PR_MCE_KILL_LATE) task.flags &= ~PF_MCE_EARLY
  else if (when === PR_MCE_KILL_DEFAULT) task.flags &= ~(PF_MCE_EARLY | PF_MCE_PROCESS)
  else return -EINVAL
  return 0
}

const options: Readonly<Record<number, Option>> = {
  ...memoryOptions,
  [PR_SET_PDEATHSIG]: (_machine, task, sig) => {
    if (!validSignal(sig)) return -EINVAL
    task.pdeath_signal = sig
    return 0
  },
  [PR_GET_PDEATHSIG]: (_machine, task, _2, _3, _4, _5, raw) => put(raw[0], task.pdeath_signal),
  [PR_GET_DUMPABLE]: (_machine, task) => task.mm!.dumpable,
  [PR_SET_DUMPABLE]: (_machine, task, dumpable) => {
    if (dumpable !== SUID_DUMP_DISABLE && dumpable !== SUID_DUMP_USER) return -EINVAL
    task.mm!.dumpable = dumpable
    return 0
  },
  [PR_GET_TIMING]: () => PR_TIMING_STATISTICAL,
  [PR_SET_TIMING]: (_machine, _task, timing) => (timing === PR_TIMING_STATISTICAL ? 0 : -EINVAL),
  [PR_SET_NAME]: (machine, task, _2, _3, _4, _5, raw) => {
    if (typeof raw[0] !== 'string') return -EFAULT
    set_task_comm(machine, task, raw[0].replace(/\0.*$/s, ''))
    return 0
  },
  [PR_GET_NAME]: (_machine, task, _2, _3, _4, _5, raw) => put(raw[0], task.comm),
  [PR_GET_SECCOMP]: (_machine, task) => threadOf(task).seccomp,
  [PR_SET_SECCOMP]: (machine, _task, mode, _3, _4, _5, raw) => {
    if (mode === SECCOMP_MODE_STRICT) return seccomp(machine, SECCOMP_SET_MODE_STRICT, 0, null)
    return mode === SECCOMP_MODE_FILTER ? seccomp(machine, SECCOMP_SET_MODE_FILTER, 0, objectOf(raw[1])) : -EINVAL
  },
  [PR_GET_TSC]: (_machine, task, _2, _3, _4, _5, raw) => put(raw[0], threadOf(task).tsc),
  [PR_SET_TSC]: (_machine, task, mode) => {
    if (mode !== PR_TSC_ENABLE && mode !== PR_TSC_SIGSEGV) return -EINVAL
    threadOf(task).tsc = mode
    return 0
  },
  [PR_TASK_PERF_EVENTS_DISABLE]: () => 0,
  [PR_TASK_PERF_EVENTS_ENABLE]: () => 0,
  [PR_GET_TIMERSLACK]: (_machine, task) => threadOf(task).timer_slack_ns,
  [PR_SET_TIMERSLACK]: (_machine, task, ns) => {
    const thread = threadOf(task)
    if (!isRealTime(task)) thread.timer_slack_ns = ns <= 0 ? thread.default_timer_slack_ns : ns
    return 0
  },
  [PR_MCE_KILL]: mceKill,
  [PR_MCE_KILL_GET]: (_machine, task, arg2, arg3, arg4, arg5) => {
    if (arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    if (!(task.flags & PF_MCE_PROCESS)) return PR_MCE_KILL_DEFAULT
    return task.flags & PF_MCE_EARLY ? PR_MCE_KILL_EARLY : PR_MCE_KILL_LATE
  },
  [PR_GET_TID_ADDRESS]: (_machine, task, _2, _3, _4, _5, raw) => {
    if (typeof raw[0] !== 'object' || raw[0] === null) return -EFAULT
    Object.assign(raw[0], { value: threadOf(task).clear_child_tid })
    return 0
  },
  [PR_SET_CHILD_SUBREAPER]: (machine, task, on) => {
    signalOf(task).is_child_subreaper = on !== 0
    if (on !== 0) propagateSubreaper(machine, signalOf(task))
    return 0
  },
  [PR_GET_CHILD_SUBREAPER]: (_machine, task, _2, _3, _4, _5, raw) =>
    put(raw[0], signalOf(task).is_child_subreaper ? 1 : 0),
  [PR_SET_NO_NEW_PRIVS]: (_machine, task, on, arg3, arg4, arg5) => {
    if (on !== 1 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    task.atomic_flags |= PFA_NO_NEW_PRIVS
    return 0
  },
  [PR_GET_NO_NEW_PRIVS]: (_machine, task, arg2, arg3, arg4, arg5) => {
    if (arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    return task.atomic_flags & PFA_NO_NEW_PRIVS ? 1 : 0
  },
  [PR_GET_SPECULATION_CTRL]: (_machine, _task, which, arg3, arg4, arg5) => {
    if (arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    return Object.hasOwn(SPECULATION, which) ? SPECULATION[which]![0] : -ENODEV
  },
  [PR_SET_SPECULATION_CTRL]: (_machine, _task, which, how, arg4, arg5) => {
    if (arg4 !== 0 || arg5 !== 0) return -EINVAL
    return Object.hasOwn(SPECULATION, which) ? SPECULATION[which]![1](how) : -ENODEV
  },
  [PR_SET_IO_FLUSHER]: (machine, task, on, arg3, arg4, arg5) => {
    if (!capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
    if (arg3 !== 0 || arg4 !== 0 || arg5 !== 0 || (on !== 0 && on !== 1)) return -EINVAL
    task.flags = on === 1 ? task.flags | PR_IO_FLUSHER : task.flags & ~PR_IO_FLUSHER
    return 0
  },
  [PR_GET_IO_FLUSHER]: (machine, task, arg2, arg3, arg4, arg5) => {
    if (!capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
    if (arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    return (task.flags & PR_IO_FLUSHER) === PR_IO_FLUSHER ? 1 : 0
  },
  [PR_SET_SYSCALL_USER_DISPATCH]: (_machine, _task, mode, offset, len, selector, raw) => {
    const hasSelector = selector !== 0 || (typeof raw[3] === 'object' && raw[3] !== null)
    if (mode === PR_SYS_DISPATCH_OFF) return offset !== 0 || len !== 0 || hasSelector ? -EINVAL : 0
    if (mode !== PR_SYS_DISPATCH_ON || (offset !== 0 && len <= 0)) return -EINVAL
    return selector >= TASK_SIZE ? -EFAULT : 0
  },
}

const prctl = (
  machine: Machine, option: number, arg2: PrctlArg, arg3: PrctlArg, arg4: PrctlArg, arg5: PrctlArg,
): number => {
  const [a, b, c, d] = [asNumber(arg2), asNumber(arg3), asNumber(arg4), asNumber(arg5)]
  const rc = machine.lsm.task_prctl.ask(option, a, b, c, d)
  if (rc !== -ENOSYS) return rc
  const handler = Object.hasOwn(options, option) ? options[option] : undefined
  return handler === undefined ? -EINVAL : handler(machine, machine.current.task, a, b, c, d, [arg2, arg3, arg4, arg5])
}

export const prctlSyscalls = { prctl }
