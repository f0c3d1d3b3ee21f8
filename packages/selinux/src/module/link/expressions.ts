/**
 * Expressions of attributes that a compiler made. A binary policy has its types and no longer the expression
 * (`{ domain -unconfined_domain }`), so whether a new type belongs to it follows from the attributes that have the
 * same types.
 */
import { contains, count, difference, intersection, intersects, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { AttributeSet, Members } from './members.ts'

/** Fewer types than this in common show nothing: they may be named one by one. */
const FEWEST = 3
/** Such a part of an attribute has to be in the set for the attribute to stand in its expression. */
const PART = 0.5

export interface Expression {
  /** An attribute, or null of all types. */
  readonly of: AttributeSet | null
  /** Attributes that are left out. */
  readonly without: readonly AttributeSet[]
}

/** A union of attributes, each less others, that covers the set as far as attributes can. */
export const expressionOf = (set: Bits, named: readonly AttributeSet[], all: Bits): Expression[] => {
  const size = count(set)
  if (size < FEWEST) return []
  // A set inside of an attribute is a part of the attribute, however large.
  const isComplement = size > count(all) * PART && !named.some(({ bits }) => contains(bits, set))
  const outside = named.filter(({ bits, size: own }) => own > 0 && !intersects(bits, set))
  const inside = named.map((attribute) => ({ attribute, shared: count(intersection(attribute.bits, set)) }))
    .filter(({ attribute, shared }) => shared >= FEWEST && shared >= attribute.size * PART)
    .sort((a, b) => b.shared - a.shared || a.attribute.size - b.attribute.size)
  const parts: Expression[] = []
  const covered = new Uint32Array(set.length)
  if (isComplement) {
    parts.push({ of: null, without: leftOut(difference(all, set), outside) })
    union(covered, set)
  }
  for (const { attribute } of inside) {
    const shared = intersection(attribute.bits, set)
    if (contains(covered, shared)) continue
    union(covered, shared)
    parts.push({ of: attribute, without: leftOut(difference(attribute.bits, set), outside) })
  }
  return parts
}

/** Attributes outside of the set that the exceptions lie in. */
const leftOut = (exceptions: Bits, outside: readonly AttributeSet[]): AttributeSet[] =>
  outside.filter(({ bits }) => intersects(bits, exceptions))

/** Whether a type with these attributes is in the set. */
export const isIn = (expression: readonly Expression[], attributes: ReadonlySet<AttributeSet>): boolean =>
  expression.some(({ of, without }) =>
    (of === null || attributes.has(of)) && !without.some((other) => attributes.has(other)))

/** The named attributes of a policy. */
export const namedOf = (members: Members, isMade: (name: string) => boolean): AttributeSet[] =>
  [...members.attributes.values()].filter(({ name }) => !isMade(name))
