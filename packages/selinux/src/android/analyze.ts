/** The questions of sepolicy-analyze: types that are alike, rules that others cover, permissive domains, attributes. */
import { list } from '../bits.ts'
import { AVTAB_ALLOWED, AVTAB_ENABLED } from '../policydb/constants.ts'
import { evaluateConditional } from '../policydb/conditional-guard.ts'
import type { Avtab } from '../policydb/avtab.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { teRuleText } from '../query/te-rule.ts'
import { PolicyView } from '../query/view.ts'
import { AndroidError } from './errors.ts'

/** Rules of types, attributes written out: more of them than a policy for a phone has. */
const MOST_ACCESSES = 20_000_000

export const permissiveTypes = (policy: Policydb): string[] => {
  const { names } = new PolicyView(policy)
  return [...policy.permissive].map((value) => names.types[value] ?? `#${value}`).sort()
}

export const booleanNames = (policy: Policydb): string[] => policy.booleans.items.map(({ name }) => name).sort()

/** The types of an attribute, or the attributes of a type (`isReverse`). Throws AndroidError. */
export const attributeMembers = (policy: Policydb, name: string, isReverse = false): string[] => {
  const view = new PolicyView(policy)
  if (!view.hasType(name)) throw new AndroidError('unknown-name', `the policy has no type or attribute \`${name}\``)
  const value = view.type(name)
  if (view.isAttribute(value) === isReverse) {
    const [is, wanted] = isReverse ? ['an attribute', 'type'] : ['a type', 'attribute']
    throw new AndroidError('unknown-name', `\`${name}\` is ${is}, not ${wanted === 'type' ? 'a type' : 'an attribute'}`)
  }
  const found = isReverse
    ? [...policy.typeAttributes[value - 1]!].map((bit) => bit + 1).filter((each) => each !== value)
    : list(view.members(value))
  return found.map((each) => view.names.types[each] ?? `#${each}`).sort()
}

type Visit = (source: number, target: number, tclass: number, mask: number, hasAttribute: boolean) => void

const visitTable = (view: PolicyView, table: Avtab, visit: Visit): void => {
  for (let i = 0; i < table.length; i++) {
    if ((table.specified[i]! & ~AVTAB_ENABLED) !== AVTAB_ALLOWED) continue
    const [source, target] = [table.source[i]!, table.target[i]!]
    const hasAttribute = view.isAttribute(source) || view.isAttribute(target)
    for (const s of list(view.members(source))) {
      for (const t of list(view.members(target))) visit(s, t, table.tclass[i]!, table.datum[i]!, hasAttribute)
    }
  }
}

/** Allow rules that hold with the booleans as they are, type by type. */
const visitRules = (view: PolicyView, visit: Visit): void => {
  visitTable(view, view.policy.avtab, visit)
  const states = new Map(view.policy.booleans.items.map(({ value, state }) => [value, state]))
  for (const { expression, whenTrue, whenFalse } of view.policy.conditionals) {
    const holds = evaluateConditional(expression, (value) => states.get(value) ?? false)
    visitTable(view, holds ? whenTrue : whenFalse, visit)
  }
}

/** By type: its accesses as source and as target, each with its permissions. */
const accessesByType = (view: PolicyView): Map<number, Map<string, number>> => {
  const access = new Map<number, Map<string, number>>()
  let count = 0
  const add = (type: number, key: string, mask: number): void => {
    if (++count > MOST_ACCESSES) throw new AndroidError('too-many', `more than ${MOST_ACCESSES} rules of types`)
    const own = access.get(type) ?? new Map<string, number>()
    access.set(type, own)
    own.set(key, (own.get(key) ?? 0) | mask)
  }
  visitRules(view, (source, target, tclass, mask) => {
    if (source === target) return add(source, `self ${tclass}`, mask)
    add(source, `> ${target} ${tclass}`, mask)
    add(target, `< ${source} ${tclass}`, mask)
  })
  return access
}

