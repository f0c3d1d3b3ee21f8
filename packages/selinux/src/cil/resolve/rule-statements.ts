/** Access vector rules, type rules and transitions. */
import { W } from '../keywords.ts'
import type { RuleKind, RuleTarget, TypeRule } from './facts.ts'
import type { Resolver } from './resolver.ts'
import type { Declared, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import * as symbols from './symbols.ts'

export type StatementResolver = (r: Resolver, scope: Scope, node: number) => boolean

const ruleKinds: Readonly<Record<number, RuleKind>> = {
  [W.allow]: 'allow', [W.auditallow]: 'auditallow', [W.dontaudit]: 'dontaudit', [W.neverallow]: 'neverallow',
  [W.allowx]: 'allow', [W.auditallowx]: 'auditallow', [W.dontauditx]: 'dontaudit', [W.neverallowx]: 'neverallow',
}

const specialTargets: Readonly<Record<number, 'self' | 'notself' | 'other'>> = {
  [W.self]: 'self', [W.notself]: 'notself', [W.other]: 'other',
}

const target = (r: Resolver, scope: Scope, atom: number): RuleTarget | null =>
  specialTargets[r.word(atom)] ?? r.find(scope, spaces.TYPES, atom)

const selfOrType = (r: Resolver, scope: Scope, atom: number): RuleTarget | null =>
  r.word(atom) === W.self ? 'self' : r.find(scope, spaces.TYPES, atom)

/** A rule between two attributes keeps both; with `self` and its like the source is written out anyway. */
const markUse = (source: Declared, to: RuleTarget, use: number): void => {
  if (typeof to === 'string') return
  if (source instanceof symbols.Attribute) source.used |= use
  if (to instanceof symbols.Attribute) to.used |= use
}

const useOf = (kind: RuleKind): number => kind === 'neverallow' ? symbols.USED_IN_NEVERALLOW : symbols.USED_IN_RULE

export const avRule: StatementResolver = (r, scope, node) => {
  const source = r.find(scope, spaces.TYPES, r.arg(node, 1))
  const to = source === null ? null : target(r, scope, r.arg(node, 2))
  const permissions = to === null ? null : r.classPermissions(scope, r.arg(node, 3))
  if (permissions === null) return false
  if (r.isTrial) return true
  const keyword = r.word(node + 1)
  const kind = ruleKinds[keyword] ?? 'allow'
  const rule = { node, scope, kind, source: source!, target: to!, permissions }
  if (keyword === W.deny) {
    r.facts.denies.push(rule)
    return true
  }
  markUse(source!, to!, useOf(kind))
  r.rules.rules.push(rule)
  return true
}

export const xpermRule: StatementResolver = (r, scope, node) => {
  const source = r.find(scope, spaces.TYPES, r.arg(node, 1))
  const to = source === null ? null : target(r, scope, r.arg(node, 2))
  const xperms = to === null ? null : r.xperms(scope, r.arg(node, 3))
  if (xperms === null) return false
  if (r.isTrial) return true
  const kind = ruleKinds[r.word(node + 1)]!
  markUse(source!, to!, useOf(kind))
  r.rules.xpermRules.push({ node, scope, kind, source: source!, target: to!, xperms })
  return true
}

const typeRuleKinds: Readonly<Record<number, TypeRule['kind']>> = {
  [W.typetransition]: 'typetransition', [W.typechange]: 'typechange', [W.typemember]: 'typemember',
}

export const typeRule: StatementResolver = (r, scope, node) => {
  const isNamed = r.arg(node, 5) >= 0
  const source = r.find(scope, spaces.TYPES, r.arg(node, 1))
  const to = source === null ? null : selfOrType(r, scope, r.arg(node, 2))
  const tclass = to === null ? null : r.tclass(scope, r.arg(node, 3))
  const name = tclass === null || !isNamed ? null : r.nonEmpty(scope, r.arg(node, 4))
  const result = tclass === null ? null : r.type(scope, r.arg(node, isNamed ? 5 : 4))
  if (result === null) return false
  if (r.isTrial) return true
  r.rules.typeRules.push({ node, scope, kind: typeRuleKinds[r.word(node + 1)]!, source: source!, target: to!,
    tclass: tclass!, name: name === '*' ? null : name, result })
  return true
}

export const rangeTransition: StatementResolver = (r, scope, node) => {
  const source = r.find(scope, spaces.TYPES, r.arg(node, 1))
  const to = source === null ? null : r.find(scope, spaces.TYPES, r.arg(node, 2))
  const tclass = to === null ? null : r.tclass(scope, r.arg(node, 3))
  const range = tclass === null ? null : r.range(scope, r.arg(node, 4))
  if (range === null) return false
  if (!r.isTrial) r.facts.rangeTransitions.push({ node, scope, source: source!, target: to!, tclass: tclass!, range })
  return true
}

export const roleTransition: StatementResolver = (r, scope, node) => {
  const source = r.find(scope, spaces.ROLES, r.arg(node, 1))
  const to = source === null ? null : r.find(scope, spaces.TYPES, r.arg(node, 2))
  const tclass = to === null ? null : r.tclass(scope, r.arg(node, 3))
  const result = tclass === null ? null : r.role(scope, r.arg(node, 4))
  if (result === null) return false
  if (!r.isTrial) r.facts.roleTransitions.push({ node, scope, source: source!, target: to!, tclass: tclass!, result })
  return true
}
