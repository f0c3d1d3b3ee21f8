/**
 * The symbol tables of the binary policy: commons, classes, roles, types, users, booleans, sensitivities, categories.
 */
import { OBJECT_R, TYPE_ATTRIBUTE, TYPE_PRIMARY } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type {
  Bool, Category, Common, Level, ObjectClass, Permission, Policydb, Role, Sensitivity, SymbolTable, Type, User,
} from '../../policydb/policydb.ts'
import { list } from '../../bits.ts'
import type { Declared } from '../resolve/scope.ts'
import { Attribute } from '../resolve/symbols.ts'
import type { Alias, Atom, ClassSymbol } from '../resolve/symbols.ts'
import type { Numbering } from './numbering.ts'

type Tables = Pick<Policydb,
  'commons' | 'classes' | 'roles' | 'types' | 'users' | 'booleans' | 'sensitivities' | 'categories' | 'typeAttributes'>

export const symbolTables = (n: Numbering): Tables => {
  const { commons, classes } = classTables(n)
  return { commons, classes, roles: roles(n), types: types(n), users: users(n), booleans: booleans(n),
    sensitivities: sensitivities(n), categories: categories(n), typeAttributes: typeAttributes(n) }
}

const tableOf = <T>(items: T[], nprim = items.length): SymbolTable<T> => ({ nprim, items })

const permissions = (n: Numbering, tclass: ClassSymbol, first: number): SymbolTable<Permission> => {
  const items = [...tclass.permissions.values()]
    .map(({ name, index }) => ({ name: n.tree.names.text(name), value: first + index + 1 }))
  return tableOf(items, first + items.length)
}

/** Classes in their order; of the commons those that a class has. */
const classTables = (n: Numbering): { commons: SymbolTable<Common>; classes: SymbolTable<ObjectClass> } => {
  const commons = new Map<ClassSymbol, Common>()
  const classes = (n.classOrder as readonly ClassSymbol[]).map((tclass, i): ObjectClass => {
    const { common } = tclass
    if (common !== null && !commons.has(common)) {
      commons.set(common, { name: n.name(common), value: commons.size + 1, permissions: permissions(n, common, 0) })
    }
    return { name: n.name(tclass), value: i + 1, common: common === null ? null : n.name(common),
      permissions: permissions(n, tclass, common?.permissions.size ?? 0), constraints: [], validatetrans: [],
      defaultUser: 0, defaultRole: 0, defaultType: 0, defaultRange: 0 }
  })
  return { commons: tableOf([...commons.values()]), classes: tableOf(classes) }
}

/** Bits that the place of an attribute takes in a list. */
const PLACE = 64

/** object_r, that of objects, is there undeclared too; it goes with every type and dominates nothing, unwritten. */
const objectRole: Role = { name: OBJECT_R, value: 1, bounds: 0, dominates: Ebitmap.empty, types: Ebitmap.empty }

/** Every other role dominates itself. */
const roles = (n: Numbering): SymbolTable<Role> => {
  const items = n.facts.roles.filter((role) => n.role(role) !== 1).map((role): Role => {
    const value = n.role(role)
    return { name: n.name(role), value, bounds: role.bounds === null ? 0 : n.role(role.bounds),
      dominates: Ebitmap.of([value - 1]),
      types: role.members === null ? Ebitmap.empty : Ebitmap.of(n.typesIn(role.members).map((type) => type - 1)) }
  })
  return tableOf([objectRole, ...items])
}

const types = (n: Numbering): SymbolTable<Type> => {
  const items: Type[] = []
  for (const symbol of n.facts.typeOrder) {
    const value = n.type(symbol)
    if (value === 0) continue
    const isAttribute = symbol instanceof Attribute
    const bounds = isAttribute ? null : (symbol as Atom).bounds
    items.push({ name: n.name(symbol), value, properties: TYPE_PRIMARY | (isAttribute ? TYPE_ATTRIBUTE : 0),
      bounds: bounds === null ? 0 : n.type(bounds) })
  }
  for (const alias of n.facts.typeAliases) {
    items.push({ name: n.name(alias), value: n.type(alias.actual!), properties: 0, bounds: 0 })
  }
  return tableOf(items, n.typeCount)
}

/** For each type its attributes and itself. */
const typeAttributes = (n: Numbering): Ebitmap[] => {
  const attributes: number[][] = Array.from({ length: n.typeCount }, (_, i) => [i])
  for (const attribute of n.facts.typeAttributes) {
    if (!attribute.isKept) continue
    const bit = n.type(attribute) - 1
    const members = n.typesIn(attribute.bits!)
    n.effort.node = attribute.node
    n.effort.keep(members.length * PLACE)
    for (const type of members) attributes[type - 1]!.push(bit)
  }
  return attributes.map((bits) => Ebitmap.of(bits))
}

const users = (n: Numbering): SymbolTable<User> => tableOf(n.facts.users.map((user): User => ({
  name: n.name(user),
  value: user.value + 1,
  bounds: user.bounds === null ? 0 : user.bounds.value + 1,
  // object_r is everybody's, and not written.
  roles: Ebitmap.of((user.members === null ? [] : list(user.members)).map((role) => n.roleAt(role) - 1)
    .filter((bit) => bit !== 0)),
  range: n.range(user.range!),
  defaultLevel: n.level(user.level!),
})))

const booleans = (n: Numbering): SymbolTable<Bool> =>
  tableOf(n.facts.booleans.map((bool): Bool => ({ name: n.name(bool), value: bool.value + 1, state: bool.state })))

const aliases = <T>(symbols: readonly Alias[], make: (alias: Alias, actual: Declared) => T): T[] =>
  symbols.map((alias) => make(alias, alias.actual!))

const sensitivities = (n: Numbering): SymbolTable<Sensitivity> => {
  if (!n.isMls) return tableOf([])
  const level = (symbol: Declared): Level => {
    const allowed = n.categories.allowed(symbol as Parameters<typeof n.categories.allowed>[0])
    return { sens: symbol.value + 1, cats: allowed === null ? Ebitmap.empty : Ebitmap.of(list(allowed)) }
  }
  const items: Sensitivity[] = n.facts.sensitivities.map(
    (symbol) => ({ name: n.name(symbol), isAlias: false, level: level(symbol) }))
  const more = aliases(n.facts.sensitivityAliases,
    (alias, actual) => ({ name: n.name(alias), isAlias: true, level: level(actual) }))
  return tableOf([...items, ...more], items.length)
}

const categories = (n: Numbering): SymbolTable<Category> => {
  if (!n.isMls) return tableOf([])
  const items: Category[] = n.facts.categories.map(
    (symbol) => ({ name: n.name(symbol), value: symbol.value + 1, isAlias: false }))
  const more = aliases(n.facts.categoryAliases,
    (alias, actual) => ({ name: n.name(alias), value: actual.value + 1, isAlias: true }))
  return tableOf([...items, ...more], items.length)
}
