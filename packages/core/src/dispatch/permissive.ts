/**
 * Modules whose refusals are only recorded. When a function of such a module enters a chain, it is replaced by one that
 * reports a refusal and answers that it has no opinion; functions of modules that enforce are not touched.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import { obeyedBecause } from '../hooks/waivable.ts'
import type { Slot } from './slot.ts'

/** What a refusal can be: -errno. Anything else is no answer of a module and denies as ever. */
const isRefusal = (value: unknown): value is number => typeof value === 'number' && value < 0 && value >= -4095

const waiving = (slot: Slot, lsm: string, fn: HookFn): HookFn =>
  (...args) => {
    const value: unknown = fn(...args)
    if (!isRefusal(value) || value === slot.retry) return value
    slot.reporter.waived(slot.name, lsm, value, args)
    return 0
  }

export class Permissive {
  readonly #names: ReadonlySet<string>
  /** One function for each, so that who compares functions finds it again. */
  readonly #made = new Map<Slot, WeakMap<HookFn, HookFn>>()

  constructor(names: readonly string[]) {
    this.#names = new Set(names)
  }

  /** The function that enters the chain for this LSM: the given function itself for an LSM that enforces. */
  functionFor(slot: Slot, lsm: string, fn: HookFn): HookFn {
    if (!this.#names.has(lsm) || obeyedBecause(slot.name, slot.def) !== null) return fn
    let made = this.#made.get(slot)
    if (made === undefined) this.#made.set(slot, (made = new WeakMap()))
    let waived = made.get(fn)
    if (waived === undefined) made.set(fn, (waived = waiving(slot, lsm, fn)))
    return waived
  }
}
