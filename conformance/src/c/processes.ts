/** Calls on processes whose arguments depend on others: children, prctl, ptrace, lists of ids and of pages. */
import {
  PR_GET_CHILD_SUBREAPER, PR_GET_NAME, PR_GET_PDEATHSIG, PR_GET_TID_ADDRESS, PR_GET_TSC, PR_SET_MM, PR_SET_MM_MAP_SIZE,
  PR_SET_NAME,
  PTRACE_GETEVENTMSG, PTRACE_GETREGSET, PTRACE_GETSIGINFO, PTRACE_GETSIGMASK, PTRACE_PEEKDATA, PTRACE_PEEKTEXT,
  PTRACE_SETSIGINFO, PTRACE_SETSIGMASK,
} from '@lsmkit/abi'
import { syscallTable } from '@lsmkit/kernel'
import type { Actor } from './actor.ts'
import { ChildEnds } from './machine.ts'
import type { Builtin, CMachine } from './machine.ts'
import { FIRST, MEMORY } from './memory.ts'

const PR_SET_VMA = 0x53564d41
/** Options of prctl whose second argument is where a number goes. */
const TO_NUMBER = new Set<number>([PR_GET_PDEATHSIG, PR_GET_TSC, PR_GET_CHILD_SUBREAPER, PR_GET_TID_ADDRESS])

const PEEKS = new Set<number>([PTRACE_PEEKDATA, PTRACE_PEEKTEXT, PTRACE_GETEVENTMSG])
const SIGNAL_INFO = new Set<number>([PTRACE_GETSIGINFO, PTRACE_SETSIGINFO])
const BYTES = new Set<number>([PTRACE_GETSIGMASK, PTRACE_SETSIGMASK, PTRACE_GETREGSET])

const nameOf = (nr: number): string =>
  Object.entries(syscallTable).find(([, row]) => row.nr === nr)?.[0] ?? `syscall ${nr}`

export const processCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => {
  const ints = (at: number, count: number) => Array.from({ length: count }, (_, i) => m.view.getInt32(at + 4 * i, true))
  const longs = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => Number(m.view.getBigInt64(at + 8 * i, true)))

  const isFunction = (at: number): boolean => at >= FIRST && at < MEMORY && m.text(at)!.startsWith('&')
  const prctl: Builtin = (option, arg2 = 0, arg3 = 0, arg4 = 0, arg5 = 0) => {
    if (option === PR_SET_NAME) return sys.prctl(option, m.text(arg2), arg3, arg4, arg5)
    if (option === PR_GET_NAME) return sys.prctl(option, arg2 === 0 ? null : { value: '' }, arg3, arg4, arg5)
    if (option === PR_SET_VMA) return sys.prctl(option, arg2, arg3, arg4, m.text(arg5))
    if (option === PR_SET_MM && arg2 === PR_SET_MM_MAP_SIZE) return sys.prctl(option, arg2, { value: 0 }, arg4, arg5)
    if (TO_NUMBER.has(option)) return sys.prctl(option, arg2 === 0 ? null : { value: 0 }, arg3, arg4, arg5)
    return sys.prctl(option, arg2, arg3, arg4, arg5)
  }
  const ptrace: Builtin = (what, pid = 0, addr = 0, data = 0) => {
    if (data !== 0 && PEEKS.has(what)) return sys.ptrace(what, pid, addr, { value: 0n })
    if (data !== 0 && SIGNAL_INFO.has(what)) {
      const info = { si_signo: ints(data, 1)[0]!, si_errno: 0, si_code: ints(data + 8, 1)[0]!, si_pid: 0, si_uid: 0 }
      return sys.ptrace(what, pid, addr, { value: info })
    }
    if (data !== 0 && BYTES.has(what)) return sys.ptrace(what, pid, addr, { value: m.slice(data, 8) })
    return sys.ptrace(what, pid, addr, data)
  }
  const wait = (pid: number, at: number, options: number): number => {
    const status = at === 0 ? null : { value: 0 }
    const rc = sys.wait4(pid, status, options, null)
    if (status !== null) m.view.setInt32(at, status.value, true)
    return rc
  }
  /** A handler is a number: 0 the default, 1 none; of a function's name nothing is ever called. */
  const action = (sig: number, act: number, old: number, size: number): number => {
    const handler = act === 0 ? 0 : longs(act, 1)[0]!
    const next = { handler: handler === 1 ? 'ignore' as const : 'default' as const, flags: 0, mask: 0n }
    return sys.rt_sigaction(sig, act === 0 ? null : next, old === 0 ? null : { ...next }, size)
  }
  return {
    /** As the raw call, or as the C library's with a function, a stack and then the flags. */
    clone: (flags, stack = 0, third = 0) => {
      if (isFunction(flags)) return sys.clone(third, stack, null, null, 0)
      const parent = third === 0 ? null : { value: 0 }
      const rc = sys.clone(flags, stack, parent, null, 0)
      if (parent !== null && rc > 0) m.view.setInt32(third, parent.value, true)
      return rc
    },
    _exit: (code) => {
      sys.exit_group(code)
      throw new ChildEnds()
    },
    syscall: (nr, ...args) => m.callNamed(nameOf(nr), args),
    waitpid: wait,
    wait: (at) => wait(-1, at, 0),
    rt_sigaction: (sig, act, old, size = 8) => action(sig, act, old, size),
    sigaction: (sig, act, old) => action(sig, act, old, 8),
    raise: (sig) => sys.kill(sys.getpid(), sig),
    prctl,
    ptrace,
    setgroups: (count, at) => sys.setgroups(count, at === 0 ? null : ints(at, count)),
    getgroups: (count, at) => sys.getgroups(count, at === 0 ? null : []),
    move_pages: (pid, count, pages, nodes, status, flags) =>
      sys.move_pages(
        pid, count, pages === 0 ? null : longs(pages, count), nodes === 0 ? null : ints(nodes, count),
        status === 0 ? null : [], flags,
      ),
  }
}
