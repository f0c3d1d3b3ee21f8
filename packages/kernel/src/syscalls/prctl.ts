/** prctl(2): LSMs may answer any option first; what nobody claims comes from the table of options. */
import {
  CAP_SYS_RESOURCE, EFAULT, EINVAL, ENOSYS, EPERM, PFA_NO_NEW_PRIVS, PR_GET_AUXV, PR_GET_CHILD_SUBREAPER,
  PR_GET_DUMPABLE, PR_GET_IO_FLUSHER, PR_GET_MDWE, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG, PR_GET_SECCOMP,
  PR_GET_SPECULATION_CTRL, PR_GET_THP_DISABLE, PR_GET_TID_ADDRESS, PR_GET_TIMERSLACK, PR_GET_TIMING, PR_GET_TSC,
  PR_MCE_KILL, PR_MCE_KILL_CLEAR, PR_MCE_KILL_DEFAULT, PR_MCE_KILL_EARLY, PR_MCE_KILL_GET, PR_MCE_KILL_LATE,
  PR_MCE_KILL_SET, PR_MDWE_NO_INHERIT, PR_MDWE_REFUSE_EXEC_GAIN, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE,
  PR_SET_IO_FLUSHER, PR_SET_MDWE, PR_SET_MM, PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, PR_SET_THP_DISABLE,
  PR_SET_TIMERSLACK, PR_SET_TIMING, PR_SET_TSC, PR_TASK_PERF_EVENTS_DISABLE, PR_TASK_PERF_EVENTS_ENABLE,
  PR_TIMING_STATISTICAL, PR_TSC_ENABLE, PF_MCE_EARLY, PF_MCE_PROCESS, SCHED_DEADLINE, SCHED_FIFO, SCHED_RR,
  SUID_DUMP_DISABLE, SUID_DUMP_USER,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KeyMap, Ref, Task } from '@lsmkit/core'
import { truncateComm } from '../exec/exec.ts'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../mm/address-space.ts'
import { signalOf, threadOf } from '../task/thread.ts'
import { validSignal } from '../task/sigset.ts'
import { prctlSetMm } from './prctl-mm.ts'

/** An argument: a number, text, or where an answer goes. */
export type PrctlArg = number | string | Ref<number> | Ref<string> | Ref<Uint8Array> | null | undefined

type Option = (task: Task, arg2: number, arg3: number, arg4: number, arg5: number, raw: readonly PrctlArg[]) => number

/** What LSMs see of an argument: numbers; pointers are no business of theirs. */
const asNumber = (arg: PrctlArg): number => (typeof arg === 'number' ? arg : 0)

const put = <T extends number | string | Uint8Array>(arg: PrctlArg, value: T): number => {
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  ;(arg as Ref<T>).value = value
  return 0
}

