/**
 * Filters of system calls, which the kernel asks before each call. All filters of a task run, the newest first; the
 * most severe answer counts, and the newest of equal ones. A child has its parent's.
 */
import {
  AUDIT_ARCH_X86_64, ENOMEM, ENOSYS, SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ALLOW, SECCOMP_RET_DATA, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD, SECCOMP_RET_LOG, SECCOMP_RET_TRACE, SECCOMP_RET_TRAP, SECCOMP_RET_USER_NOTIF,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { aFunction, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { checkFilter, DATA_SIZE, runFilter } from '../state/seccomp/classic.ts'
import type { SockFilter } from '../state/seccomp/classic.ts'

/** The decision about a call; the kernel's own SyscallFilter has the same type. */
export type SeccompVerdict =
  | { readonly kind: 'answer' | 'trap'; readonly rc: number }
  | { readonly kind: 'kill'; readonly scope: 'thread' | 'process' }

export interface SeccompOptions {
  /** Called for results other than allow if a filter asks for it, and for SECCOMP_RET_LOG. */
  readonly onLog?: (entry: { readonly task: Task; readonly nr: number; readonly action: number }) => void
  /**
   * Called for SECCOMP_RET_USER_NOTIF; null makes the call. Without this option such a call fails with -ENOSYS.
   * `listener` is the one that the deciding filter was attached with.
   */
  readonly onNotify?: (task: Task, nr: number, args: readonly unknown[], listener: object | null) => number | null
  /**
   * Called for SECCOMP_RET_TRACE, in place of the tracer; the result is as in `onNotify`. `data`: the filter's 16 bits.
   */
  readonly onTrace?: (task: Task, nr: number, data: number) => number | null
}

interface Filter {
  readonly program: readonly SockFilter[]
  readonly logs: boolean
  readonly listener: object | null
  readonly older: Filter | null
}

/** Instructions of all filters of a task, four more counted for each (MAX_INSNS_PER_PATH). */
const MOST_INSTRUCTIONS = 32768
const MOST_ERRNO = 4095

export interface Seccomp {
  /** 0, -errno, or with SECCOMP_FILTER_FLAG_TSYNC the number of a thread whose filters are not ancestors of these. */
  attach(task: Task, filter: readonly SockFilter[], flags: number, listener?: object | null): number
  inherit(parent: Task, child: Task): void
  enter(task: Task, nr: number, args: readonly unknown[]): SeccompVerdict | null
  /** How many filters a task has. */
  count(task: Task): number
}

const rules: OptionRules<SeccompOptions> = { onLog: aFunction, onNotify: aFunction, onTrace: aFunction }

/** The filters of all tasks of a kernel. */
class SeccompFilters implements Seccomp {
  readonly #options: SeccompOptions
  readonly #filters = new WeakMap<Task, Filter>()
  readonly #data = new DataView(new ArrayBuffer(DATA_SIZE))

  constructor(options: SeccompOptions) {
    this.#options = options
  }

  attach(task: Task, program: readonly SockFilter[], flags: number, listener: object | null = null): number {
    const rc = checkFilter(program)
    if (rc !== 0) return rc
    const older = this.#newest(task)
    if (lengthOf(older) + program.length + 4 > MOST_INSTRUCTIONS) return -ENOMEM
    const threads = (flags & SECCOMP_FILTER_FLAG_TSYNC) === 0 ? [] : threadsOf(task)
    // threads that have other filters cannot follow; then no thread gets this one
    for (const thread of threads) if (!isAncestor(this.#newest(thread), older)) return thread.pid
    const filter = { program, logs: (flags & SECCOMP_FILTER_FLAG_LOG) !== 0, listener, older }
    for (const thread of [task, ...threads]) this.#filters.set(thread, filter)
    return 0
  }

  enter(task: Task, nr: number, args: readonly unknown[]): SeccompVerdict | null {
    const newest = this.#newest(task)
    if (newest === null) return null
    describe(this.#data, nr, args)
    let answer = SECCOMP_RET_ALLOW
    let decider: Filter | null = null
    for (let filter: Filter | null = newest; filter !== null; filter = filter.older) {
      const own = runFilter(filter.program, this.#data)
      if (severity(own) >= severity(answer)) continue
      answer = own
      decider = filter
    }
    return this.#verdictOf(task, nr, args, answer, decider)
  }

  inherit(parent: Task, child: Task): void {
    const own = this.#newest(parent)
    if (own !== null) this.#filters.set(child, own)
  }

  count(task: Task): number {
    let count = 0
    for (let filter = this.#newest(task); filter !== null; filter = filter.older) count++
    return count
  }

  #newest(task: Task): Filter | null {
    return this.#filters.get(task) ?? null
  }

  #verdictOf(
    task: Task, nr: number, args: readonly unknown[], answer: number, decider: Filter | null,
  ): SeccompVerdict | null {
    const { onLog, onNotify, onTrace } = this.#options
    const action = (answer & SECCOMP_RET_ACTION_FULL) >>> 0
    const value = answer & SECCOMP_RET_DATA
    if (action === SECCOMP_RET_LOG || (decider?.logs && action !== SECCOMP_RET_ALLOW)) onLog?.({ task, nr, action })
    switch (action) {
      case SECCOMP_RET_ALLOW: case SECCOMP_RET_LOG: return null
      case SECCOMP_RET_ERRNO: return { kind: 'answer', rc: -Math.min(value, MOST_ERRNO) }
      case SECCOMP_RET_TRAP: return { kind: 'trap', rc: -ENOSYS }
      case SECCOMP_RET_USER_NOTIF: return answerOf(onNotify?.(task, nr, args, decider?.listener ?? null))
      case SECCOMP_RET_TRACE: return answerOf(onTrace?.(task, nr, value))
      case SECCOMP_RET_KILL_THREAD: return { kind: 'kill', scope: 'thread' }
      case SECCOMP_RET_KILL_PROCESS:
      default: return { kind: 'kill', scope: 'process' }
    }
  }
}

/** Runs filters one after the other. Throws OptionError. */
export const seccomp = (options: SeccompOptions = {}): Seccomp => {
  checkOptions(options, rules, 'seccomp')
  return new SeccompFilters(options)
}

/** Without a listener the call answers as if it did not exist. */
const answerOf = (rc: number | null | undefined): SeccompVerdict | null =>
  rc === null ? null : { kind: 'answer', rc: rc ?? -ENOSYS }

/** Smaller is more severe: the action as a signed number. */
const severity = (answer: number): number => (answer & SECCOMP_RET_ACTION_FULL) | 0

const lengthOf = (filter: Filter | null): number => {
  let length = 0
  for (let at = filter; at !== null; at = at.older) length += at.program.length + 4
  return length
}

const threadsOf = (task: Task): Task[] => [...((task.signal as { threads?: Iterable<Task> } | null)?.threads ?? [])]

const isAncestor = (filter: Filter | null, of: Filter | null): boolean => {
  if (filter === null) return true
  for (let at = of; at !== null; at = at.older) if (at === filter) return true
  return false
}

/** `struct seccomp_data`: number, architecture, no instruction pointer, six arguments; what is no number is 0. */
const describe = (data: DataView, nr: number, args: readonly unknown[]): void => {
  data.setInt32(0, nr, true)
  data.setUint32(4, AUDIT_ARCH_X86_64, true)
  for (let at = 0; at < 6; at++) {
    const value = args[at]
    const number = typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : 0
    data.setInt32(16 + at * 8, number % 0x1_0000_0000 | 0, true)
    data.setInt32(20 + at * 8, Math.floor(number / 0x1_0000_0000) | 0, true)
  }
}
