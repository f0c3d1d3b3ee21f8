/** Attributes of types, roles and users: who is in them, and which of them the policy keeps as attributes. */
import { bitsFor, count, setBit, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { W } from '../keywords.ts'
import { isOperation } from '../resolve/expression.ts'
import type { Expression } from '../resolve/expression.ts'
import type { Facts } from '../resolve/facts.ts'
import type { Tree } from '../parse.ts'
import { CilError } from '../errors.ts'
import {
  Attribute, EXPAND_FALSE, EXPAND_TRUE, USED_IN_CONSTRAINT, USED_IN_NEVERALLOW, USED_IN_RULE,
} from '../resolve/symbols.ts'
import type { Atom, Declared } from '../resolve/symbols.ts'
import { addSet } from './sets.ts'
import type { Universe } from './sets.ts'

/** Attributes that a compiler from another language made for an expression. */
const GENERATED = '_typeattr_'

export interface AttributeOptions {
  /** Rules on attributes with fewer members are written out. */
  readonly expandSize: number
  /** Attributes made by a compiler are written out. */
  readonly expandGenerated: boolean
}

export const evaluateAttributes = (tree: Tree, facts: Facts, options: AttributeOptions): void => {
  evaluate(tree, facts.typeAttributes, facts.types.length)
  evaluate(tree, facts.roleAttributes, facts.roles.length)
  evaluate(tree, facts.userAttributes, facts.users.length)
  for (const attribute of facts.typeAttributes) {
    if ((attribute.used & USED_IN_NEVERALLOW) !== 0 && isGenerated(tree, attribute)) {
      for (const set of attribute.sets) markNeverallow(tree, set)
    }
  }
  for (const attribute of facts.typeAttributes) attribute.isKept = isKept(tree, attribute, options)
  for (const { a: role, b: type } of facts.roleTypes) addMembers(facts.roles, role, type, facts.types.length)
  for (const { a: user, b: role } of facts.userRoles) addMembers(facts.users, user, role, facts.roles.length)
}

const evaluate = (tree: Tree, attributes: readonly Attribute[], size: number): void => {
  const path = new Set<Attribute>()
  const bitsOf = (attribute: Attribute): Bits => {
    if (attribute.bits !== null) return attribute.bits
    if (path.has(attribute)) {
      throw new CilError('circular', `attribute \`${tree.names.text(attribute.name)}\` contains itself`,
        tree.place(attribute.node))
    }
    path.add(attribute)
    const bits = bitsFor(size)
    for (const set of attribute.sets) addSet(bits, set, universe)
    path.delete(attribute)
    attribute.bits = bits
    return bits
  }
  const universe: Universe = {
    size,
    members: (symbol) => symbol instanceof Attribute ? bitsOf(symbol) : symbol.value,
    range: () => bitsFor(size),
  }
  for (const attribute of attributes) bitsOf(attribute)
}

const isGenerated = (tree: Tree, attribute: Attribute): boolean => tree.names.text(attribute.name).includes(GENERATED)

/** An attribute made for a neverallow is written out, and those that it is made of count as named by it. */
const markNeverallow = (tree: Tree, expression: Expression): void => {
  if (isOperation(expression)) for (const operand of expression.operands) markNeverallow(tree, operand)
  else if (expression instanceof Attribute) {
    if (isGenerated(tree, expression)) for (const set of expression.sets) markNeverallow(tree, set)
    else expression.used |= USED_IN_NEVERALLOW
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

const addMembers = (owners: readonly Atom[], owner: Declared, member: Declared, size: number): void => {
  const add = (atom: Atom): void => {
    atom.members ??= bitsFor(size)
    if (member instanceof Attribute) union(atom.members, member.bits!)
    else setBit(atom.members, member.value)
  }
  if (owner instanceof Attribute) {
    for (const atom of owners) if ((owner.bits![atom.value >>> 5]! & (1 << (atom.value & 31))) !== 0) add(atom)
  } else add(owner as Atom)
}
