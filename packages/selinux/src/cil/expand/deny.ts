/**
 * deny: what it names is taken out of every allow rule, which is split into rules on what is left. Attributes are made
 * for sets that have none. The cases are those of libsepol, so that the rules come out the same.
 */
import { allBits, count, difference, intersection, isEqual, isNone, list } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { AvRule, Facts, RuleTarget } from '../resolve/facts.ts'
import type { Effort } from '../effort.ts'
import type { Names } from '../names.ts'
import type { Declared } from '../resolve/scope.ts'
import { Attribute, USED_IN_RULE } from '../resolve/symbols.ts'
import type { ClassMask } from '../resolve/symbols.ts'
import type { ClassMasks } from './class-masks.ts'
import { bitsOf, sharePair, typesOf } from './pairs.ts'

export interface DenyOptions {
  /** Attributes made for fewer types are written out. */
  readonly expandSize: number
  readonly effort: Effort
}

export const applyDenies = (names: Names, facts: Facts, masks: ClassMasks, options: DenyOptions): void => {
  if (facts.denies.length === 0) return
  const splitter = new Splitter(names, facts, masks, options)
  const lists = [facts.always.rules, ...facts.booleanIfs.flatMap(
    ({ whenTrue, whenFalse }) => [whenTrue.rules, whenFalse.rules])]
  for (const deny of facts.denies) for (const rules of lists) splitter.apply(deny, rules)
}

/** Attributes by a hash of their types, in the order in which they were added. */
class AttributesBySet {
  readonly #buckets = new Map<number, Attribute[]>()

  add(attribute: Attribute): void {
    const hash = hashOf(attribute.bits!)
    const bucket = this.#buckets.get(hash)
    if (bucket === undefined) this.#buckets.set(hash, [attribute])
    else bucket.push(attribute)
  }

  /** Those that may have just these types. */
  of(bits: Bits): readonly Attribute[] {
    return this.#buckets.get(hashOf(bits)) ?? []
  }
}

/** Sets of one content have one hash, however many words they have room for. */
const hashOf = (bits: Bits): number => {
  let hash = 0
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] !== 0) hash = Math.imul(hash ^ bits[i]! ^ (i << 16), 0x9e3779b1) ^ (hash >>> 15)
  }
  return hash
}

/** Steps that comparing a deny rule, or a set, with one of many takes. */
const COMPARED = 4

class Splitter {
  readonly #names: Names
  readonly #facts: Facts
  readonly #masks: ClassMasks
  readonly #expandSize: number
  readonly #effort: Effort
  readonly #attributes = new AttributesBySet()

  constructor(names: Names, facts: Facts, masks: ClassMasks, { expandSize, effort }: DenyOptions) {
    this.#names = names
    this.#facts = facts
    this.#masks = masks
    this.#expandSize = expandSize
    this.#effort = effort
    for (const attribute of facts.typeAttributes) this.#attributes.add(attribute)
  }

  apply(deny: AvRule, rules: AvRule[]): void {
    // one type has no others: that takes nothing away, and yet splits rules on others
    const isAlone = deny.target === 'other' && this.#size(deny.source) < 2
    const denied = byClass(this.#masks.of(deny.permissions))
    this.#effort.node = deny.node
    this.#effort.spend(rules.length * COMPARED)
    const result: AvRule[] = []
    let isChanged = false
    for (const rule of rules) {
      const isMissed = isAlone && rule.target !== 'other'
      if (rule.kind !== 'allow' || isMissed ||
        !sharePair(rule.source, rule.target, deny.source, deny.target, { emptyMeetsItself: true })) {
        result.push(rule)
        continue
      }
      const allowed = byClass(this.#masks.of(rule.permissions))
      const common = combine(allowed, denied, (a, b) => a & b)
      if (common.length === 0) {
        result.push(rule)
        continue
      }
      isChanged = true
      const left = combine(allowed, denied, (a, b) => a & ~b)
      if (left.length > 0) result.push({ ...rule, permissions: left })
      this.#split(rule, deny, (source, target) => {
        if (source !== null && target !== null) result.push({ ...rule, source, target, permissions: common })
      })
    }
    if (!isChanged) return
    rules.length = 0
    for (const rule of result) rules.push(rule)
  }

