/** Hooks with an explicit function: its members are guarded first, and its decision is reported like that of a chain. */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Guarded, Walk } from '../special/shape.ts'
import type { Frame } from '../special/shape.ts'
import type { ChainMember } from './chain-member.ts'
import type { Slot } from './slot.ts'

/** Who spoke last in the walk that is under way. */
interface Spoken {
  lsm: string
  rc: number
}

/** No hook with an explicit function has more parameters. */
type Five = [a: unknown, b: unknown, c: unknown, d: unknown, e: unknown]

export class Walker {
  readonly #slot: Slot
  #spoken: Spoken | null = null
  readonly entry: HookFn

  constructor(slot: Slot, walk: Walk, frame: Frame) {
    this.#slot = slot
    const run = walk(() => slot.guarded, frame)
    this.entry = (...args: Five) => {
      this.#spoken = null
      const rc: number = run(...args)
      const by = this.#spoken as Spoken | null
      if (by !== null && by.rc === rc && rc !== slot.def.default) slot.reporter.settled(slot.name, by.lsm, rc, args)
      return rc
    }
  }

  /** Members that answer with an int32 and never throw. */
  guard(chain: readonly ChainMember[]): readonly Guarded[] {
    return chain.map(({ lsm, id, fn, range }) => ({
      lsm,
      id,
      fn: (...args: Five) => {
        const rc = this.#ask(fn, lsm, range, args)
        this.#spoken = { lsm, rc }
        return rc
      },
    }))
  }

  #ask(fn: HookFn, lsm: string, range: ChainMember['range'], args: Five): number {
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
