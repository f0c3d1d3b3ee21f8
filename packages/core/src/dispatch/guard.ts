/**
 * Hooks with an explicit function: its members are guarded first, and its decision is reported like that of a
 * chain.
 */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Walk } from '../special/shape.ts'
import type { Guarded } from './slot.ts'
import type { Frame } from '../special/shape.ts'
import type { ChainMember } from './slot.ts'
import type { Slot } from './slot.ts'

/** Takes what a member came to, and gives the int32 it stands for. */
interface Judge {
  /** 0, the most frequent answer, is beyond question. */
  zero(member: ChainMember): number
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
    return value === 0 ? judge.zero(member) : judge.said(member, value, [a, b])
  },
  3: (judge, member) => (a, b, c) => {
    let value: unknown
    try {
      value = member.fn(a, b, c)
    } catch (error) {
      return judge.threw(member, error, [a, b, c])
    }
    return value === 0 ? judge.zero(member) : judge.said(member, value, [a, b, c])
  },
  4: (judge, member) => (a, b, c, d) => {
    let value: unknown
    try {
      value = member.fn(a, b, c, d)
    } catch (error) {
      return judge.threw(member, error, [a, b, c, d])
    }
    return value === 0 ? judge.zero(member) : judge.said(member, value, [a, b, c, d])
  },
  5: (judge, member) => (a, b, c, d, e) => {
    let value: unknown
    try {
      value = member.fn(a, b, c, d, e)
    } catch (error) {
      return judge.threw(member, error, [a, b, c, d, e])
    }
    return value === 0 ? judge.zero(member) : judge.said(member, value, [a, b, c, d, e])
  },
}

const NO_ARGS: readonly unknown[] = []

export class Walker implements Judge {
  readonly #slot: Slot
  // who spoke last in the walk that is under way, what it said, and what it had been asked unless that was 0
  #speaker = ''
  #rc = 0
  #args = NO_ARGS
  /** The framework function. None of them has more than five parameters. */
  readonly entry: HookFn

  constructor(slot: Slot, walk: Walk, frame: Frame) {
    this.#slot = slot
    const run = walk(() => slot.guarded, frame)
    this.entry = (a, b, c, d, e) => {
      this.#speaker = ''
      return this.#told(run(a, b, c, d, e) as number)
    }
  }

  guard(chain: readonly ChainMember[]): readonly Guarded[] {
    const guarded = GUARDED[this.#slot.def.nparams]!
    return chain.map((member) => ({ lsm: member.lsm, id: member.id, fn: guarded(this, member) }))
  }

  zero({ lsm }: ChainMember): number {
    this.#speaker = lsm
    return (this.#rc = 0)
  }

  said({ lsm, range }: ChainMember, value: unknown, args: readonly unknown[]): number {
    const { name, reporter } = this.#slot
    return this.#spoke(lsm, reporter.int(name, lsm, range, value, args), args)
  }

  threw({ lsm }: ChainMember, error: unknown, args: readonly unknown[]): number {
    const { name, reporter } = this.#slot
    return this.#spoke(lsm, reporter.thrown(name, lsm, error, args), args)
  }

  #spoke(lsm: string, rc: number, args: readonly unknown[]): number {
    this.#speaker = lsm
    this.#args = args
    return (this.#rc = rc)
  }

  /** The result is reported as the decision of the LSM that gave it last. */
  #told(rc: number): number {
    const { name, def, reporter } = this.#slot
    if (this.#speaker === '' || this.#rc !== rc || rc === def.default) return rc
    reporter.settled(name, this.#speaker, rc, rc === 0 ? NO_ARGS : this.#args)
    return rc
  }
}
