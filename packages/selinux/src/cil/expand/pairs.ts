/** The pairs of types a rule is about, as sets: enough to ask what two rules have in common. */
import { bitsFor, count, hasBit, intersection, intersects, isNone, setBit, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { RuleTarget } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import { Attribute } from '../resolve/symbols.ts'

/** A set of types: the place of one, or bits by place. Most are of one, and thousands of those have no bits. */
export type TypeSet = number | Bits

/** A set without any. */
const NONE: Bits = bitsFor(0)

export const typesOf = (symbol: Declared): TypeSet => symbol instanceof Attribute ? symbol.bits! : symbol.value

export const bitsOf = (set: TypeSet, size: number): Bits => {
  if (typeof set !== 'number') return set
  const bits = bitsFor(size)
  setBit(bits, set)
  return bits
}

export const hasType = (set: TypeSet, type: number): boolean =>
  typeof set === 'number' ? set === type : hasBit(set, type)

export const meet = (a: TypeSet, b: TypeSet): boolean =>
  typeof a === 'number' ? hasType(b, a) : typeof b === 'number' ? hasBit(a, b) : intersects(a, b)

export const common = (a: TypeSet, b: TypeSet): TypeSet =>
  typeof a === 'number' ? hasType(b, a) ? a : NONE : typeof b === 'number' ? common(b, a) : intersection(a, b)

const isEmpty = (set: TypeSet): boolean => typeof set !== 'number' && isNone(set)

/** Whether one of `a` and another one of `b` differ. */
export const hasDifferent = (a: TypeSet, b: TypeSet): boolean => {
  if (isEmpty(a) || isEmpty(b)) return false
  if (typeof a === 'number') return typeof b === 'number' ? a !== b : count(b) > (hasBit(b, a) ? 1 : 0)
  return typeof b === 'number' ? hasDifferent(b, a) : count(union(a.slice(), b)) > 1
}

export interface ShareOptions {
  /** As deny rules of libsepol see it, an attribute without types has itself in common. */
  readonly emptyMeetsItself: boolean
}

const touches = (a: Declared, b: Declared, { emptyMeetsItself }: ShareOptions): boolean =>
  a === b ? emptyMeetsItself || !isEmpty(typesOf(a)) : meet(typesOf(a), typesOf(b))

/** Whether two rules share a pair of source and target. */
export const sharePair = (
  s1: Declared, t1: RuleTarget, s2: Declared, t2: RuleTarget, options: ShareOptions = { emptyMeetsItself: false },
): boolean => {
  if (!touches(s1, s2, options)) return false
  if (typeof t1 !== 'string' && typeof t2 !== 'string') return touches(t1, t2, options)
  const sources = (): TypeSet => common(typesOf(s1), typesOf(s2))
  if (t1 === 'self' || t2 === 'self') {
    const other = t1 === 'self' ? t2 : t1
    if (other === 'self') return true
    if (typeof other === 'string') return false
    return meet(sources(), typesOf(other))
  }
  // As libsepol: that two rules both leave out their own source is enough, even if nothing is left.
  if (typeof t1 === 'string' && typeof t2 === 'string') return true
  // A target that excludes the source: some pair of two different types must be left.
  const [special, source, target] = typeof t1 === 'string' ? [t1, s1, t2 as Declared] : [t2, s2, t1]
  return hasDifferent(sources(), special === 'other' ? common(typesOf(target), typesOf(source)) : typesOf(target))
}
