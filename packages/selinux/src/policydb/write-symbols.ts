/** The eight tables of symbols. */
import { Text } from './byte-writer.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  CEXPR_NAMES, DEFAULT_GLBLUB, POLICYDB_VERSION_BOUNDARY, POLICYDB_VERSION_CONSTRAINT_NAMES,
  POLICYDB_VERSION_DEFAULT_TYPE, POLICYDB_VERSION_GLBLUB, POLICYDB_VERSION_NEW_OBJECT_DEFAULTS, TYPE_ATTRIBUTE,
  TYPE_PRIMARY,
} from './constants.ts'
import { Ebitmap } from './ebitmap.ts'
import type {
  Bool, Category, Common, Constraint, ConstraintNode, ObjectClass, Permission, Policydb, Role, Sensitivity, SymbolTable,
  Type, User,
} from './policydb.ts'
import { writeLevel, writeRange } from './write-mls.ts'

/** The output, its version, and the callback for parts that are left out. */
export interface Target {
  readonly w: ByteWriter
  readonly version: number
  readonly drop: (what: string) => void
}

const writeTable = <T>({ w }: Target, { nprim, items }: SymbolTable<T>, write: (item: T) => void): void => {
  w.u32(nprim)
  w.list(items, write)
}

const writePermission = (w: ByteWriter, { name, value }: Permission): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(value)
  w.text(text)
}

const writeCommon = (w: ByteWriter, { name, value, permissions }: Common): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(value)
  w.u32(permissions.nprim)
  w.u32(permissions.items.length)
  w.text(text)
  for (const permission of permissions.items) writePermission(w, permission)
}

const writeNode = ({ w, version }: Target, { kind, attribute, operator, names, typeSet }: ConstraintNode): void => {
  w.u32(kind)
  w.u32(attribute)
  w.u32(operator)
  if (kind !== CEXPR_NAMES) return
  w.ebitmap(names ?? Ebitmap.empty)
  if (version < POLICYDB_VERSION_CONSTRAINT_NAMES) return
  w.ebitmap(typeSet?.types ?? Ebitmap.empty)
  w.ebitmap(typeSet?.negated ?? Ebitmap.empty)
  w.u32(typeSet?.flags ?? 0)
}

const writeConstraint = (target: Target, { permissions, expression }: Constraint): void => {
  target.w.u32(permissions)
  target.w.list(expression, (node) => writeNode(target, node))
}

/** Since 27 user, role and range, since 28 the type, since 32 the lub of ranges. */
const writeDefaults = ({ w, version, drop }: Target, item: ObjectClass): void => {
  const { name, defaultUser, defaultRole, defaultRange, defaultType } = item
  if (version < POLICYDB_VERSION_NEW_OBJECT_DEFAULTS) {
    if (defaultUser + defaultRole + defaultRange + defaultType > 0) drop(`the defaults of class \`${name}\``)
    return
  }
  const lost = defaultRange === DEFAULT_GLBLUB && version < POLICYDB_VERSION_GLBLUB
  if (lost) drop(`default_range glblub of class \`${name}\``)
  w.u32(defaultUser)
  w.u32(defaultRole)
  w.u32(lost ? 0 : defaultRange)
  if (version >= POLICYDB_VERSION_DEFAULT_TYPE) w.u32(defaultType)
  else if (defaultType > 0) drop(`default_type of class \`${name}\``)
}

const writeClass = (target: Target, item: ObjectClass): void => {
  const { w } = target
  const name = new Text(item.name)
  const common = new Text(item.common ?? '')
  w.u32(name.length)
  w.u32(common.length)
  w.u32(item.value)
  w.u32(item.permissions.nprim)
  w.u32(item.permissions.items.length)
  w.u32(item.constraints.length)
  w.text(name)
  w.text(common)
  for (const permission of item.permissions.items) writePermission(w, permission)
  for (const constraint of item.constraints) writeConstraint(target, constraint)
  w.list(item.validatetrans, (constraint) => writeConstraint(target, constraint))
  writeDefaults(target, item)
}

const writeBounds = ({ w, version, drop }: Target, { name, bounds }: { name: string; bounds: number }): void => {
  if (version >= POLICYDB_VERSION_BOUNDARY) w.u32(bounds)
  else if (bounds > 0) drop(`the bounds of \`${name}\``)
}

const writeRole = (target: Target, role: Role): void => {
  const { w } = target
  const name = new Text(role.name)
  w.u32(name.length)
  w.u32(role.value)
  writeBounds(target, role)
  w.text(name)
  w.ebitmap(role.dominates)
  w.ebitmap(role.types)
}

const writeType = (target: Target, type: Type): void => {
  const { w, version } = target
  const name = new Text(type.name)
  w.u32(name.length)
  w.u32(type.value)
  w.u32(version >= POLICYDB_VERSION_BOUNDARY ? type.properties : type.properties & TYPE_PRIMARY)
  writeBounds(target, type)
  w.text(name)
}

const writeUser = (target: Target, user: User): void => {
  const { w } = target
  const name = new Text(user.name)
  w.u32(name.length)
  w.u32(user.value)
  writeBounds(target, user)
  w.text(name)
  w.ebitmap(user.roles)
  writeRange(w, user.range)
  writeLevel(w, user.defaultLevel)
}

const writeBool = (w: ByteWriter, { name, value, state }: Bool): void => {
  w.u32(value)
  w.u32(state ? 1 : 0)
  w.string(name)
}

const writeSensitivity = (w: ByteWriter, { name, isAlias, level }: Sensitivity): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(isAlias ? 1 : 0)
  w.text(text)
  writeLevel(w, level)
}

const writeCategory = (w: ByteWriter, { name, value, isAlias }: Category): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(value)
  w.u32(isAlias ? 1 : 0)
  w.text(text)
}

/** Attributes have records since version 24; before, rules and maps speak of their values alone. */
const typesOf = ({ version }: Target, { types }: Policydb): Type[] =>
  version >= POLICYDB_VERSION_BOUNDARY
    ? types.items
    : types.items.filter(({ properties }) => (properties & TYPE_ATTRIBUTE) === 0)

export const writeSymbols = (target: Target, policy: Policydb): void => {
  const { w } = target
  writeTable(target, policy.commons, (item) => writeCommon(w, item))
  writeTable(target, policy.classes, (item) => writeClass(target, item))
  writeTable(target, policy.roles, (item) => writeRole(target, item))
  writeTable(target, { nprim: policy.types.nprim, items: typesOf(target, policy) }, (item) => writeType(target, item))
  writeTable(target, policy.users, (item) => writeUser(target, item))
  writeTable(target, policy.booleans, (item) => writeBool(w, item))
  writeTable(target, policy.sensitivities, (item) => writeSensitivity(w, item))
  writeTable(target, policy.categories, (item) => writeCategory(w, item))
}
