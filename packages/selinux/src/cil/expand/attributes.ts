/** Attributes of types, roles and users: who is in them, and which of them the policy keeps as attributes. */
import { bitsFor, count, hasBit, setBit, union } from '../../bits.ts'
import type { Effort } from '../effort.ts'
import { W } from '../keywords.ts'
import { forEachName } from '../resolve/expression.ts'
import type { Facts } from '../resolve/facts.ts'
import type { Tree } from '../parse.ts'
import { CilError } from '../errors.ts'
import type { Declared } from '../resolve/scope.ts'
import {
  Attribute, EXPAND_FALSE, EXPAND_TRUE, USED_IN_CONSTRAINT, USED_IN_NEVERALLOW, USED_IN_RULE,
} from '../resolve/symbols.ts'
import type { Atom } from '../resolve/symbols.ts'
import { finishInOrder } from './dependencies.ts'
import type { Made } from './dependencies.ts'
import { addSet } from './sets.ts'
import type { Universe } from './sets.ts'

/** Attributes that a compiler from another language made for an expression. */
const GENERATED = '_typeattr_'

export interface AttributeOptions {
  /** Rules on attributes with fewer members are written out. */
  readonly expandSize: number
  /** Attributes made by a compiler are written out. */
  readonly expandGenerated: boolean
  readonly effort: Effort
}

export const evaluateAttributes = (tree: Tree, facts: Facts, options: AttributeOptions): void => {
  const { effort } = options
  evaluate(tree, facts.typeAttributes, facts.types.length, effort)
  evaluate(tree, facts.roleAttributes, facts.roles.length, effort)
  evaluate(tree, facts.userAttributes, facts.users.length, effort)
  markNeverallow(tree, facts.typeAttributes)
  for (const attribute of facts.typeAttributes) attribute.isKept = isKept(tree, attribute, options)
  for (const { a: role, b: type } of facts.roleTypes) addMembers(facts.roles, role, type, facts.types.length, effort)
  for (const { a: user, b: role } of facts.userRoles) addMembers(facts.users, user, role, facts.roles.length, effort)
}

const attributesIn = ({ sets }: Attribute): Attribute[] => {
  const found = new Set<Attribute>()
  for (const set of sets) forEachName(set, (symbol) => void (symbol instanceof Attribute && found.add(symbol)))
  return [...found]
}

const evaluate = (tree: Tree, attributes: readonly Attribute[], size: number, effort: Effort): void => {
  const universe: Universe = {
    size,
    effort,
    members: (symbol) => symbol instanceof Attribute ? symbol.bits! : symbol.value,
    range: () => bitsFor(size),
  }
  const made: Made<Attribute> = {
    isDone: ({ bits }) => bits !== null,
    parts: attributesIn,
    finish(attribute) {
      effort.keep(size)
      const bits = bitsFor(size)
      for (const set of attribute.sets) addSet(bits, set, universe)
      attribute.bits = bits
    },
    circle(attribute) {
      throw new CilError('circular', `attribute \`${tree.names.text(attribute.name)}\` contains itself`,
        tree.place(attribute.node))
    },
  }
  for (const attribute of attributes) finishInOrder(attribute, made)
}

const isGenerated = (tree: Tree, attribute: Attribute): boolean => tree.names.text(attribute.name).includes(GENERATED)

/** Attributes made for a neverallow are written out, and those that they are made of count as named by it. */
const markNeverallow = (tree: Tree, attributes: readonly Attribute[]): void => {
  const isMade = (attribute: Attribute): boolean => isGenerated(tree, attribute)
  const written = new Set(attributes.filter((attribute) => (attribute.used & USED_IN_NEVERALLOW) !== 0 &&
    isMade(attribute)))
  // Whoever is added on the way is visited too.
  for (const attribute of written) {
    for (const part of attributesIn(attribute)) {
      if (isMade(part)) written.add(part)
      else part.used |= USED_IN_NEVERALLOW
    }
  }
}

const isKept = (tree: Tree, attribute: Attribute, { expandSize, expandGenerated }: AttributeOptions): boolean => {
  const { used } = attribute
  if (used === 0) return false
  if ((used & EXPAND_FALSE) !== 0) return true
  if ((used & EXPAND_TRUE) !== 0) return false
  if ((used & USED_IN_CONSTRAINT) !== 0) return true
  if (expandGenerated || used === USED_IN_NEVERALLOW) {
    if (attribute.name === W.cil_gen_require || isGenerated(tree, attribute)) return false
    if (used === USED_IN_NEVERALLOW) return true
  }
  return !(used === USED_IN_RULE && count(attribute.bits!) < expandSize)
}

const addMembers = (
  owners: readonly Atom[], owner: Declared, member: Declared, size: number, effort: Effort,
): void => {
  const add = (atom: Atom): void => {
    if (atom.members === null) {
      effort.keep(size)
      atom.members = bitsFor(size)
    }
    if (member instanceof Attribute) union(atom.members, member.bits!)
    else setBit(atom.members, member.value)
    effort.spend(member instanceof Attribute ? size >>> 5 : 1)
  }
  if (!(owner instanceof Attribute)) return add(owner as Atom)
  effort.spend(owners.length)
  for (const atom of owners) if (hasBit(owner.bits!, atom.value)) add(atom)
}
