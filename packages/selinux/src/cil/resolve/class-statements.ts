/** Classes, permissions, constraints, defaults and the order of what is numbered. */
import { ownValue } from '@lsmkit/abi'
import * as policydb from '../../policydb/constants.ts'
import { constraintOperand } from '../ast/expressions.ts'
import { W } from '../keywords.ts'
import type { ConstraintExpression, Default, Order } from './facts.ts'
import type { Resolver } from './resolver.ts'
import type { StatementResolver } from './rule-statements.ts'
import type { Declared, Flavor, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import * as symbols from './symbols.ts'

export const classPermissionSet: StatementResolver = (r, scope, node) => {
  const named = r.find(scope, spaces.CLASS_PERMISSIONS, r.arg(node, 1)) as symbols.ClassPermissionSymbol | null
  const permissions = named === null ? null : r.classPermissions(scope, r.arg(node, 2))
  if (permissions === null) return false
  if (!r.isTrial) named!.sets.push(...permissions)
  return true
}

export const classMapping: StatementResolver = (r, scope, node) => {
  const map = r.findOf<symbols.ClassSymbol>(scope, spaces.CLASSES, r.arg(node, 1), 'classmap')
  if (map === null) return false
  const atom = r.arg(node, 2)
  const entry = map.permissions.get(r.word(atom))
  if (entry === undefined) return r.optionals.missing(scope, atom, 'entry of the class map called') !== null
  const permissions = r.classPermissions(scope, r.arg(node, 3))
  if (permissions === null) return false
  if (!r.isTrial) entry.mapped.push(...permissions)
  return true
}

const classAndCommon = (r: Resolver, scope: Scope, node: number): readonly symbols.ClassSymbol[] | null => {
  const tclass = r.findOf<symbols.ClassSymbol>(scope, spaces.CLASSES, r.arg(node, 1), 'class')
  const common = tclass === null ? null : r.find(scope, spaces.COMMONS, r.arg(node, 2)) as symbols.ClassSymbol | null
  return common === null ? null : [tclass!, common]
}

/** Names only: `bindCommon` has done the rest. */
export const classCommon: StatementResolver = (r, scope, node) => classAndCommon(r, scope, node) !== null

/**
 * Permissions are looked up in the common from then on. Answers the class; null when a name in it stands for nothing.
 */
export const bindCommon = (r: Resolver, scope: Scope, node: number): symbols.ClassSymbol | null => {
  const [tclass, common] = classAndCommon(r, scope, node) ?? []
  if (tclass === undefined) return null
  if (tclass.common !== null) {
    r.fail('conflict', `class \`${r.tree.text(r.arg(node, 1))}\` has a common already`, node)
  }
  tclass.common = common!
  return tclass
}

export const permissionX: StatementResolver = (r, scope, node) => {
  const symbol = scope.namespace.tables!.get(spaces.XPERMS, r.word(r.arg(node, 1))) as symbols.XpermSymbol
  if (!r.fillXperms(scope, r.arg(node, 2), symbol)) return false
  if (!r.isTrial) r.facts.xperms.push(symbol)
  return true
}

const defaultsOf: Readonly<Record<number, Default['of']>> = {
  [W.defaultuser]: 'user', [W.defaultrole]: 'role', [W.defaulttype]: 'type', [W.defaultrange]: 'range',
}

const ranges: Readonly<Record<string, number>> = {
  'source low': policydb.DEFAULT_SOURCE_LOW, 'source high': policydb.DEFAULT_SOURCE_HIGH,
  'source low-high': policydb.DEFAULT_SOURCE_LOW_HIGH, 'target low': policydb.DEFAULT_TARGET_LOW,
  'target high': policydb.DEFAULT_TARGET_HIGH, 'target low-high': policydb.DEFAULT_TARGET_LOW_HIGH,
  glblub: policydb.DEFAULT_GLBLUB,
}

export const defaultOf: StatementResolver = (r, scope, node) => {
  const of = defaultsOf[r.word(node + 1)]!
  const words = r.tree.children(node, 2).map((atom) => r.tree.text(atom)).join(' ')
  const value = of === 'range' ? ownValue(ranges, words)
    : words === 'source' ? policydb.DEFAULT_SOURCE : words === 'target' ? policydb.DEFAULT_TARGET : undefined
  if (value === undefined) r.fail('bad-value', `\`${words}\` is not a default`, r.arg(node, 2))
  const list = r.arg(node, 1)
  const classes: symbols.ClassSymbol[] = []
  for (const atom of r.tree.isList(list) ? r.tree.children(list) : [list]) {
    const tclass = r.tclass(scope, atom)
    if (tclass === null) return false
    classes.push(tclass)
  }
  if (!r.isTrial) r.facts.defaults.push({ node, scope, of, classes, value: value! })
  return true
}

const spaceOf = { u: spaces.USERS, r: spaces.ROLES, t: spaces.TYPES } as const

const constraint = (r: Resolver, scope: Scope, node: number): ConstraintExpression | null => {
  const operator = r.word(node + 1)
  const operands = r.tree.children(node, 1)
  if (operator === W.not || operator === W.and || operator === W.or) {
    const parts = operands.map((operand) => constraint(r, scope, operand))
    if (parts.includes(null)) return null
    return { operator: operator === W.not ? 'not' : operator === W.and ? 'and' : 'or',
      operands: parts as ConstraintExpression[] }
  }
  const [left, right] = operands as [number, number]
  const name = operator === W.eq ? 'eq' : operator === W.neq ? 'neq' : operator === W.dom ? 'dom'
    : operator === W.domby ? 'domby' : 'incomp'
  const leftWord = r.word(left)
  if (!r.tree.isList(right) && constraintOperand(r.word(right)) !== undefined) {
    return { operator: name, left: leftWord, right: r.word(right) }
  }
  const { side } = constraintOperand(leftWord)!
  const names: Declared[] = []
  for (const atom of r.tree.isList(right) ? r.tree.children(right) : [right]) {
    const symbol = r.find(scope, spaceOf[side as 'u' | 'r' | 't'], atom)
    if (symbol === null) return null
    if (!r.isTrial && symbol instanceof symbols.Attribute) symbol.used |= symbols.USED_IN_CONSTRAINT
    names.push(symbol)
  }
  return { operator: name, left: leftWord, right: names }
}

export const constrain: StatementResolver = (r, scope, node) => {
  const permissions = r.classPermissions(scope, r.arg(node, 1))
  const expression = permissions === null ? null : constraint(r, scope, r.arg(node, 2))
  if (expression === null) return false
  const isMls = r.word(node + 1) === W.mlsconstrain
  if (!r.isTrial) r.facts.constraints.push({ node, scope, permissions: permissions!, expression, isMls })
  return true
}

export const validateTrans: StatementResolver = (r, scope, node) => {
  const tclass = r.tclass(scope, r.arg(node, 1))
  const expression = tclass === null ? null : constraint(r, scope, r.arg(node, 2))
  if (expression === null) return false
  const isMls = r.word(node + 1) === W.mlsvalidatetrans
  if (!r.isTrial) r.facts.validateTransitions.push({ node, scope, tclass: tclass!, expression, isMls })
  return true
}

const order = (
  space: number, flavor: Flavor, list: (r: Resolver) => Order[],
): StatementResolver => (r, scope, node) => {
  const atoms = r.tree.children(r.arg(node, 1))
  const isUnordered = r.word(atoms[0]!) === W.unordered
  if (isUnordered && (space !== spaces.CLASSES || atoms.length === 1)) {
    r.fail('bad-order', '`unordered` begins a list of classes', atoms[0]!)
  }
  const found: Declared[] = []
  for (const atom of isUnordered ? atoms.slice(1) : atoms) {
    const symbol = r.findOf(scope, space, atom, flavor)
    if (symbol === null) return false
    found.push(symbol)
  }
  if (!r.isTrial) list(r).push({ node, scope, symbols: found, isUnordered })
  return true
}

export const classOrder = order(spaces.CLASSES, 'class', (r) => r.facts.classOrders)
export const sidOrder = order(spaces.SIDS, 'sid', (r) => r.facts.sidOrders)
export const categoryOrder = order(spaces.CATEGORIES, 'category', (r) => r.facts.categoryOrders)
export const sensitivityOrder = order(spaces.SENSITIVITIES, 'sensitivity', (r) => r.facts.sensitivityOrders)
