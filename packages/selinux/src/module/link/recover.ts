/**
 * Recovers statements that the sources of a binary policy make about attributes and the binary no longer shows: places
 * in sets that a compiler worked out, rules on `self`, transitions and roles that it wrote out type by type. A type
 * that joins an attribute gets what all types of the attribute have.
 */
import { contains, count, difference, hasBit, list, setBit } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { AVTAB_ALLOWED } from '../../policydb/constants.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import type { CilWriter } from '../cil/writer.ts'
import { expressionOf, isIn, namedOf } from './expressions.ts'
import type { Expression } from './expressions.ts'
import { Features } from './features.ts'
import type { Feature } from './features.ts'
import { isGenerated, Members } from './members.ts'
import type { AttributeSet } from './members.ts'

/** Two types of an attribute that have the same transition have it by the attribute. */
const FEWEST = 2
/** Of roles and rules on `self`: how unlikely it must be that each type has it for itself (`e ** -9`). */
const UNLIKELY = 9

export interface Recovered {
  readonly type: string
  /** The statement that the sources of the policy make of some attribute. */
  readonly cil: string
  /** The attribute all of whose types have the same, or whose types are in the set. */
  readonly because: string
}

interface Found extends Recovered {
  /** All types of the attribute have it; null of a place in a set. */
  readonly feature: Feature | null
  readonly set: AttributeSet | null
}

/** The types that one has a result with, and the attributes that it has it by. */
interface PairSide {
  readonly others: Bits
  readonly sets: Set<AttributeSet>
  readonly cil: (source: string, target: string) => string
}

/** By type, the attributes that it joins. */
export type Joins = ReadonlyMap<string, readonly string[]>

export class Recovery {
  readonly #members: Members
  readonly #all
  readonly #named: readonly AttributeSet[]
  readonly #features: readonly Feature[]
  readonly #common = new Map<AttributeSet, ReadonlySet<Feature>>()
  readonly #larger = new Map<AttributeSet, readonly AttributeSet[]>()
  readonly #expressions = new Map<AttributeSet, readonly Expression[]>()
  readonly #allowsOf: ReadonlyMap<number, readonly number[]>

