/** The pairs of types a rule is about, as sets: enough to ask what two rules have in common. */
import { bitsFor, count, hasBit, intersection, intersects, isNone, setBit, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { RuleTarget } from '../resolve/facts.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { Declared } from '../resolve/symbols.ts'

export class TypeSets {
  readonly size: number
  private readonly singles = new Map<Declared, Bits>()

  private readonly emptyMeetsItself: boolean

  /** `emptyMeetsItself`: as deny rules of libsepol see it, an attribute without types has itself in common. */
  constructor(size: number, { emptyMeetsItself = false } = {}) {
    this.size = size
    this.emptyMeetsItself = emptyMeetsItself
  }

  of(symbol: Declared): Bits {
    if (symbol instanceof Attribute) return symbol.bits!
    let bits = this.singles.get(symbol)
    if (bits === undefined) {
      bits = bitsFor(this.size)
      setBit(bits, symbol.value)
      this.singles.set(symbol, bits)
    }
    return bits
  }

  private touches(a: Declared, b: Declared): boolean {
    if (a === b) return this.emptyMeetsItself || !(a instanceof Attribute) || !isNone(a.bits!)
    if (a instanceof Attribute) return b instanceof Attribute ? intersects(a.bits!, b.bits!) : hasBit(a.bits!, b.value)
    return b instanceof Attribute && hasBit(b.bits!, a.value)
  }

  /** Whether two rules share a pair of source and target. */
  share(s1: Declared, t1: RuleTarget, s2: Declared, t2: RuleTarget): boolean {
    if (!this.touches(s1, s2)) return false
    if (typeof t1 !== 'string' && typeof t2 !== 'string') return this.touches(t1, t2)
    if (t1 === 'self' || t2 === 'self') {
      const other = t1 === 'self' ? t2 : t1
      if (other === 'self') return true
      if (typeof other === 'string') return false
      return intersects(intersection(this.of(s1), this.of(s2)), this.of(other))
    }
    // As libsepol: that two rules both leave out their own source is enough, even if nothing is left.
    if (typeof t1 === 'string' && typeof t2 === 'string') return true
    // A target that excludes the source: some pair of two different types must be left.
    const [special, source, target] = typeof t1 === 'string' ? [t1, s1, t2 as Declared] : [t2, s2, t1]
    const targets = special === 'other' ? intersection(this.of(target), this.of(source)) : this.of(target)
    return hasDifferent(intersection(this.of(s1), this.of(s2)), targets)
  }
}

/** Whether one of `a` and another one of `b` differ. */
export const hasDifferent = (a: Bits, b: Bits): boolean => !isNone(a) && !isNone(b) && count(union(a.slice(), b)) > 1
