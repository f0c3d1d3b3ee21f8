/** A binary policy as the base module that would make it: its symbols, transitions and labels. Rules are apart. */
import { OBJECT_R, POLICYDB_VERSION_CONSTRAINT_NAMES, TYPE_ATTRIBUTE } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import { membersOf } from '../../policydb/names.ts'
import type { Constraint, ConstraintNode, ObjectClass, Policydb } from '../../policydb/policydb.ts'
import { writtenLevel } from '../cil/contexts.ts'
import { MODULE_ALIAS, MODULE_ATTRIBUTE, MODULE_PERMISSIVE, SET_ALL, SET_OTHERS, symbolKinds } from '../module.ts'
import type { Declaration, ModuleSymbols, ModuleType, NameSet, PolicyModule } from '../module.ts'

/** The name given to an attribute without one: files before version 24 do not name them. */
export const namelessAttribute = (value: number): string => `base_typeattr_${value}`

const setOf = (names: Ebitmap): NameSet => ({ names, without: Ebitmap.empty, flags: 0 })
const one = (value: number): NameSet => setOf(Ebitmap.of([value - 1]))

const typesOf = (policy: Policydb): ModuleType[] => {
  const members = membersOf(policy)
  const named = new Set<number>()
  const types = policy.types.items.map(({ name, value, properties, bounds }): ModuleType => {
    const isAlias = properties === 0
    if (!isAlias) named.add(value)
    const isAttribute = (properties & TYPE_ATTRIBUTE) !== 0
    const isPermissive = !isAlias && !isAttribute && policy.permissive.has(value)
    return {
      name, value, primary: value, bounds,
      properties: (isAlias ? MODULE_ALIAS : 0) | (isAttribute ? MODULE_ATTRIBUTE : 0) |
        (isPermissive ? MODULE_PERMISSIVE : 0),
      members: isAttribute ? Ebitmap.of((members.get(value) ?? []).map((type) => type - 1)) : Ebitmap.empty,
    }
  })
  for (let value = 1; value <= policy.types.nprim; value++) {
    if (named.has(value) || !members.has(value)) continue
    types.push({ name: namelessAttribute(value), value, primary: value, bounds: 0, properties: MODULE_ATTRIBUTE,
      members: Ebitmap.of(members.get(value)!.map((type) => type - 1)) })
  }
  return types
}

/** None of all: CIL has no empty list of types. */
const NOTHING = SET_ALL | SET_OTHERS

/** Names of a constraint as they were written, where those come to the types that it compares with. */
const asWritten = (policy: Policydb, members: ReadonlyMap<number, readonly number[]>) =>
  (node: ConstraintNode): ConstraintNode => {
    const { names, typeSet } = node
    if (names === null) return node
    const isPlain = typeSet !== null && policy.version >= POLICYDB_VERSION_CONSTRAINT_NAMES && typeSet.flags === 0 &&
      typeSet.negated.isEmpty
    const meant = isPlain ? Ebitmap.of(Array.from(typeSet.types, (bit) =>
      (members.get(bit + 1) ?? [bit + 1]).map((type) => type - 1)).flat()) : null
    return meant !== null && meant.equals(names) ? node
      : { ...node, typeSet: { types: names, negated: Ebitmap.empty, flags: names.isEmpty ? NOTHING : 0 } }
  }

const classesOf = (policy: Policydb): ObjectClass[] => {
  const written = asWritten(policy, membersOf(policy))
  const all = (constraints: readonly Constraint[]): Constraint[] =>
    constraints.map((item) => ({ ...item, expression: item.expression.map(written) }))
  return policy.classes.items.map((item) =>
    ({ ...item, constraints: all(item.constraints), validatetrans: all(item.validatetrans) }))
}

