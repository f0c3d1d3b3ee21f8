/** Reactors: modules without `_start`, whose exports are called one by one while their task lives. */
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { isOurExport } from './binary/our-exports.ts'
import { Budget } from './budget.ts'
import type { ComponentValue } from './component/scalars.ts'
import { ProgramError } from './errors.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { defaultHost } from './host.ts'
import { bringToLife } from './instance.ts'
import type { LivingExports } from './instance.ts'
import type { WasiKernel } from './kernel.ts'
import { Life } from './life.ts'
import type { Lifetime, Run } from './life.ts'
import { limitNumbers } from './limits.ts'
import { checkWasiOptions } from './options.ts'
import type { WasiOptions, WasiResult } from './options.ts'
import { outsideProgram } from './outside.ts'
import { resultOf } from './result.ts'
import { waitsHere } from './waiting/waits.ts'

export type WasmValue = number | bigint

/**
 * A reactor on a kernel, as a child of `task`: `_initialize` has been called. Every call of an export has `limits.time`
 * for itself.
 *
 * Throws OptionError, and a ProgramError for what cannot run or ends while it is set up.
 */
export const openReactor = (kernel: WasiKernel, task: Task, options: WasiOptions): Reactor => {
  checkWasiOptions(options, 'openReactor')
  const host = { ...defaultHost, ...options.host }
  const limits = limitNumbers(options.limits ?? {})
  const budget = new Budget(limits, host)
  const outside = outsideProgram(options, budget, false, false, 'reactor')
  const { sys, machine } = kernel
  const pid = sys.fork(task)
  if (pid < 0) throw new ProgramError('ended', 'there is no process for the reactor')
  const child = machine.as(task, () => machine.tasks.findByVpid(pid)) as Task
  const life = new Life({
    kernel, task: child, options, host, budget, waitsOf: waitsHere, shared: false, posix: null, entry: 'reactor',
  })
  const lifetime = outside === null ? life.execute(options.program as string) : life.run(outside)
  return new Reactor(kernel, task, child, life, lifetime, budget, life.confine(limits))
}

/** From `openReactor`: calls exports as its task, each within the limits. */
export class Reactor {
  readonly task: Task
  readonly #kernel: WasiKernel
  readonly #parent: Task
  readonly #life: Life
  readonly #lifetime: Lifetime
  readonly #budget: Budget
  #run: Run | null = null
  #exports: LivingExports = {}
  /** The program runs at the moment. */
  #isInside = false
  #result: WasiResult | null = null

  /** `refused`: how it ends because it cannot begin. */
  constructor(
    kernel: WasiKernel, parent: Task, task: Task, life: Life, lifetime: Lifetime, budget: Budget,
    refused: Ending | null,
  ) {
    this.#kernel = kernel
    this.#parent = parent
    this.task = task
    this.#life = life
    this.#lifetime = lifetime
    this.#budget = budget
    if (refused !== null) this.#finish(refused)
    else this.#begin()
    if (this.#result !== null) throw new ProgramError('ended', `the reactor has ended: ${this.#result.reason}`)
  }

  /** Functions that it exports, except for those that set it up. */
  get names(): readonly string[] {
    return Object.keys(this.#exports).filter(
      (name) => typeof this.#exports[name] === 'function' && name !== '_initialize' && !isOurExport(name),
    )
  }

  /** Its memory, where it exports one: for arguments that are not numbers. Components need none for that. */
  get memory(): WebAssembly.Memory | null {
    return this.#exports.memory instanceof WebAssembly.Memory ? this.#exports.memory : null
  }

  /** Whether it can be called. */
  get isAlive(): boolean {
    return this.#result === null
  }

  /**
   * Calls an export as the task. Those of modules take numbers, those of components what their types say. Throws a
   * ProgramError: `no-entry` if there is no such export, `bad-value` for a value that it does not take, `ended` when it
   * has ended or does so by this call (a trap, a limit, proc_exit); `end` has the reason.
   */
  call(name: string, ...args: readonly ComponentValue[]): unknown {
    if (!this.names.includes(name)) throw new ProgramError('no-entry', `the reactor exports no function \`${name}\``)
    if (this.#result !== null) throw new ProgramError('ended', 'the reactor has ended')
    const answer = this.#enter(() => (this.#exports[name] as (...args: readonly ComponentValue[]) => unknown)(...args))
    if (!this.isAlive) throw new ProgramError('ended', `the reactor has ended: ${this.end().reason}`)
    return answer
  }

  /** Ends it, if it has not ended by itself, and says how it has. Its descriptors are closed and nothing is left. */
  end(): WasiResult {
    if (this.#result === null) this.#finish({ kind: 'exited', status: 0 })
    return this.#result!
  }

  #begin(): void {
    let first
    try {
      first = this.#lifetime.next()
    } catch (error) {
      return this.#finish(endingOf(error))
    }
    if (first.done === true) return this.#finish(first.value)
    this.#run = first.value as Run
    this.#run.process.enter = (step) => this.#enterFromOutside(step)
    this.#enter(() => {
      this.#exports = bringToLife(this.#run!)
      ;(this.#exports._initialize as (() => void) | undefined)?.()
    })
  }

  /** For JavaScript that holds a resource or a stream of the program; within a call that is some of the call. */
  #enterFromOutside(step: () => unknown): void {
    if (this.#isInside) return void step()
    if (!this.isAlive) throw new ProgramError('ended', 'the reactor has ended')
    this.#enter(step)
    if (!this.isAlive) throw new ProgramError('ended', `the reactor has ended: ${this.end().reason}`)
  }

  /** Runs some of the program; if the program ends, so does the task. */
  #enter<T>(step: () => T): T | undefined {
    const { process } = this.#run!
    this.#budget.restart()
    this.#isInside = true
    try {
      const answer = step()
      if (process.ending === null) return answer
    } catch (error) {
      // what the caller has given is not what the export takes
      if (process.ending === null && error instanceof ProgramError && error.code === 'bad-value') throw error
      process.ending ??= endingOf(error)
    } finally {
      this.#isInside = false
    }
    // through all that stands behind the program in its life
    let last: Ending = process.ending
    try {
      const step2 = this.#lifetime.next(last)
      if (step2.done === true) last = step2.value
    } catch (error) {
      last = endingOf(error)
    }
    this.#finish(last)
    return undefined
  }

  #finish(ending: Ending): void {
    const reason = this.#life.end(ending)
    this.#life.release()
    const { calls, output } = this.#budget
    const { spent: time } = this.#budget
    this.#result = resultOf(this.task, reason, { calls, output, pages: this.#life.pages, time })
    this.#kernel.sys.wait4(this.#parent, this.task.pid, ref(0), 0, null)
  }
}
