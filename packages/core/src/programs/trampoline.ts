/**
 * Programs around a framework function: fentry and fexit observers, and fmod_ret programs that may answer in place
 * of all
 * LSMs. In the order of the kernel's trampoline: observers of entry, modifiers until one is not 0, the function,
 * observers of exit.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Slot } from '../dispatch/slot.ts'

/** Sees the arguments on entry, and on exit also the result; what it returns is ignored. */
export interface Observer {
  readonly entry?: HookFn
  readonly exit?: HookFn
}

/** Name under which programs that belong to no LSM are reported. */
export const TRACING = 'tracing'

export class Trampoline {
  readonly #slot: Slot
  /** Last attached first, each. */
  readonly observers: readonly Observer[]
  readonly modifiers: readonly HookFn[]

  constructor(slot: Slot, observers: readonly Observer[], modifiers: readonly HookFn[]) {
    this.#slot = slot
    this.observers = observers
    this.modifiers = modifiers
  }

  around(inner: HookFn): HookFn {
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
    const { name, reporter } = this.#slot
    try {
      program(...args)
    } catch (error) {
      reporter.warn(name, TRACING, error, 'throw', args)
    }
  }

  /** The first answer that is not 0; null when the function itself is to answer. */
  #modified(args: readonly unknown[]): number | null {
    const { name, reporter } = this.#slot
    for (const program of this.modifiers) {
      const rc = this.#ask(program, args)
      if (rc === 0) continue
      reporter.settled(name, TRACING, rc, args)
      return rc
    }
    return null
  }

  #ask(program: HookFn, args: readonly unknown[]): number {
    const { name, reporter } = this.#slot
    let value: unknown
    try {
      value = program(...args)
    } catch (error) {
      return reporter.fault(name, TRACING, error, 'throw', args)
    }
    return reporter.int(name, TRACING, null, value, args)
  }
}