  /** Adds rules on the pairs that the allow rule has and the deny rule has not. */
  #split(rule: AvRule, deny: AvRule, add: (source: Declared | null, target: RuleTarget | null) => void): void {
    const { source: s1, target: t1 } = rule
    const { source: s2, target: t2 } = deny
    const s3 = this.#without(s1, s2)
    add(s3, t1)
    if ((t1 === 'self' && t2 === 'self') || (t1 === 'notself' && t2 === 'notself')) return
    const s4 = this.#both(s1, s2)
    if (t1 === 'notself') {
      if (t2 === 'other') return add(s4, this.#allBut(s2))
      const [s5, s6, ta] = [this.#without(s4, t2 as Declared), this.#both(s4, t2 as Declared),
        this.#allBut(t2 as Declared)]
      add(s6, ta)
      add(s5, this.#without(ta, s4))
      if (this.#size(s5) > 1) add(s5, 'other')
    } else if (t1 === 'other') {
      add(s3, s4)
      if (t2 === 'notself') return
      if (t2 === 'other') return add(s4, s3)
      const [s5, s6] = [this.#without(s4, t2 as Declared), this.#both(s4, t2 as Declared)]
      add(s6, this.#without(s1, t2 as Declared))
      add(s5, this.#without(s3, t2 as Declared))
      if (this.#size(s5) > 1) add(s5, 'other')
    } else if (t2 === 'notself' || t2 === 'other') {
      add(this.#both(s4, t1 as Declared), 'self')
      if (t2 === 'other') add(s4, this.#without(t1 as Declared, s2))
    } else if (t1 === 'self') add(this.#without(s4, t2 as Declared), 'self')
    else if (t2 === 'self') {
      const s8 = this.#both(s4, t1)
      add(this.#without(s4, t1), t1)
      add(s8, this.#without(t1, s4))
      if (this.#size(s8) > 1) add(s8, 'other')
    } else add(s4, this.#without(t1, t2))
  }

  #size(symbol: Declared | null): number {
    return symbol === null ? 0 : symbol instanceof Attribute ? count(symbol.bits!) : 1
  }

  #bits(symbol: Declared): Bits {
    const size = this.#facts.types.length
    this.#effort.spend(size >>> 5)
    return bitsOf(typesOf(symbol), size)
  }

  #allBut(symbol: Declared): Declared | null {
    return this.#symbolFor(difference(allBits(this.#facts.types.length), this.#bits(symbol)))
  }

  #without(a: Declared | null, b: Declared | null): Declared | null {
    if (b === null) return a
    if (a === null || a === b) return null
    return this.#symbolFor(difference(this.#bits(a), this.#bits(b)))
  }

  #both(a: Declared | null, b: Declared | null): Declared | null {
    if (a === b) return a
    if (a === null || b === null) return null
    return this.#symbolFor(intersection(this.#bits(a), this.#bits(b)))
  }

  /** Of several attributes outside of blocks the one that libsepol comes to last in its table of names. */
  #known(bits: Bits): Attribute | null {
    let found: Attribute | null = null
    let last = -1
    const candidates = this.#attributes.of(bits)
    this.#effort.spend((bits.length >>> 2) + candidates.length * COMPARED)
    for (const attribute of candidates) {
      if (!isEqual(attribute.bits!, bits)) continue
      const isInBlock = attribute.home !== null && attribute.home.parent !== null
      const place = isInBlock ? -1 : bucketOf(this.#names.text(attribute.name))
      if (place <= last) continue
      found = attribute
      last = place
    }
    return found
  }

  /** The type, attribute or new attribute of just these types; null of none. */
  #symbolFor(bits: Bits): Declared | null {
    if (isNone(bits)) return null
    const members = list(bits)
    if (members.length === 1) return this.#facts.types[members[0]!]!
    const known = this.#known(bits)
    if (known !== null) return known
    const name = this.#names.of(`deny_rule_attr_${this.#facts.types.length + this.#facts.typeAttributes.length}`)
    const made = new Attribute('typeattribute', name, null, this.#facts.types[0]!.node)
    made.bits = bits
    this.#effort.keep(this.#facts.types.length)
    made.used = USED_IN_RULE
    made.isKept = members.length >= this.#expandSize
    this.#facts.typeAttributes.push(made)
    this.#facts.typeOrder.push(made)
    this.#attributes.add(made)
    return made
  }
}

/** Buckets of the table of types in libsepol. */
const BUCKETS = 1 << 13
/** Its hash of names, DJB2a. */
const bucketOf = (name: string): number => {
  let hash = 5381
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash, 33) ^ byte
  return hash & (BUCKETS - 1)
}

const byClass = (masks: readonly ClassMask[]): ReadonlyMap<ClassMask['tclass'], number> => {
  const joined = new Map<ClassMask['tclass'], number>()
  for (const { tclass, mask } of masks) joined.set(tclass, (joined.get(tclass) ?? 0) | mask)
  return joined
}

const combine = (a: ReadonlyMap<ClassMask['tclass'], number>, b: ReadonlyMap<ClassMask['tclass'], number>,
  join: (a: number, b: number) => number): ClassMask[] =>
  [...a].map(([tclass, mask]) => ({ tclass, mask: join(mask, b.get(tclass) ?? 0) })).filter(({ mask }) => mask !== 0)