/** Groups of types with the same access as source and as target (`typecmp -e`). Types without rules are in none. */
export const equivalentTypes = (policy: Policydb): string[][] => {
  const view = new PolicyView(policy)
  const groups = new Map<string, string[]>()
  for (const [type, own] of accessesByType(view)) {
    const key = [...own].map(([rule, mask]) => `${rule} ${mask}`).sort().join(';')
    groups.set(key, [...groups.get(key) ?? [], view.names.types[type] ?? `#${type}`])
  }
  return [...groups.values()].filter((types) => types.length > 1).map((types) => types.sort()).sort()
}

const MOST_PAIRS = 100_000

/**
 * The first difference of each pair of types that do not have the same access (`typecmp -d`): of all types, or of one
 * with each other one.
 */
export const differingTypes = (policy: Policydb, name?: string): string[] => {
  const view = new PolicyView(policy)
  if (name !== undefined && (!view.hasType(name) || view.isAttribute(view.type(name)))) {
    throw new AndroidError('unknown-name', `the policy has no type \`${name}\``)
  }
  const access = accessesByType(view)
  const types = [...access.keys()].sort((a, b) => (view.names.types[a]! < view.names.types[b]! ? -1 : 1))
  const firsts = name === undefined ? types : [view.type(name)]
  if (firsts.length * types.length > MOST_PAIRS) {
    throw new AndroidError('too-many', `more than ${MOST_PAIRS} pairs of types`, null, 'name one type')
  }
  const none = new Map<string, number>()
  return firsts.flatMap((first, at) => (name === undefined ? types.slice(at + 1) : types).flatMap((second) => {
    const difference = first === second ? null
      : firstDifference(view, access.get(first) ?? none, access.get(second) ?? none)
    const [one, other] = [view.names.types[first], view.names.types[second]]
    return difference === null ? [] : [`${one} and ${other} differ, first in: ${difference}`]
  }))
}

const firstDifference = (
  view: PolicyView, one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>,
): string | null => {
  for (const key of [...new Set([...one.keys(), ...other.keys()])].sort()) {
    const [mine, theirs] = [one.get(key) ?? 0, other.get(key) ?? 0]
    if (mine !== theirs) return `${accessText(view, key)} { ${maskText(view, key, mine)} } and { ` +
      `${maskText(view, key, theirs)} }`
  }
  return null
}

const classIn = (key: string): number => Number(key.slice(key.lastIndexOf(' ') + 1))

const maskText = (view: PolicyView, key: string, mask: number): string =>
  view.names.permissionsOf(classIn(key), mask).sort().join(' ')

const accessText = ({ names }: PolicyView, key: string): string => {
  const [way, type] = key.split(' ')
  const tclass = names.classes[classIn(key)]
  if (way === 'self') return `to itself, ${tclass}`
  return `${way === '>' ? 'to' : 'from'} ${names.types[Number(type)]}, ${tclass}`
}

/** Allow rules of two types that rules with attributes grant already (`dups`). */
export const duplicateRules = (policy: Policydb): string[] => {
  const view = new PolicyView(policy)
  const byAttribute = new Map<string, number>()
  visitTable(view, policy.avtab, (source, target, tclass, mask, hasAttribute) => {
    if (!hasAttribute) return
    const key = `${source} ${target} ${tclass}`
    byAttribute.set(key, (byAttribute.get(key) ?? 0) | mask)
  })
  const found: string[] = []
  visitTable(view, policy.avtab, (source, target, tclass, mask, hasAttribute) => {
    if (hasAttribute || ((byAttribute.get(`${source} ${target} ${tclass}`) ?? 0) & mask) !== mask) return
    found.push(teRuleText({
      kind: 'allow', source: view.names.types[source]!, target: view.names.types[target]!,
      tclass: view.names.classes[tclass]!, permissions: view.names.permissionsOf(tclass, mask).sort(), xperms: [],
      result: null, filename: null, conditional: null,
    }))
  })
  return found.sort()
}
