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

/** Judges what a member came to: the int32 it stands for. */
interface Judge {
  said(member: ChainMember, value: unknown, args: readonly unknown[]): number
  threw(member: ChainMember, error: unknown, args: readonly unknown[]): number
}

/**
 * A member that answers with an int32 and never throws, by its number of parameters: to collect and spread arguments
 * would cost more than most members do. Hooks with an explicit function have two to five.
 */
const GUARDED: Readonly<Record<number, (judge: Judge, member: ChainMember) => Guarded['fn']>> = {
  2: (judge, member) => (a, b) => {
    let value: unknown
    try {
      value = member.fn(a, b)
    } catch (error) {
      return judge.threw(member, error, [a, b])
    }
    return judge.said(member, value, [a, b])
  },
  3: (judge, member) => (a, b, c) => {
    let value: unknown
    try {
      value = member.fn(a, b, c)
    } catch (error) {
      return judge.threw(member, error, [a, b, c])
    }
    return judge.said(member, value, [a, b, c])
  },
  4: (judge, member) => (a, b, c, d) => {
    let value: unknown
    try {
      value = member.fn(a, b, c, d)
    } catch (error) {
      return judge.threw(member, error, [a, b, c, d])
    }
    return judge.said(member, value, [a, b, c, d])
  },
  5: (judge, member) => (a, b, c, d, e) => {
    let value: unknown
    try {
      value = member.fn(a, b, c, d, e)
    } catch (error) {
      return judge.threw(member, error, [a, b, c, d, e])
    }
    return judge.said(member, value, [a, b, c, d, e])
  },
}

export class Walker implements Judge {
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

  guard(chain: readonly ChainMember[]): readonly Guarded[] {
    const guarded = GUARDED[this.#slot.def.nparams]!
    return chain.map((member) => ({ lsm: member.lsm, id: member.id, fn: guarded(this, member) }))
  }

  said({ lsm, range }: ChainMember, value: unknown, args: readonly unknown[]): number {
    const { name, reporter } = this.#slot
    const rc = reporter.int(name, lsm, range, value, args)
    this.#spoken = { lsm, rc, args }
    return rc
  }

  threw({ lsm }: ChainMember, error: unknown, args: readonly unknown[]): number {
    const { name, reporter } = this.#slot
    const rc = reporter.thrown(name, lsm, error, args)
    this.#spoken = { lsm, rc, args }
    return rc
  }

  /** What came out is reported as the decision of the LSM that said it last. */
  #told(rc: number): number {
    const { name, def, reporter } = this.#slot
    const by = this.#spoken
    if (by !== null && by.rc === rc && rc !== def.default) reporter.settled(name, by.lsm, rc, by.args)
    return rc
  }
}
