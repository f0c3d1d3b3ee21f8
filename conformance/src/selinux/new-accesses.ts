/** How many accesses one policy allows that another does not: a type to a type, one permission, without conditions. */
import { PolicyView } from '@lsmkit/selinux/query'
import type { Policydb } from '@lsmkit/selinux/policydb'

const ALLOWED = 1

/** Of all rules on a source: the mask by target and class. */
const accessesOf = (view: PolicyView, source: number): Map<string, number> => {
  const { avtab } = view.policy
  const found = new Map<string, number>()
  for (let i = 0; i < avtab.length; i++) {
    if ((avtab.specified[i]! & ALLOWED) === 0 || !has(view, avtab.source[i]!, source)) continue
    for (const target of membersIn(view, avtab.target[i]!)) {
      const key = `${view.names.types[target]} ${view.names.classes[avtab.tclass[i]!]}`
      found.set(key, (found.get(key) ?? 0) | avtab.datum[i]!)
    }
  }
  return found
}

const has = (view: PolicyView, set: number, value: number): boolean =>
  (view.members(set)[value >>> 5]! & (1 << (value & 31))) !== 0

const membersIn = (view: PolicyView, set: number): number[] => {
  const found: number[] = []
  const bits = view.members(set)
  for (let i = 0; i < bits.length; i++) {
    for (let word = bits[i]!; word !== 0; word &= word - 1) found.push(i * 32 + 31 - Math.clz32(word & -word))
  }
  return found
}

const ruleKey = (view: PolicyView, i: number): string => {
  const { avtab } = view.policy
  return `${view.names.types[avtab.source[i]!]} ${view.names.types[avtab.target[i]!]} ` +
    `${view.names.classes[avtab.tclass[i]!]} ${avtab.datum[i]}`
}

const ruleKeys = new WeakMap<Policydb, Set<string>>()

const keysOf = (view: PolicyView): Set<string> => {
  let keys = ruleKeys.get(view.policy)
  if (keys === undefined) {
    keys = new Set(Array.from({ length: view.policy.avtab.length }, (_, i) => ruleKey(view, i)))
    ruleKeys.set(view.policy, keys)
  }
  return keys
}

/** Sources of rules that are new, of types whose attributes are, and of rules on those types. */
const changedSources = (before: PolicyView, after: PolicyView): Set<number> => {
  const known = keysOf(before)
  const { avtab, types } = after.policy
  const joined = types.items.filter(({ name, value }) =>
    !after.isAttribute(value) && attributesText(before, name) !== attributesText(after, name))
    .map(({ value }) => value)
  const found = new Set(joined)
  for (let i = 0; i < avtab.length; i++) {
    if ((avtab.specified[i]! & ALLOWED) === 0) continue
    const isNew = !known.has(ruleKey(after, i)) || joined.some((value) => has(after, avtab.target[i]!, value))
    if (isNew) for (const source of membersIn(after, avtab.source[i]!)) found.add(source)
  }
  return found
}

const attributesText = (view: PolicyView, name: string): string => view.hasType(name)
  ? Array.from(view.policy.typeAttributes[view.type(name) - 1] ?? [], (bit) => view.names.types[bit + 1]).join(' ') : ''

export const newAccesses = (policy: Policydb, more: Policydb): number => {
  const [before, after] = [new PolicyView(policy), new PolicyView(more)]
  let count = 0
  for (const source of changedSources(before, after)) {
    const name = after.names.types[source]!
    const old = before.hasType(name) ? accessesOf(before, before.type(name)) : new Map<string, number>()
    for (const [key, mask] of accessesOf(after, source)) {
      for (let word = mask & ~(old.get(key) ?? 0); word !== 0; word &= word - 1) count++
    }
  }
  return count
}
