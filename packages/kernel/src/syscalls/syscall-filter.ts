/** Where a filter of system calls stands in: between the caller and every handler, for tasks in filter mode. */
import { EINTR, SECCOMP_MODE_STRICT, SIGKILL, SIGSYS, syscallByName, waitSignalled } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../task/thread.ts'
import type { SockFilter } from './classic-filter.ts'
import type { SysCalls } from './entry.ts'

/** What a filter decides instead of letting the call through. */
export type Verdict =
  /** The call answers this, and nothing of it is done. */
  | { readonly kind: 'answer'; readonly rc: number }
  /** SIGSYS to the task; the call answers -ENOSYS, which its handler may change. */
  | { readonly kind: 'trap'; readonly rc: number }
  | { readonly kind: 'kill'; readonly scope: 'thread' | 'process' }

/** Given to `bootKernel({ syscallFilter })`. A kernel without one pays nothing. */
export interface SyscallFilter {
  /** A checked program becomes the task's newest filter: 0 or -errno. `flags` are SECCOMP_FILTER_FLAG_*. */
  attach(task: Task, filter: readonly SockFilter[], flags: number): number
  /** A child has its parent's filters. */
  inherit(parent: Task, child: Task): void
  /** Asked before the call; null lets it through. Arguments are the call's own values. */
  enter(task: Task, nr: number, args: readonly unknown[]): Verdict | null
}

/** Calls of strict mode. */
const STRICT: ReadonlySet<string> = new Set(['read', 'write', 'exit', 'rt_sigreturn'])

type Call = (task: Task, ...args: unknown[]) => number

/** Every call behind the filter. */
export const filterCalls = (machine: Machine, calls: SysCalls, filter: SyscallFilter): SysCalls =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, guarded(machine, filter, name, call as Call)]),
  ) as unknown as SysCalls

const guarded = (machine: Machine, filter: SyscallFilter, name: string, call: Call): Call => {
  const nr = syscallByName(name) ?? -1
  return (task, ...args) => {
    const mode = threadOf(task).seccomp
    if (mode === 0) return call(task, ...args)
    if (mode === SECCOMP_MODE_STRICT) {
      return STRICT.has(name) ? call(task, ...args) : end(machine, task, { kind: 'kill', scope: 'thread' }, SIGKILL)
    }
    const verdict = filter.enter(task, nr, args)
    return verdict === null ? call(task, ...args) : end(machine, task, verdict, SIGSYS)
  }
}

const end = (machine: Machine, task: Task, verdict: Verdict, signal: number): number => {
  machine.current.task = task
  switch (verdict.kind) {
    case 'answer':
      return verdict.rc
    case 'trap':
      machine.signals.send_kernel(SIGSYS, task, 'thread')
      machine.runRcu()
      return verdict.rc
    case 'kill':
      if (verdict.scope === 'thread' && signalOf(task).threads.size > 1) {
        machine.exits.do_exit(task, waitSignalled(signal, false))
      } else machine.exits.dieOf(task, signal, signal === SIGSYS)
      machine.runRcu()
      // nobody is left to see it
      return -EINTR
  }
}