  constructor(policy: Policydb, out: CilWriter) {
    this.#members = new Members(policy)
    this.#all = this.#members.empty()
    for (const value of this.#members.types.values()) setBit(this.#all, value)
    this.#named = namedOf(this.#members, isGenerated)
    this.#features = new Features(this.#members, out).all.filter(({ holders }) => count(holders) >= FEWEST)
    const allows = new Map<number, number[]>()
    for (let i = 0; i < policy.avtab.length; i++) {
      if ((policy.avtab.specified[i]! & AVTAB_ALLOWED) === 0) continue
      const known = allows.get(policy.avtab.source[i]!)
      if (known === undefined) allows.set(policy.avtab.source[i]!, [i])
      else known.push(i)
    }
    this.#allowsOf = allows
  }

  /** Statements for every type that joins attributes of the policy. */
  of(joins: Joins): Recovered[] {
    const found = [...joins].flatMap(([type, attributes]) => this.#ofType(type, attributes))
    return [...found, ...this.#amongNew(found)]
  }

  /** Results of two types that are both new: each has the result with all types of an attribute of the other. */
  #amongNew(found: readonly Found[]): Recovered[] {
    const sides = new Map<string, Map<string, PairSide>>()
    for (const { type, feature, set } of found) {
      if (feature === null || feature.pair === null || set === null) continue
      const { key, side, other, cil } = feature.pair
      const types = sides.get(`${side} ${key}`) ?? new Map<string, PairSide>()
      sides.set(`${side} ${key}`, types)
      const known = types.get(type) ?? { others: this.#members.empty(), sets: new Set<AttributeSet>(), cil }
      types.set(type, known)
      setBit(known.others, other)
      known.sets.add(set)
    }
    const isWith = (a: PairSide, b: PairSide): AttributeSet | undefined =>
      [...b.sets].find(({ bits }) => contains(a.others, bits))
    return [...sides].filter(([key]) => key.startsWith('of ')).flatMap(([key, sources]) =>
      [...sources].flatMap(([source, of]) =>
        [...(sides.get(`to ${key.slice(3)}`) ?? [])].flatMap(([target, to]): Recovered[] => {
          const because = isWith(of, to)
          if (because === undefined || isWith(to, of) === undefined) return []
          return [{ type: source, cil: of.cil(source, target), because: because.name }]
        })))
  }

  #ofType(type: string, joined: readonly string[]): Found[] {
    const value = this.#members.types.get(type)
    const before = value === undefined ? [] : this.#members.attributesOf(value)
    const found: Found[] = []
    const own = new Set([...before, ...joined.map((name) => this.#members.attributes.get(name))]
      .filter((set) => set !== undefined))
    const news = [...own].filter((set) => !before.includes(set))
    for (const set of this.#members.attributes.values()) {
      if (!isGenerated(set.name) || own.has(set)) continue
      const expression = this.#expression(set)
      // The sources leave such a type out of the set for another reason.
      if (!isIn(expression, own) || (value !== undefined && isIn(expression, new Set(before)))) continue
      const part = expression.find((each) => isIn([each], own))!
      own.add(set)
      news.push(set)
      const because = part.of?.name ?? 'every type'
      found.push({ type, cil: `(typeattributeset ${set.name} (${type}))`, because, feature: null, set: null })
    }
    return [...found, ...this.#written(type, value, own, news)]
  }

  #expression(set: AttributeSet): readonly Expression[] {
    let expression = this.#expressions.get(set)
    if (expression === undefined) {
      expression = expressionOf(set.bits, this.#named, this.#all)
      this.#expressions.set(set, expression)
    }
    return expression
  }

  #written(
    type: string, value: number | undefined, own: ReadonlySet<AttributeSet>, news: readonly AttributeSet[],
  ): Found[] {
    const found = new Map<Feature, AttributeSet>()
    for (const set of news) {
      for (const feature of this.#featuresOf(set)) {
        if (found.has(feature) || (value !== undefined && hasBit(feature.holders, value))) continue
        if (!this.#isOfLarger(set, feature, own)) found.set(feature, set)
      }
    }
    return Array.from(found, ([feature, set]) =>
      ({ type, cil: feature.cil(type), because: set.name, feature, set }))
  }

  /** Features that all types of an attribute have, where it is likely that they have them by the attribute. */
  #featuresOf(set: AttributeSet): ReadonlySet<Feature> {
    let features = this.#common.get(set)
    if (features === undefined) {
      features = new Set(this.#features.filter((feature) => this.#isTelling(set, feature) &&
        this.#haveAll(set, feature)))
      this.#common.set(set, features)
    }
    return features
  }

  #isTelling({ size }: AttributeSet, { holders, isOwn }: Feature): boolean {
    if (!isOwn) return size >= FEWEST
    return size * Math.log(this.#members.typeCount / count(holders)) > UNLIKELY
  }

  /** An attribute that the type is not in has all of these types, and all of its own have the feature. */
  #isOfLarger(set: AttributeSet, feature: Feature, own: ReadonlySet<AttributeSet>): boolean {
    return this.#largerThan(set).some((other) => !own.has(other) && this.#featuresOf(other).has(feature))
  }

  #largerThan(set: AttributeSet): readonly AttributeSet[] {
    let larger = this.#larger.get(set)
    if (larger === undefined) {
      larger = [...this.#members.attributes.values()].filter((other) =>
        other !== set && other.size >= set.size && contains(other.bits, set.bits))
      this.#larger.set(set, larger)
    }
    return larger
  }

  /** Whether all types of the attribute have the feature. An optimiser leaves out rules that others say too. */
  #haveAll({ bits, size }: AttributeSet, { holders, self }: Feature): boolean {
    if (contains(holders, bits)) return true
    if (self === null) return false
    const without = difference(bits, holders)
    const missing = count(without)
    return missing * 2 < size && list(without).every((type) => this.#mayBySet(type, self))
  }

  #mayBySet(type: number, { tclass, bit }: NonNullable<Feature['self']>): boolean {
    const { avtab } = this.#members.policy
    const sets = [type, ...this.#members.attributesOf(type).map(({ value }) => value)]
    return sets.some((source) => (this.#allowsOf.get(source) ?? []).some((i) => avtab.tclass[i] === tclass &&
      (avtab.datum[i]! & (1 << bit)) !== 0 && sets.includes(avtab.target[i]!)))
  }
}
