/** The results of rules, as numbers that cells hold: masks of permissions, sets of extended ones, names. */
import { allBits, isEqual, list, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Xperms } from '../../policydb/avtab.ts'
import { AVTAB_XPERMS_IOCTLDRIVER } from '../../policydb/constants.ts'
import type { PolicyView } from '../view.ts'
import type { Algebra } from './cells.ts'
import { Interned } from './interned.ts'
import { sides } from './policy-pair.ts'
import type { PolicyPair, Side } from './policy-pair.ts'

/** Permissions by bit. */
type Numbering = readonly (string | undefined)[]

interface ClassPair {
  readonly before: Numbering
  readonly after: Numbering
  readonly isAligned: boolean
}

const numbering = (view: PolicyView, tclass: string): Numbering => {
  const item = view.policy.classes.items.find(({ name }) => name === tclass)
  return item === undefined ? [] : view.names.permissions[item.value]!
}

/** Masks, each in the numbering of its own policy: the two may name other permissions by one bit. */
export class Masks implements Algebra {
  readonly #pair: PolicyPair
  readonly #classOf: (layer: number) => string
  readonly #known: ClassPair[] = []

  constructor(pair: PolicyPair, classOf: (layer: number) => string) {
    this.#pair = pair
    this.#classOf = classOf
  }

  join(a: number, b: number): number {
    return (a | b) >>> 0
  }

  without(conditional: number, unconditional: number): number {
    return (conditional & ~unconditional) >>> 0
  }

  isSame(layer: number, before: number, after: number): boolean {
    if (this.#of(layer).isAligned) return before === after
    const names = new Set(this.names(layer, 'before', before))
    const now = this.names(layer, 'after', after)
    return names.size === now.length && now.every((name) => names.has(name))
  }

  /** Sorted; a bit without a name shows as a number. */
  names(layer: number, side: Side, mask: number): string[] {
    const known = this.#of(layer)[side]
    const found: string[] = []
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest)
      found.push(known[bit] ?? `#${bit}`)
    }
    return found.sort()
  }

  #of(layer: number): ClassPair {
    return this.#known[layer] ??= this.#pairOf(this.#classOf(layer))
  }

  #pairOf(tclass: string): ClassPair {
    const [before, after] = sides.map((side) => numbering(this.#pair[side], tclass)) as [Numbering, Numbering]
    const longest = Math.max(before.length, after.length)
    const isAligned = Array.from({ length: longest }, (_, bit) => before[bit] === after[bit]).every(Boolean)
    return { before, after, isAligned }
  }
}

/** Of what cannot be joined, the first rule counts. */
export const firstOnly: Algebra = {
  join: (a) => a,
  without: (conditional) => conditional,
  isSame: (_, before, after) => before === after,
}

/** By driver: 256 bits. */
type XpermSet = ReadonlyMap<number, Bits>

const DRIVER = 256

/** Sets of extended permissions: equal ones have one number. */
export class XpermSets implements Algebra {
  readonly #sets = new Interned<XpermSet>()
  readonly #joined = new Map<string, number>()

  of({ kind, driver, bits }: Xperms): number {
    const drivers = kind === AVTAB_XPERMS_IOCTLDRIVER ? list(bits) : null
    return this.#enter(new Map(drivers?.map((each) => [each, allBits(DRIVER)]) ?? [[driver, bits]]))
  }

  join(a: number, b: number): number {
    const key = `${a} ${b}`
    let known = this.#joined.get(key)
    if (known === undefined) {
      const both = new Map(this.#sets.at(a))
      for (const [driver, bits] of this.#sets.at(b)) {
        const mine = both.get(driver)
        both.set(driver, mine === undefined || isEqual(mine, bits) ? bits : union(mine.slice(), bits))
      }
      known = this.#enter(both)
      this.#joined.set(key, known)
    }
    return known
  }

  without(conditional: number): number {
    return conditional
  }

  isSame(_layer: number, before: number, after: number): boolean {
    return before === after
  }

  /** Ascending. */
  numbers(set: number): number[] {
    return ordered(this.#sets.at(set)).flatMap(([driver, bits]) => list(bits).map((bit) => driver * DRIVER + bit))
  }

  #enter(set: XpermSet): number {
    const text = ordered(set).map(([driver, bits]) => `${driver}:${bits.join(',')}`).join(' ')
    return this.#sets.of(text, () => set)
  }
}

const ordered = (set: XpermSet): (readonly [number, Bits])[] => [...set].sort(([a], [b]) => a - b)
