/** Transitions of names, ranges and roles, and which role may become which. */
import type { FilenameTransition, RangeTransition, RoleAllow, RoleTransition } from '../../policydb/policydb.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import { isEqual, list } from '../../bits.ts'
import { CilError } from '../errors.ts'
import type { RangeTransition as RangeFact, TypeRule } from '../resolve/facts.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { Declared, RangeSymbol } from '../resolve/symbols.ts'
import type { Numbering } from './numbering.ts'

const conflict = (n: Numbering, node: number, what: string): never => {
  throw new CilError('conflict', `another ${what} has another result`, n.tree.place(node))
}

export const filenameTransitions = (n: Numbering, rules: readonly TypeRule[]): FilenameTransition[] => {
  const found = new Map<string, { name: string; target: number; tclass: number; bySource: Map<number, number> }>()
  for (const rule of rules) {
    if (rule.name === null) continue
    const result = n.type(rule.result)
    for (const from of n.members(rule.source)) {
      const targets = rule.target === 'self' ? [from] : n.members(rule.target as Declared)
      for (const to of targets) {
        for (const { value } of n.masks.classes(rule.tclass)) {
          const [source, target, tclass] = [n.typeValue[from]!, n.typeValue[to]!, value + 1]
          const key = `${target} ${tclass} ${rule.name}`
          let entry = found.get(key)
          if (entry === undefined) found.set(key, entry = { name: rule.name, target, tclass, bySource: new Map() })
          const known = entry.bySource.get(source)
          if (known !== undefined && known !== result) conflict(n, rule.node, 'typetransition of the same name')
          entry.bySource.set(source, result)
        }
      }
    }
  }
  return [...found.values()].map(({ bySource, ...key }) => {
    const sources = new Map<number, number[]>()
    for (const [source, type] of bySource) {
      const known = sources.get(type)
      if (known === undefined) sources.set(type, [source - 1])
      else known.push(source - 1)
    }
    return { ...key, results: [...sources].map(([type, bits]) => ({ sources: Ebitmap.of(bits), type })) }
  })
}

export const rangeTransitions = (n: Numbering, facts: readonly RangeFact[]): RangeTransition[] => {
  if (!n.isMls) return []
  const found = new Map<string, { transition: RangeTransition; range: RangeSymbol }>()
  const isSame = (
    a: RangeSymbol, b: RangeSymbol,
  ): boolean => ([[a.low!, b.low!], [a.high!, b.high!]] as const).every(([x, y]) =>
    x.sensitivity === y.sensitivity && isEqual(n.categories.level(x), n.categories.level(y)))
  for (const { source, target, tclass, range, node } of facts) {
    const written = n.range(range)
    for (const from of n.members(source)) {
      for (const to of n.members(target)) {
        for (const { value } of n.masks.classes(tclass)) {
          const transition = { source: n.typeValue[from]!, target: n.typeValue[to]!, tclass: value + 1, range: written }
          const key = `${transition.source} ${transition.target} ${transition.tclass}`
          const known = found.get(key)
          if (known === undefined) found.set(key, { transition, range })
          else if (!isSame(known.range, range)) conflict(n, node, 'rangetransition of the same types and class')
        }
      }
    }
  }
  return [...found.values()].map(({ transition }) => transition)
}

const rolesIn = (n: Numbering, symbol: Declared): number[] =>
  (symbol instanceof Attribute ? list(symbol.bits!) : [symbol.value]).map((place) => n.roleAt(place))

export const roleTransitions = (n: Numbering): RoleTransition[] => {
  const found = new Map<string, RoleTransition>()
  for (const { source, target, tclass, result, node } of n.facts.roleTransitions) {
    const newRole = n.role(result)
    for (const role of rolesIn(n, source)) {
      for (const place of n.members(target)) {
        for (const { value } of n.masks.classes(tclass)) {
          const transition = { role, type: n.typeValue[place]!, tclass: value + 1, newRole }
          const key = `${role} ${transition.type} ${transition.tclass}`
          const known = found.get(key)
          if (known === undefined) found.set(key, transition)
          else if (known.newRole !== newRole) conflict(n, node, 'roletransition of the same role, type and class')
        }
      }
    }
  }
  return [...found.values()]
}

export const roleAllows = (n: Numbering): RoleAllow[] => n.facts.roleAllows.flatMap(({ a, b }) =>
  rolesIn(n, a).flatMap((role) => rolesIn(n, b).map((newRole) => ({ role, newRole }))))
