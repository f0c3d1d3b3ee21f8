/**
 * Programs on tracepoints, and on the functions of system calls: they see and change nothing. The runner of a kernel
 * calls the points on its way; `on` is true if there is an observer, and is the only cost otherwise.
 */
import { observerRules } from '../attach.ts'
import type { HookFn } from '../hooks/hook-types.ts'
import { checkOptions } from '../option-rules.ts'
import type { Observer } from '../programs/trampoline.ts'
import type { Registers } from './registers.ts'
import type { FunctionName } from './function-defs.ts'
import { functionDefs } from './function-defs.ts'
import { TracedFunctions } from './functions.ts'
import { Tracepoint } from './tracepoint.ts'
import { tracepointDefs, tracepointNames } from './tracepoint-defs.ts'
import type { TracepointName } from './tracepoint-defs.ts'

/** Tracepoints that are on the way of system calls. */
const atCalls: ReadonlySet<TracepointName> = new Set(['sys_enter', 'sys_exit', 'sched_switch'])

type Report = (where: string, error: unknown) => void

type Points = Readonly<Record<TracepointName, Tracepoint>>

/** The points by name, each made when a kernel or a program first asks for it. */
class TracePoints {
  readonly #report: Report
  readonly #made: (Tracepoint | undefined)[] = []

  constructor(report: Report) {
    this.#report = report
  }

  static {
    tracepointNames.forEach((name, at) => Object.defineProperty(this.prototype, name, {
      get(this: TracePoints): Tracepoint {
        return this.#made[at] ??= new Tracepoint(name, this.#report)
      },
    }))
  }
}

/** The tracepoints of one stack, and who is on them. */
export class Tracing {
  readonly points: Points
  /** Functions of the kernel; one that boots on the stack gives its own. */
  readonly functions: TracedFunctions
  readonly #report: Report
  readonly #listeners: ((areWatched: boolean) => void)[] = []
  readonly #calls = new Map<string, { readonly entry: Tracepoint, readonly exit: Tracepoint }>()
  #watchers = 0

  constructor(report: Report) {
    this.#report = report
    this.functions = new TracedFunctions(report)
    this.points = new TracePoints(report) as unknown as Points
  }

  /** Calls now, and whenever somebody begins to look at system calls or nobody does any more. */
  whenWatched(listener: (areWatched: boolean) => void): void {
    this.#listeners.push(listener)
    listener(this.#watchers > 0)
  }

  /** A program looks at the registers of tasks: kernels keep those of each call. Gives the way to end that. */
  noteRegisters(): () => void {
    return this.#watching(() => {})
  }

  /** On a tracepoint. Throws RangeError for one that there is not. */
  trace(name: TracepointName, program: HookFn): () => void {
    if (!Object.hasOwn(tracepointDefs, name)) throw new RangeError(`there is no tracepoint \`${name}\``)
    const off = this.points[name].add(program)
    return atCalls.has(name) ? this.#watching(off) : off
  }

  /** Around a function of the kernel: entry has its arguments, exit also its result. RangeError for an unknown one. */
  traceFunction(name: FunctionName, observer: Observer): () => void {
    checkOptions(observer, observerRules, 'traceFunction')
    if (!Object.hasOwn(functionDefs, name)) throw new RangeError(`there is no function \`${name}\``)
    return this.functions.add(name, observer)
  }

  /** On the function of a system call, `openat`: entry has its registers, exit also what it returns; OptionError. */
  traceCall(name: string, observer: Observer): () => void {
    checkOptions(observer, observerRules, 'traceCall')
    const { entry, exit } = observer
    let call = this.#calls.get(name)
    if (call === undefined) {
      const place = `__x64_sys_${name}`
      call = { entry: new Tracepoint(place, this.#report), exit: new Tracepoint(place, this.#report) }
      this.#calls.set(name, call)
    }
    const offs = [entry === undefined ? null : call.entry.add(entry), exit === undefined ? null : call.exit.add(exit)]
    return this.#watching(() => {
      for (const off of offs) off?.()
    })
  }

  /**
   * As `do_syscall_64`, for a call of that name: the points around it, and the call. `denied`: what a filter answers in
   * its place; null lets it through.
   */
  around(name: string, registers: Registers, denied: number | null, run: () => number): number {
    const { sys_enter, sys_exit } = this.points
    if (denied === null) {
      if (sys_enter.on) sys_enter.hit(registers, registers.orig_ax)
      const call = this.#calls.get(name)
      if (call?.entry.on) call.entry.hit(registers)
      registers.ax = run()
      if (call?.exit.on) call.exit.hit(registers, registers.ax)
    } else registers.ax = denied
    const { ax } = registers
    if (sys_exit.on) sys_exit.hit(registers, ax)
    return ax
  }

  #watching(off: () => void): () => void {
    if (++this.#watchers === 1) for (const listener of this.#listeners) listener(true)
    let isOff = false
    return () => {
      if (isOff) return
      isOff = true
      off()
      if (--this.#watchers === 0) for (const listener of this.#listeners) listener(false)
    }
  }
}
