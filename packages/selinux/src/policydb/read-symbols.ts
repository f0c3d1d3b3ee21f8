/** The eight tables of symbols. Each record is checked by itself; references to later tables are checked after them. */
import type { ByteReader } from './byte-reader.ts'
import {
  DEFAULT_GLBLUB, DEFAULT_TARGET, OBJECT_R, OBJECT_R_VAL, POLICYDB_VERSION_BOUNDARY, POLICYDB_VERSION_DEFAULT_TYPE,
  POLICYDB_VERSION_NEW_OBJECT_DEFAULTS, TYPE_ATTRIBUTE, TYPE_PRIMARY,
} from './constants.ts'
import { readConstraints } from './read-constraints.ts'
import { readLevel, readRange } from './read-mls.ts'
import type {
  Bool, Category, Common, ObjectClass, Permission, PolicySymbols, Role, Sensitivity, SymbolTable, Type, User,
} from './policydb.ts'

/** Values are 16-bit numbers in rules. */
const VALUES = 0xffff
const PERMISSIONS = 32

interface Named {
  readonly name: string
}

/** A table of records of at least `size` bytes. `offsets` gets where each begins. */
const readTable = <T extends Named>(
  r: ByteReader, what: string, size: number, most: number, read: (nprim: number) => T, offsets: number[] = [],
): SymbolTable<T> => {
  const nprim = r.u32(`number of ${what} values`)
  if (nprim > most) r.fail('bad-count', `${nprim} ${what} values of at most ${most}`, null, r.at - 4)
  return readItems(r, what, size, nprim, read, offsets)
}

const readItems = <T extends Named>(
  r: ByteReader, what: string, size: number, nprim: number, read: (nprim: number) => T, offsets: number[],
): SymbolTable<T> => {
  const count = r.count(size, what)
  const items: T[] = []
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const at = r.at
    offsets.push(at)
    const item = read(nprim)
    if (names.has(item.name)) r.fail('duplicate', `${what}: \`${item.name}\` is there twice`, null, at)
    names.add(item.name)
    items.push(item)
  }
  return { nprim, items }
}

const readValue = (r: ByteReader, nprim: number, what: string): number => r.value(nprim, `value of a ${what}`)

const readPermission = (r: ByteReader, nprim: number): Permission => {
  const length = r.u32('permission')
  const value = readValue(r, nprim, 'permission')
  return { name: r.text(length, 'permission'), value }
}

const readCommon = (r: ByteReader, nprim: number): Common => {
  const length = r.u32('common')
  const value = readValue(r, nprim, 'common')
  const own = r.u32('number of permission values')
  if (own > PERMISSIONS) r.fail('bad-count', `a common of ${own} permissions`, `at most ${PERMISSIONS}`, r.at - 4)
  const count = r.count(8, 'permissions')
  const name = r.text(length, 'common')
  return { name, value, permissions: readPermissions(r, own, count) }
}

/** Permissions whose two counts stood before the name of what has them. */
const readPermissions = (r: ByteReader, nprim: number, count: number): SymbolTable<Permission> => {
  const items: Permission[] = []
  for (let i = 0; i < count; i++) {
    const at = r.at
    const permission = readPermission(r, nprim)
    if (items.some(({ name, value }) => name === permission.name || value === permission.value)) {
      r.fail('duplicate', `permission \`${permission.name}\` or its value is there twice`, null, at)
    }
    items.push(permission)
  }
  return { nprim, items }
}

const upTo = (r: ByteReader, most: number, what: string): number => {
  const value = r.u32(what)
  if (value > most) r.fail('bad-value', `${what}: ${value}`, null, r.at - 4)
  return value
}

const readClass = (r: ByteReader, nprim: number, version: number, commons: ReadonlySet<string>): ObjectClass => {
  const at = r.at
  const length = r.u32('class')
  const commonLength = r.u32('common of a class')
  const value = readValue(r, nprim, 'class')
  const own = r.u32('number of permission values')
  if (own > PERMISSIONS) r.fail('bad-count', `a class of ${own} permissions`, `at most ${PERMISSIONS}`, r.at - 4)
  const count = r.count(8, 'permissions')
  const constraints = r.count(8, 'constraints')
  const name = r.text(length, 'class')
  const common = commonLength === 0 ? null : r.text(commonLength, 'common of a class')
  if (common !== null && !commons.has(common)) {
    r.fail('bad-reference', `class \`${name}\`: there is no common \`${common}\``, null, at)
  }
  const permissions = readPermissions(r, own, count)
  const rules = readConstraints(r, version, constraints)
  const validatetrans = readConstraints(r, version, r.count(8, 'validatetrans rules'))
  const defaults = version >= POLICYDB_VERSION_NEW_OBJECT_DEFAULTS
  return {
    name,
    value,
    common,
    permissions,
    constraints: rules,
    validatetrans,
    defaultUser: defaults ? upTo(r, DEFAULT_TARGET, 'default_user') : 0,
    defaultRole: defaults ? upTo(r, DEFAULT_TARGET, 'default_role') : 0,
    defaultRange: defaults ? upTo(r, DEFAULT_GLBLUB, 'default_range') : 0,
    defaultType: version >= POLICYDB_VERSION_DEFAULT_TYPE ? upTo(r, DEFAULT_TARGET, 'default_type') : 0,
  }
}

