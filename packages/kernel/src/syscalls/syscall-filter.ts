/** Where filters of system calls stand in: between the caller and every handler, for tasks in a seccomp mode. */
import { EINTR, SECCOMP_MODE_STRICT, SIGKILL, SIGSYS, syscallByName, waitSignalled } from '@lsmkit/abi'
import type { SockFilter, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../task/thread.ts'

/** What a filter decides instead of letting the call through. */
export type Verdict =
  /** The call answers this, and nothing of it is done. */
  | { readonly kind: 'answer'; readonly rc: number }
  /** SIGSYS to the task; the call answers -ENOSYS, which its handler may change. */
  | { readonly kind: 'trap'; readonly rc: number }
  | { readonly kind: 'kill'; readonly scope: 'thread' | 'process' }

/** The kernel's own unless `bootKernel({ syscallFilter })` gives another. */
export interface SyscallFilter {
  /**
   * A checked program becomes the task's newest filter: 0, -errno, or the number of a thread that cannot follow.
   * `flags` are SECCOMP_FILTER_FLAG_*; `listener` is whom SECCOMP_RET_USER_NOTIF asks.
   */
  attach(task: Task, filter: readonly SockFilter[], flags: number, listener?: object | null): number
  /** A child has its parent's filters. */
  inherit(parent: Task, child: Task): void
  /** Asked before the call; null lets it through. Arguments are the call's own values. */
  enter(task: Task, nr: number, args: readonly unknown[]): Verdict | null
  /** How many filters a task has. */
  count?(task: Task): number
}

/** Calls of strict mode. */
const STRICT: ReadonlySet<string> = new Set(['read', 'write', 'exit', 'rt_sigreturn'])

/** Asked on the way into every call once some task has entered a seccomp mode; until then `on` is a constant. */
export class SyscallGate {
  on = false
  private readonly machine: Machine

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** Null: the call goes on; else what it answers. */
  enter(task: Task, name: string, args: readonly unknown[]): number | null {
    const mode = threadOf(task).seccomp
    if (mode === 0) return null
    if (mode === SECCOMP_MODE_STRICT) {
      return STRICT.has(name) ? null : end(this.machine, task, { kind: 'kill', scope: 'thread' }, SIGKILL)
    }
    const verdict = this.machine.syscallFilter.enter(task, syscallByName(name) ?? -1, args)
    return verdict === null ? null : end(this.machine, task, verdict, SIGSYS)
  }
}

const end = (machine: Machine, task: Task, verdict: Verdict, signal: number): number => {
  switch (verdict.kind) {
    case 'answer':
      return verdict.rc
    case 'trap':
      machine.signals.send_kernel(SIGSYS, task, 'thread')
      return verdict.rc
    case 'kill':
      if (verdict.scope === 'thread' && signalOf(task).threads.size > 1) {
        machine.exits.do_exit(task, waitSignalled(signal, false))
      } else machine.exits.dieOf(task, signal, signal === SIGSYS)
      // nobody is left to see it
      return -EINTR
  }
}
