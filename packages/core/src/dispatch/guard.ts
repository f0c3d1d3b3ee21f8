/**
 * Hooks with an explicit function: its members are guarded first, and its decision is reported like that of a
 * chain.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Guarded, Walk } from '../special/shape.ts'
import type { Frame } from '../special/shape.ts'
import type { ChainMember } from './chain-member.ts'
import type { Slot } from './slot.ts'

/** Who spoke last in the walk that is under way, and what it had been asked. */
interface Spoken {
  readonly lsm: string
  readonly rc: number
  readonly args: readonly unknown[]
}

export class Walker {
  readonly #slot: Slot
  #spoken: Spoken | null = null
  /** The framework function. None of them has more than five parameters. */
  readonly entry: HookFn

  constructor(slot: Slot, walk: Walk, frame: Frame) {
    this.#slot = slot
    const run = walk(() => slot.guarded, frame)
    this.entry = (a, b, c, d, e) => {
      this.#spoken = null
      return this.#told(run(a, b, c, d, e) as number)
    }
  }

  /** Members that answer with an int32 and never throw. */
  guard(chain: readonly ChainMember[]): readonly Guarded[] {
    return chain.map(({ lsm, id, fn, range }) => ({
      lsm,
      id,
      fn: (...args) => {
        const rc = this.#ask(fn, lsm, range, args)
        this.#spoken = { lsm, rc, args }
        return rc
      },
    }))
  }

  /** What came out is reported as the decision of the LSM that said it last. */
  #told(rc: number): number {
    const { name, def, reporter } = this.#slot
    const by = this.#spoken
    if (by !== null && by.rc === rc && rc !== def.default) reporter.settled(name, by.lsm, rc, by.args)
    return rc
  }

  #ask(fn: HookFn, lsm: string, range: ChainMember['range'], args: readonly unknown[]): number {
    const { name, reporter } = this.#slot
    let value: unknown
    try {
      value = fn(...args)
    } catch (error) {
      return reporter.thrown(name, lsm, error, args)
    }
    return reporter.int(name, lsm, range, value, args)
  }
}