const readBounds = (r: ByteReader, nprim: number, version: number): number =>
  version >= POLICYDB_VERSION_BOUNDARY ? r.value(nprim, 'bounds', 0) : 0

const readRole = (r: ByteReader, nprim: number, version: number): Role => {
  const at = r.at
  const length = r.u32('role')
  const value = readValue(r, nprim, 'role')
  const bounds = readBounds(r, nprim, version)
  const name = r.text(length, 'role')
  if (name === OBJECT_R && value !== OBJECT_R_VAL) {
    r.fail('bad-value', `role \`${OBJECT_R}\` has value ${value}`, `it must be ${OBJECT_R_VAL}`, at)
  }
  return { name, value, bounds, dominates: r.setOf(nprim, 'roles dominated'), types: r.ebitmap('types of a role') }
}

const readType = (r: ByteReader, nprim: number, version: number): Type => {
  const length = r.u32('type')
  const value = readValue(r, nprim, 'type')
  const properties =
    version >= POLICYDB_VERSION_BOUNDARY ? r.u32('properties') : r.u32('primary') === 0 ? 0 : TYPE_PRIMARY
  const bounds = readBounds(r, nprim, version)
  return { name: r.text(length, 'type'), value, properties, bounds }
}

const readUser = (r: ByteReader, nprim: number, version: number): User => {
  const length = r.u32('user')
  const value = readValue(r, nprim, 'user')
  const bounds = readBounds(r, nprim, version)
  const name = r.text(length, 'user')
  const roles = r.ebitmap('roles of a user')
  return {
    name, value, bounds, roles, range: readRange(r, 'range of a user'), defaultLevel: readLevel(r, 'level of a user'),
  }
}

const readBool = (r: ByteReader, nprim: number): Bool => {
  const value = readValue(r, nprim, 'boolean')
  const state = upTo(r, 1, 'state of a boolean') === 1
  return { name: r.string('boolean'), value, state }
}

const readSensitivity = (r: ByteReader): Sensitivity => {
  const length = r.u32('sensitivity')
  const isAlias = r.u32('sensitivity') !== 0
  return { name: r.text(length, 'sensitivity'), isAlias, level: readLevel(r, 'level of a sensitivity') }
}

const readCategory = (r: ByteReader, nprim: number): Category => {
  const length = r.u32('category')
  const value = readValue(r, nprim, 'category')
  const isAlias = r.u32('category') !== 0
  return { name: r.text(length, 'category'), value, isAlias }
}

/** Where the records of each table begin in the file, in their order. */
export type Offsets = { readonly [K in keyof PolicySymbols]: number[] }

export const readSymbols = (r: ByteReader, version: number): { symbols: PolicySymbols; offsets: Offsets } => {
  const offsets: Offsets = {
    commons: [], classes: [], roles: [], types: [], users: [], booleans: [], sensitivities: [], categories: [],
  }
  const commons = readTable(r, 'commons', 17, VALUES, (n) => readCommon(r, n), offsets.commons)
  const known = new Set(commons.items.map(({ name }) => name))
  const ofClass = (n: number) => readClass(r, n, version, known)
  const classes = readTable(r, 'classes', 29, VALUES, ofClass, offsets.classes)
  const roles = readTable(r, 'roles', 33, VALUES, (n) => readRole(r, n, version), offsets.roles)
  const types = readTable(r, 'types', 13, VALUES, (n) => readType(r, n, version), offsets.types)
  const users = readTable(r, 'users', 57, VALUES, (n) => readUser(r, n, version), offsets.users)
  const booleans = readTable(r, 'booleans', 13, VALUES, (n) => readBool(r, n), offsets.booleans)
  const sensitivities = readTable(r, 'sensitivities', 25, VALUES, () => readSensitivity(r), offsets.sensitivities)
  const categories = readTable(r, 'categories', 13, VALUES, (n) => readCategory(r, n), offsets.categories)
  return { symbols: { commons, classes, roles, types, users, booleans, sensitivities, categories }, offsets }
}

/** True of a type that a context can have. */
export const isPlainType = ({ properties }: Type): boolean => (properties & TYPE_ATTRIBUTE) === 0
