/** Transitions of names, ranges and roles, and which role may become which. */
import type { FilenameTransition, RangeTransition, RoleAllow, RoleTransition } from '../../policydb/policydb.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import { isEqual, list } from '../../bits.ts'
import { CilError } from '../errors.ts'
import type { RangeTransition as RangeFact, TypeRule } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { RangeSymbol } from '../resolve/symbols.ts'
import type { Numbering } from './numbering.ts'

const conflict = (n: Numbering, node: number, what: string): never => {
  throw new CilError('conflict', `another ${what} has another result`, n.tree.place(node))
}

/** Transitions are looked up by texts, which takes as long as so many rules. */
const TEXT = 4
/** Each is an object of its own, which takes the room of so many access rules. */
const TRANSITION = 8

const visit = (n: Numbering, node: number, pairs: number): void => {
  n.effort.node = node
  n.effort.visit(pairs * TEXT)
}

export const filenameTransitions = (n: Numbering, rules: readonly TypeRule[]): FilenameTransition[] => {
  const found = new Map<string, { name: string; target: number; tclass: number; bySource: Map<number, number> }>()
  for (const rule of rules) {
    if (rule.name === null) continue
    const result = n.type(rule.result)
    const [sources, classes] = [n.members(rule.source), n.masks.classes(rule.tclass)]
    const all = rule.target === 'self' ? null : n.members(rule.target as Declared)
    visit(n, rule.node, sources.length * (all?.length ?? 1) * classes.length)
    for (const from of sources) {
      for (const to of all ?? [from]) {
        for (const { value } of classes) {
          const [source, target, tclass] = [n.typeValue[from]!, n.typeValue[to]!, value + 1]
          const key = `${target} ${tclass} ${rule.name}`
          let entry = found.get(key)
          if (entry === undefined) found.set(key, entry = { name: rule.name, target, tclass, bySource: new Map() })
          const known = entry.bySource.get(source)
          if (known !== undefined && known !== result) conflict(n, rule.node, 'typetransition of the same name')
          if (known === undefined) n.effort.write(TRANSITION)
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
    const [sources, targets, classes] = [n.members(source), n.members(target), n.masks.classes(tclass)]
    visit(n, node, sources.length * targets.length * classes.length)
    for (const from of sources) {
      for (const to of targets) {
        for (const { value } of classes) {
          const transition = { source: n.typeValue[from]!, target: n.typeValue[to]!, tclass: value + 1, range: written }
          const key = `${transition.source} ${transition.target} ${transition.tclass}`
          const known = found.get(key)
          if (known === undefined) {
            n.effort.write(TRANSITION)
            found.set(key, { transition, range })
          } else if (!isSame(known.range, range)) conflict(n, node, 'rangetransition of the same types and class')
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
    const [roles, targets, classes] = [rolesIn(n, source), n.members(target), n.masks.classes(tclass)]
    visit(n, node, roles.length * targets.length * classes.length)
    for (const role of roles) {
      for (const place of targets) {
        for (const { value } of classes) {
          const transition = { role, type: n.typeValue[place]!, tclass: value + 1, newRole }
          const key = `${role} ${transition.type} ${transition.tclass}`
          const known = found.get(key)
          if (known === undefined) {
            n.effort.write(TRANSITION)
            found.set(key, transition)
          } else if (known.newRole !== newRole) conflict(n, node, 'roletransition of the same role, type and class')
        }
      }
    }
  }
  return [...found.values()]
}

export const roleAllows = (n: Numbering): RoleAllow[] => n.facts.roleAllows.flatMap(({ a, b, node }) => {
  const [roles, newRoles] = [rolesIn(n, a), rolesIn(n, b)]
  visit(n, node, roles.length * newRoles.length)
  return roles.flatMap((role) => newRoles.map((newRole) => {
    n.effort.write(TRANSITION)
    return { role, newRole }
  }))
})