const symbolsOf = (policy: Policydb): ModuleSymbols => ({
  commons: policy.commons.items,
  classes: classesOf(policy),
  roles: policy.roles.items.map(({ name, value, bounds, types }) =>
    ({ name, value, bounds, types: setOf(types), isAttribute: false, members: Ebitmap.empty })),
  types: typesOf(policy),
  users: policy.users.items.map(({ name, value, bounds, roles, range, defaultLevel }) => ({
    name, value, bounds, roles: setOf(roles), level: writtenLevel(defaultLevel),
    range: { low: writtenLevel(range.low), high: writtenLevel(range.high) },
  })),
  booleans: policy.booleans.items.map((item) => ({ ...item, isTunable: false })),
  sensitivities: policy.sensitivities.items,
  categories: policy.categories.items,
})

const none: ModuleSymbols = {
  commons: [], classes: [], roles: [], types: [], users: [], booleans: [], sensitivities: [], categories: [],
}

const valueOf = (item: ModuleSymbols[keyof ModuleSymbols][number]): number =>
  'value' in item ? item.value : item.level.sens

const isDeclared = (item: ModuleSymbols[keyof ModuleSymbols][number]): boolean =>
  item.name !== OBJECT_R && !('isAlias' in item && item.isAlias) &&
    !('primary' in item && (item.properties & MODULE_ALIAS) !== 0)

const blockOf = (policy: Policydb, symbols: ModuleSymbols): Declaration => {
  const bits = (kind: (typeof symbolKinds)[number], isMeant: boolean): Ebitmap => isMeant
    ? Ebitmap.of(symbols[kind].filter(isDeclared).map((item) => valueOf(item) - 1)) : Ebitmap.empty
  const scopes = (isMeant: boolean) => ({
    commons: Ebitmap.empty, classes: Ebitmap.empty, roles: bits('roles', isMeant), types: bits('types', isMeant),
    users: bits('users', isMeant), booleans: bits('booleans', isMeant), sensitivities: bits('sensitivities', isMeant),
    categories: bits('categories', isMeant),
  })
  return {
    id: 1, conditionals: [], rules: [], required: scopes(false), declared: scopes(true), added: none,
    roleTransitions: policy.roleTransitions.map(({ role, type, tclass, newRole }) =>
      ({ roles: one(role), types: one(type), classes: Ebitmap.of([tclass - 1]), newRole })),
    roleAllows: policy.roleAllows.map(({ role, newRole }) => ({ roles: one(role), newRoles: one(newRole) })),
    nameTransitions: policy.filenameTransitions.flatMap(({ name, target, tclass, results }) =>
      results.map(({ sources, type }) =>
        ({ name, sources: setOf(sources), targets: one(target), tclass, type, flags: 0 }))),
    rangeTransitions: policy.rangeTransitions.map(({ source, target, tclass, range }) => ({
      sources: one(source), targets: one(target), classes: Ebitmap.of([tclass - 1]),
      range: { low: writtenLevel(range.low), high: writtenLevel(range.high) },
    })),
  }
}

/** Attributes that are made for sets get this name in front: no type of the policy begins so. */
const unusedName = ({ types }: Policydb): string => {
  let name = 'policy'
  while (types.items.some((type) => type.name.startsWith(`${name}_typeattr_`))) name += '_'
  return name
}

/** The policy without the rules of its tables (`rule-lines.ts`). */
export const policyAsModule = (policy: Policydb): PolicyModule => {
  const symbols = symbolsOf(policy)
  const declared = (kind: (typeof symbolKinds)[number]): ReadonlyMap<string, readonly number[]> =>
    new Map(symbols[kind].filter(({ name }) => name !== OBJECT_R).map(({ name }) => [name, [1]]))
  const { initialSids, fsContexts, ports, netifs, nodes, fsUses, nodes6, ibPkeys, ibEndports, genfs } = policy
  return {
    name: unusedName(policy), isBase: true, mls: policy.mls, symbols, genfs,
    handleUnknown: policy.rejectUnknown ? 'reject' : policy.allowUnknown ? 'allow' : 'deny',
    policycaps: policy.policycaps,
    blocks: [blockOf(policy, symbols)],
    declaredIn: Object.fromEntries(symbolKinds.map((kind) => [kind, declared(kind)])) as PolicyModule['declaredIn'],
    contexts: { initialSids, fsContexts, ports, netifs, nodes, fsUses, nodes6, ibPkeys, ibEndports },
  }
}