export const prctlSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine

  const isRealTime = (task: Task): boolean => [SCHED_FIFO, SCHED_RR, SCHED_DEADLINE].includes(task.policy)

  /** As `propagate_has_child_subreaper`. */
  const propagateSubreaper = (task: Task): void => {
    for (const child of threadOf(task).children) {
      const signal = signalOf(child)
      if (signal.has_child_subreaper || machine.tasks.isGlobalInit(child)) continue
      signal.has_child_subreaper = true
      for (const thread of signal.threads) propagateSubreaper(thread)
    }
  }

  const mceKill: Option = (task, how, when, arg4, arg5) => {
    if (arg4 !== 0 || arg5 !== 0) return -EINVAL
    if (how === PR_MCE_KILL_CLEAR) {
      if (when !== 0) return -EINVAL
      task.flags &= ~PF_MCE_PROCESS
      return 0
    }
    if (how !== PR_MCE_KILL_SET) return -EINVAL
    if (when === PR_MCE_KILL_EARLY) task.flags |= PF_MCE_PROCESS | PF_MCE_EARLY
    else if (when === PR_MCE_KILL_LATE) task.flags = (task.flags | PF_MCE_PROCESS) & ~PF_MCE_EARLY
    else if (when === PR_MCE_KILL_DEFAULT) task.flags &= ~(PF_MCE_EARLY | PF_MCE_PROCESS)
    else return -EINVAL
    return 0
  }

  const setMdwe: Option = (task, bits, arg3, arg4, arg5) => {
    if (arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
    if (bits & ~(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT)) return -EINVAL
    if (bits & PR_MDWE_NO_INHERIT && !(bits & PR_MDWE_REFUSE_EXEC_GAIN)) return -EINVAL
    const mm = spaceOf(task.mm!)
    if (mm.mdwe !== 0 && mm.mdwe !== bits) return -EPERM
    mm.mdwe = bits
    return 0
  }

  const options: Readonly<Record<number, Option>> = {
    [PR_SET_PDEATHSIG]: (task, sig) => {
      if (!validSignal(sig)) return -EINVAL
      task.pdeath_signal = sig
      return 0
    },
    [PR_GET_PDEATHSIG]: (task, _2, _3, _4, _5, raw) => put(raw[0], task.pdeath_signal),
    [PR_GET_DUMPABLE]: (task) => task.mm!.dumpable,
    [PR_SET_DUMPABLE]: (task, dumpable) => {
      if (dumpable !== SUID_DUMP_DISABLE && dumpable !== SUID_DUMP_USER) return -EINVAL
      task.mm!.dumpable = dumpable
      return 0
    },
    [PR_GET_TIMING]: () => PR_TIMING_STATISTICAL,
    [PR_SET_TIMING]: (_task, timing) => (timing === PR_TIMING_STATISTICAL ? 0 : -EINVAL),
    [PR_SET_NAME]: (task, _2, _3, _4, _5, raw) => {
      if (typeof raw[0] !== 'string') return -EFAULT
      task.comm = truncateComm(raw[0].replace(/\0.*$/s, ''))
      return 0
    },
    [PR_GET_NAME]: (task, _2, _3, _4, _5, raw) => put(raw[0], task.comm),
    [PR_GET_SECCOMP]: (task) => threadOf(task).seccomp,
    [PR_GET_TSC]: (_task, _2, _3, _4, _5, raw) => put(raw[0], PR_TSC_ENABLE),
    [PR_SET_TSC]: (_task, mode) => (mode === PR_TSC_ENABLE ? 0 : -EINVAL),
    [PR_TASK_PERF_EVENTS_DISABLE]: () => 0,
    [PR_TASK_PERF_EVENTS_ENABLE]: () => 0,
    [PR_GET_TIMERSLACK]: (task) => threadOf(task).timer_slack_ns,
    [PR_SET_TIMERSLACK]: (task, ns) => {
      const thread = threadOf(task)
      if (!isRealTime(task)) thread.timer_slack_ns = ns <= 0 ? thread.default_timer_slack_ns : ns
      return 0
    },
    [PR_MCE_KILL]: mceKill,
    [PR_MCE_KILL_GET]: (task, arg2, arg3, arg4, arg5) => {
      if (arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
      if (!(task.flags & PF_MCE_PROCESS)) return PR_MCE_KILL_DEFAULT
      return task.flags & PF_MCE_EARLY ? PR_MCE_KILL_EARLY : PR_MCE_KILL_LATE
    },
    [PR_SET_MM]: prctlSetMm(lsm, machine),
    [PR_GET_TID_ADDRESS]: (task, _2, _3, _4, _5, raw) => {
      if (typeof raw[0] !== 'object' || raw[0] === null) return -EFAULT
      Object.assign(raw[0], { value: threadOf(task).clear_child_tid })
      return 0
    },
    [PR_SET_CHILD_SUBREAPER]: (task, on) => {
      signalOf(task).is_child_subreaper = on !== 0
      if (on !== 0) for (const thread of signalOf(task).threads) propagateSubreaper(thread)
      return 0
    },
    [PR_GET_CHILD_SUBREAPER]: (task, _2, _3, _4, _5, raw) => put(raw[0], signalOf(task).is_child_subreaper ? 1 : 0),
    [PR_SET_NO_NEW_PRIVS]: (task, on, arg3, arg4, arg5) => {
      if (on !== 1 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
      task.atomic_flags |= PFA_NO_NEW_PRIVS
      return 0
    },
    [PR_GET_NO_NEW_PRIVS]: (task, arg2, arg3, arg4, arg5) => {
      if (arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
      return task.atomic_flags & PFA_NO_NEW_PRIVS ? 1 : 0
    },
    [PR_SET_THP_DISABLE]: (task, on, arg3, arg4, arg5) => {
      if (arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
      spaceOf(task.mm!).thpDisabled = on !== 0
      return 0
    },
    [PR_GET_THP_DISABLE]: (task, arg2, arg3, arg4, arg5) => {
      if (arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0) return -EINVAL
      return spaceOf(task.mm!).thpDisabled ? 1 : 0
    },
    [PR_GET_SPECULATION_CTRL]: (_task, _2, arg3, arg4, arg5) =>
      arg3 !== 0 || arg4 !== 0 || arg5 !== 0 ? -EINVAL : 0,
    [PR_SET_IO_FLUSHER]: (_task, on, arg3, arg4, arg5) => {
      if (!capable(lsm, current, CAP_SYS_RESOURCE)) return -EPERM
      return arg3 !== 0 || arg4 !== 0 || arg5 !== 0 || (on !== 0 && on !== 1) ? -EINVAL : 0
    },
    [PR_GET_IO_FLUSHER]: (_task, arg2, arg3, arg4, arg5) => {
      if (!capable(lsm, current, CAP_SYS_RESOURCE)) return -EPERM
      return arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0 ? -EINVAL : 0
    },
    [PR_SET_MDWE]: setMdwe,
    [PR_GET_MDWE]: (task, arg2, arg3, arg4, arg5) =>
      arg2 !== 0 || arg3 !== 0 || arg4 !== 0 || arg5 !== 0 ? -EINVAL : spaceOf(task.mm!).mdwe,
    [PR_GET_AUXV]: (task, _2, size, arg4, arg5, raw) => {
      if (arg4 !== 0 || arg5 !== 0) return -EINVAL
      const bytes = auxvBytes(spaceOf(task.mm!).auxv)
      const rc = put(raw[0], bytes.slice(0, size))
      return rc !== 0 ? rc : bytes.length
    },
  }

  const prctl = (option: number, arg2: PrctlArg, arg3: PrctlArg, arg4: PrctlArg, arg5: PrctlArg): number => {
    const [a, b, c, d] = [asNumber(arg2), asNumber(arg3), asNumber(arg4), asNumber(arg5)]
    const rc = lsm.task_prctl.ask(option, a, b, c, d)
    if (rc !== -ENOSYS) return rc
    const handler = Object.hasOwn(options, option) ? options[option] : undefined
    return handler === undefined ? -EINVAL : handler(current.task, a, b, c, d, [arg2, arg3, arg4, arg5])
  }

  return { prctl }
}

/** The vector as it lies in memory: pairs of 64-bit numbers with an end mark. */
export const auxvBytes = (auxv: readonly (readonly [number, number])[]): Uint8Array => {
  const words = [...auxv.flat(), 0, 0]
  const view = new DataView(new ArrayBuffer(words.length * 8))
  words.forEach((word, i) => view.setBigUint64(i * 8, BigInt(word), true))
  return new Uint8Array(view.buffer)
}
