/**
 * Programs around a framework function: fentry and fexit observers, and fmod_ret programs that may answer in place of
 * all LSMs. In the order of the kernel's trampoline: observers of entry, modifiers until one is not 0, the function,
 * observers of exit. Behind them comes who lets go of what was freed.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Reporter } from '../dispatch/report.ts'

/** Sees the arguments on entry, and on exit also the result; its own return value is ignored. */
export interface Observer {
  readonly entry?: HookFn
  readonly exit?: HookFn
}

/** Name under which programs that belong to no LSM are reported. */
export const TRACING = 'tracing'

/** The programs around a function. */
export interface Around {
  readonly observers?: readonly Observer[]
  readonly modifiers?: readonly HookFn[]
  readonly release?: HookFn | null
}

/** The hook that it is around of. */
interface Hook {
  readonly name: string
  readonly reporter: Reporter
}

export class Trampoline {
  readonly #hook: Hook
  /** Last attached first, each. */
  readonly observers: readonly Observer[]
  readonly modifiers: readonly HookFn[]
  /** Of a free hook: called with the object when all others are done with it. */
  readonly release: HookFn | null

  constructor(hook: Hook, { observers = [], modifiers = [], release = null }: Around = {}) {
    this.#hook = hook
    this.observers = observers
    this.modifiers = modifiers
    this.release = release
  }

  /** The same with other programs. */
  with(change: Around): Trampoline {
    const { observers, modifiers, release } = this
    return new Trampoline(this.#hook, { observers, modifiers, release, ...change })
  }

  get hasPrograms(): boolean {
    return this.observers.length > 0 || this.modifiers.length > 0
  }

  around(inner: HookFn): HookFn {
    const { release } = this
    const traced = this.hasPrograms ? this.#traced(inner) : inner
    if (release === null) return traced
    return function (this: unknown, object: unknown) {
      traced.call(this, object)
      release(object)
    }
  }

  #traced(inner: HookFn): HookFn {
    const run = (self: unknown, args: unknown[]): unknown => {
      for (const { entry } of this.observers) if (entry !== undefined) this.#tell(entry, args)
      const rc = this.#modified(args) ?? (inner.apply(self, args) as unknown)
      for (const { exit } of this.observers) if (exit !== undefined) this.#tell(exit, [...args, rc])
      return rc
    }
    return function (this: unknown, ...args: unknown[]) {
      return run(this, args)
    }
  }

  #tell(program: HookFn, args: readonly unknown[]): void {
    const { name, reporter } = this.#hook
    try {
      program(...args)
    } catch (error) {
      reporter.warn(name, TRACING, error, 'throw', args)
    }
  }

  /** The first answer that is not 0; null when the function itself is to answer. */
  #modified(args: readonly unknown[]): number | null {
    const { name, reporter } = this.#hook
    for (const program of this.modifiers) {
      const rc = this.#ask(program, args)
      if (rc === 0) continue
      reporter.settled(name, TRACING, rc, args)
      return rc
    }
    return null
  }

  #ask(program: HookFn, args: readonly unknown[]): number {
    const { name, reporter } = this.#hook
    let value: unknown
    try {
      value = program(...args)
    } catch (error) {
      return reporter.fault(name, TRACING, error, 'throw', args)
    }
    return reporter.int(name, TRACING, null, value, args)
  }
}
