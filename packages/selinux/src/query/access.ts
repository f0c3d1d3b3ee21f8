/** Why access is granted or not: audit2why, for permissions that were never asked of a kernel. */
import { AVD_FLAGS_PERMISSIVE, AvDecision } from '../server/decision.ts'
import { evaluateConstraint } from '../server/constraint-reference.ts'
import type { SecurityServer } from '../server/security-server.ts'
import { QueryError } from './errors.ts'
import { teRuleText } from './te-rule.ts'
import type { TeRules } from './te-rules.ts'

/** `rule`: no rule allows it. `boolean`: one would, in a branch that is off. The rest take away what a rule allows. */
export type DenialReason = 'rule' | 'boolean' | 'constraint' | 'role' | 'bounds'

export interface PermissionAnswer {
  readonly permission: string
  readonly allowed: boolean
  readonly reason: DenialReason | null
  /** The rules that allow it, or that would. */
  readonly rules: readonly string[]
  /** The values to set, for `boolean`. */
  readonly booleans: Readonly<Record<string, boolean>>
  /** A denial is logged. */
  readonly audited: boolean
}

export interface AccessAnswer {
  readonly source: string
  readonly target: string
  readonly tclass: string
  /** The source's domain is permissive: denials are logged and let pass. */
  readonly permissive: boolean
  readonly permissions: readonly PermissionAnswer[]
}

const sidOf = (server: SecurityServer, context: string): number => {
  const sid = server.contextToSid(context)
  if (sid > 0) return sid
  throw new QueryError('unknown-name', `\`${context}\` is not a context of this policy`, 'user:role:type[:range]')
}

/**
 * Asks about permissions of a class, all of it when none are named. The server holds the policy that `rules` search.
 */
export const explainAccess = (server: SecurityServer, rules: TeRules, source: string, target: string, tclass: string,
  permissions: readonly string[] = []): AccessAnswer => {
  const { view } = rules
  const value = view.tclass(tclass)
  if (permissions.length > 0) view.mask(value, permissions)
  const [ssid, tsid] = [sidOf(server, source), sidOf(server, target)]
  const decision = new AvDecision()
  server.computeAvUser(ssid, tsid, value, decision)
  const all = view.names.permissions[value]!.filter((name) => name !== undefined)
  const [from, to] = [server.contextOf(ssid)!, server.contextOf(tsid)!]
  const [sourceType, targetType] = [view.names.types[from.type]!, view.names.types[to.type]!]
  const states = new Map(server.booleans().map(({ name, value: state }) => [name, state]))
  const branches = rules.branches(states)

  const answer = (permission: string): PermissionAnswer => {
    const bit = view.mask(value, [permission])
    const allowed = (decision.allowed & bit) !== 0
    const found = [...rules.search({ kinds: ['allow'], source: sourceType, target: targetType, classes: [tclass],
      permissions: [permission] })]
    const holds = found.filter(({ conditional }) =>
      conditional === null || branches.get(conditional.expression) === conditional.branch)
    const base = { permission, allowed, audited: (decision.auditdeny & bit) !== 0, booleans: {} }
    if (allowed) return { ...base, reason: null, rules: holds.map(teRuleText) }
    if (holds.length === 0) {
      const conditional = found[0]?.conditional ?? null
      const booleans = conditional === null ? {}
        : flips(rules, conditional.expression, conditional.branch, conditional.booleans, states)
      return { ...base, reason: found.length > 0 ? 'boolean' : 'rule', rules: found.map(teRuleText), booleans }
    }
    return { ...base, reason: whyTaken(server, value, bit, ssid, tsid), rules: holds.map(teRuleText) }
  }
  return { source, target, tclass, permissive: (decision.flags & AVD_FLAGS_PERMISSIVE) !== 0,
    permissions: (permissions.length > 0 ? permissions : all).map(answer) }
}

/** The fewest booleans, two at most, that put another branch of the condition in force; none when more are needed. */
const flips = (rules: TeRules, expression: string, wanted: boolean, booleans: readonly string[],
  states: ReadonlyMap<string, boolean>): Record<string, boolean> => {
  const singles = booleans.map((name) => [name])
  const pairs = booleans.flatMap((a, i) => booleans.slice(i + 1).map((b) => [a, b]))
  for (const names of [...singles, ...pairs]) {
    const changed = new Map(states)
    for (const name of names) changed.set(name, !(states.get(name) ?? false))
    if (rules.branches(changed).get(expression) === wanted) {
      return Object.fromEntries(names.map((name) => [name, changed.get(name)!]))
    }
  }
  return {}
}

/** What takes away a permission that a rule allows. */
const whyTaken = (server: SecurityServer, tclass: number, bit: number, ssid: number, tsid: number): DenialReason => {
  const { db } = server.policy!
  const item = db.classes.items.find(({ value }) => value === tclass)!
  const [from, to] = [server.contextOf(ssid)!, server.contextOf(tsid)!]
  const broken = item.constraints.some(({ permissions, expression }) =>
    (permissions & bit) !== 0 && !evaluateConstraint(expression, db.roles.items, from, to, null))
  if (broken) return 'constraint'
  return item.name === 'process' && from.role !== to.role ? 'role' : 'bounds'
}
