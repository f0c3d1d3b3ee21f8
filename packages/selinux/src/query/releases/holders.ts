/** The domains of a policy, and which of them the rules in force allow a permission. */
import { bitsFor, count, difference, hasBit, list, setBit, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Avtab } from '../../policydb/avtab.ts'
import { evaluateConditional } from '../../policydb/conditional-guard.ts'
import { AVTAB_ALLOWED, OBJECT_R_VAL } from '../../policydb/constants.ts'
import type { PolicyView } from '../view.ts'
import type { Asked } from './asked.ts'

export interface Holders {
  /** How many domains there are. */
  readonly domains: number
  readonly allowed: number
  /** Names of the domains that are refused: neither allowed nor permissive. */
  readonly refused: readonly string[]
}

/** Types that a process can have: those of roles, but the role of objects. */
const domainsOf = ({ policy }: PolicyView): Bits => {
  const domains = bitsFor(policy.types.nprim + 1)
  for (const { value, types } of policy.roles.items) {
    if (value !== OBJECT_R_VAL) for (const bit of types) setBit(domains, bit + 1)
  }
  return domains
}

const tablesInForce = ({ policy }: PolicyView): Avtab[] => {
  const states = new Map(policy.booleans.items.map(({ value, state }) => [value, state]))
  return [policy.avtab, ...policy.conditionals.map(({ expression, whenTrue, whenFalse }) =>
    evaluateConditional(expression, (value) => states.get(value) ?? false) ? whenTrue : whenFalse)]
}

/** Sources of the rules that allow any of the permissions on any target. */
const sourcesOf = (view: PolicyView, asked: readonly Asked[]): Bits => {
  const masks = new Map<number, number>()
  for (const { tclass, perm } of asked) {
    const value = view.tclass(tclass)
    masks.set(value, (masks.get(value) ?? 0) | view.mask(value, [perm]))
  }
  const found = bitsFor(view.policy.types.nprim + 1)
  for (const table of tablesInForce(view)) {
    for (let i = 0; i < table.length; i++) {
      const mask = (table.specified[i]! & AVTAB_ALLOWED) === 0 ? 0 : masks.get(table.tclass[i]!) ?? 0
      if ((table.datum[i]! & mask) !== 0) union(found, view.members(table.source[i]!))
    }
  }
  return found
}

/** `asked` are permissions that the policy has. */
export const holdersOf = (view: PolicyView, asked: readonly Asked[]): Holders => {
  const domains = domainsOf(view)
  const free = difference(domains, sourcesOf(view, asked))
  const refused = list(free).filter((type) => !view.policy.permissive.has(type))
  return {
    domains: count(domains), allowed: list(domains).filter((type) => !hasBit(free, type)).length,
    refused: refused.map((type) => view.names.types[type]!),
  }
}
