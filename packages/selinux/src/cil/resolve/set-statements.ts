/** Types, roles and users: sets of them, who may be what, bounds, permissive types. */
import { W } from '../keywords.ts'
import type { Pair } from './facts.ts'
import type { Resolver } from './resolver.ts'
import type { StatementResolver } from './rule-statements.ts'
import type { Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import * as symbols from './symbols.ts'
import { truth } from './declare.ts'

const attributeSet = (space: number, flavor: 'typeattribute' | 'roleattribute' | 'userattribute'): StatementResolver =>
  (r, scope, node) => {
    const attribute = r.findOf<symbols.Attribute>(scope, space, r.arg(node, 1), flavor)
    const set = attribute === null ? null : r.expression(scope, space, r.arg(node, 2))
    if (set === null) return false
    if (!r.isTrial) attribute!.sets.push(set)
    return true
  }

export const typeAttributeSet = attributeSet(spaces.TYPES, 'typeattribute')
export const roleAttributeSet = attributeSet(spaces.ROLES, 'roleattribute')
export const userAttributeSet = attributeSet(spaces.USERS, 'userattribute')

export const expandTypeAttribute: StatementResolver = (r, scope, node) => {
  const list = r.arg(node, 1)
  const value = truth(r.tree, r.arg(node, 2))
  for (const atom of r.tree.isList(list) ? r.tree.children(list) : [list]) {
    const attribute = r.findOf<symbols.Attribute>(scope, spaces.TYPES, atom, 'typeattribute')
    if (attribute === null) return false
    if (!r.isTrial) attribute.used |= value ? symbols.EXPAND_TRUE : symbols.EXPAND_FALSE
  }
  return true
}

const bounds = (find: (r: Resolver, scope: Scope, atom: number) => symbols.Atom | null): StatementResolver =>
  (r, scope, node) => {
    const parent = find(r, scope, r.arg(node, 1))
    const child = parent === null ? null : find(r, scope, r.arg(node, 2))
    if (child === null) return false
    if (r.isTrial) return true
    if (child.bounds !== null) r.fail('conflict', `\`${r.tree.text(r.arg(node, 2))}\` is bounded already`, node)
    child.bounds = parent
    return true
  }

export const typeBounds = bounds((r, scope, atom) => r.type(scope, atom))
export const roleBounds = bounds((r, scope, atom) => r.role(scope, atom))
export const userBounds = bounds((r, scope, atom) => r.user(scope, atom))

export const typeFlag: StatementResolver = (r, scope, node) => {
  const type = r.type(scope, r.arg(node, 1))
  if (type === null) return false
  if (!r.isTrial) (r.word(node + 1) === W.typepermissive ? r.facts.permissive : r.facts.neveraudit).push(type)
  return true
}

const pair = (a: number, b: number, list: (r: Resolver) => Pair[]): StatementResolver => (r, scope, node) => {
  const left = r.find(scope, a, r.arg(node, 1))
  const right = left === null ? null : r.find(scope, b, r.arg(node, 2))
  if (right === null) return false
  if (!r.isTrial) list(r).push({ node, scope, a: left!, b: right })
  return true
}

export const roleType = pair(spaces.ROLES, spaces.TYPES, (r) => r.facts.roleTypes)
export const roleAllow = pair(spaces.ROLES, spaces.ROLES, (r) => r.facts.roleAllows)
export const userRole = pair(spaces.USERS, spaces.ROLES, (r) => r.facts.userRoles)

export const userPrefix: StatementResolver = (r, scope, node) => {
  const user = r.user(scope, r.arg(node, 1))
  if (user === null) return false
  if (!r.isTrial) r.facts.userPrefixes.push({ node, scope, user, prefix: r.tree.text(r.arg(node, 2)) })
  return true
}

export const userLevel: StatementResolver = (r, scope, node) => {
  const user = r.user(scope, r.arg(node, 1))
  const level = user === null ? null : r.level(scope, r.arg(node, 2))
  if (level === null) return false
  if (!r.isTrial) user!.level = level
  return true
}

export const userRange: StatementResolver = (r, scope, node) => {
  const user = r.user(scope, r.arg(node, 1))
  const range = user === null ? null : r.range(scope, r.arg(node, 2))
  if (range === null) return false
  if (!r.isTrial) user!.range = range
  return true
}

export const selinuxUser: StatementResolver = (r, scope, node) => {
  const isDefault = r.word(node + 1) === W.selinuxuserdefault
  const user = r.user(scope, r.arg(node, isDefault ? 1 : 2))
  const range = user === null ? null : r.range(scope, r.arg(node, isDefault ? 2 : 3))
  if (range === null) return false
  const login = isDefault ? null : r.tree.text(r.arg(node, 1))
  if (!r.isTrial) r.facts.selinuxUsers.push({ node, scope, login, user: user!, range })
  return true
}
