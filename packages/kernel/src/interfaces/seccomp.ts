/** Filters of system calls, as the rest of the kernel sees them. */
import type { Task } from '@lsmkit/core'
import type { SockFilter } from '../state/seccomp/classic.ts'
import type { FileOperations } from '../state/vfs/driver.ts'

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

/** The decision of a filter that does not let the call through. */
export type Verdict =
  /** The call answers this, and nothing of it is done. */
  | { readonly kind: 'answer'; readonly rc: number }
  /** SIGSYS to the task; the call answers -ENOSYS, which its handler may change. */
  | { readonly kind: 'trap'; readonly rc: number }
  | { readonly kind: 'kill'; readonly scope: 'thread' | 'process' }

/** Listeners that programs have given their filters. */
export interface SeccompNotify {
  ask(task: Task, nr: number, args: readonly unknown[], listener: object | null): number | null
  readonly fops: FileOperations
}

/** On the way into every call; `on` is false until some task has entered a seccomp mode or somebody looks at calls. */
export interface SyscallGate {
  readonly on: boolean
  /** Some task has entered a seccomp mode; there is no way out of one. */
  filter(): void
  /** The audit system has rules, or has none left. */
  audit(hasRules: boolean): void
  /** Makes a call past its filters, and past who looks on. */
  pass(task: Task, name: string, args: readonly unknown[], run: () => number): number
}
