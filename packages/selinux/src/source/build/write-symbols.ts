/** Writes the tables of symbols of a module. */
import { MODULE_ATTRIBUTE, MODULE_PERMISSIVE } from '../../module/module.ts'
import { Text } from '../../policydb/byte-writer.ts'
import type { ByteWriter } from '../../policydb/byte-writer.ts'
import { CEXPR_NAMES } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import { inHashOrder } from './hash-order.ts'
import { built } from './sets.ts'
import type {
  BoolEntry, CategoryEntry, ClassEntry, CommonEntry, Entry, Kind, RoleEntry, SensitivityEntry, TypeEntry, UserEntry,
} from './symbols.ts'
import { writeLevel, writeRange, writeRoles, writeSet } from './write-sets.ts'

type Sizes = Readonly<Record<Kind, number>>
/** Buckets of the empty tables of a module in libsepol. */
export const tableSizes: Sizes = {
  commons: 2, classes: 32, roles: 16, types: 512, users: 128, booleans: 16, sensitivities: 16, categories: 16,
}
/** Those of a block. */
export const blockTableSizes: Sizes = {
  commons: 2, classes: 4, roles: 8, types: 32, users: 16, booleans: 4, sensitivities: 2, categories: 2,
}
const PERMISSIONS = 32
const ATTRIBUTE_OF_ROLES = 1

const writePermissions = (w: ByteWriter, permissions: ReadonlyMap<string, number>): void => {
  const items = Array.from(permissions, ([name, value]) => ({ name, value }))
  for (const { name, value } of inHashOrder(items, PERMISSIONS)) {
    const text = new Text(name)
    w.u32(text.length)
    w.u32(value)
    w.text(text)
  }
}

const writeCommon = (w: ByteWriter, { name, value, permissions }: CommonEntry): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(value)
  w.u32(permissions.size)
  w.u32(permissions.size)
  w.text(text)
  writePermissions(w, permissions)
}

const writeConstraints = (w: ByteWriter, constraints: ClassEntry['constraints']): void => {
  for (const { permissions, expression } of constraints) {
    w.u32(permissions)
    w.list(expression, ({ kind, attribute, operator, names, typeSet }) => {
      w.u32(kind)
      w.u32(attribute)
      w.u32(operator)
      if (kind !== CEXPR_NAMES) return
      w.ebitmap(names ?? Ebitmap.empty)
      w.ebitmap(typeSet?.types ?? Ebitmap.empty)
      w.ebitmap(typeSet?.negated ?? Ebitmap.empty)
      w.u32(typeSet?.flags ?? 0)
    })
  }
}

const writeClass = (w: ByteWriter, item: ClassEntry, isBase: boolean): void => {
  const [text, common] = [new Text(item.name), new Text(item.common?.name ?? '')]
  for (const length of [text.length, common.length, item.value, item.nprim, item.permissions.size,
    item.constraints.length]) w.u32(length)
  w.text(text)
  w.text(common)
  writePermissions(w, item.permissions)
  writeConstraints(w, item.constraints)
  if (!isBase) return
  w.u32(item.validatetrans.length)
  writeConstraints(w, item.validatetrans)
  for (const value of [item.defaultUser, item.defaultRole, item.defaultRange, item.defaultType]) w.u32(value)
}

const writeRole = (w: ByteWriter, role: RoleEntry): void => {
  const text = new Text(role.name)
  w.u32(text.length)
  w.u32(role.value)
  w.u32(role.bounds)
  w.text(text)
  w.ebitmap(role.dominatesItself ? Ebitmap.of([role.value - 1]) : Ebitmap.empty)
  writeSet(w, built(role.types))
  w.u32(role.isAttribute ? ATTRIBUTE_OF_ROLES : 0)
  w.ebitmap(Ebitmap.of(role.members))
}

const writeType = (w: ByteWriter, type: TypeEntry): void => {
  const text = new Text(type.name)
  const primary = type.isPrimary ? 1 : 0
  w.u32(text.length)
  w.u32(type.value)
  w.u32(primary)
  w.u32(primary | (type.isAttribute ? MODULE_ATTRIBUTE : 0) | (type.isPermissive ? MODULE_PERMISSIVE : 0))
  w.u32(type.bounds)
  w.ebitmap(Ebitmap.of(type.members))
  w.text(text)
}

const writeUser = (w: ByteWriter, user: UserEntry): void => {
  const text = new Text(user.name)
  w.u32(text.length)
  w.u32(user.value)
  w.u32(0)
  w.text(text)
  writeRoles(w, built(user.roles))
  writeRange(w, user.range)
  writeLevel(w, user.level)
}

const writeBoolean = (w: ByteWriter, { name, value, state, isTunable }: BoolEntry): void => {
  const text = new Text(name)
  w.u32(value)
  w.u32(state ? 1 : 0)
  w.u32(text.length)
  w.text(text)
  w.u32(isTunable ? 1 : 0)
}

const writeSensitivity = (w: ByteWriter, { name, isAlias, value, cats }: SensitivityEntry): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(isAlias ? 1 : 0)
  w.text(text)
  w.u32(value)
  w.ebitmap(Ebitmap.of(cats))
}

const writeCategory = (w: ByteWriter, { name, value, isAlias }: CategoryEntry): void => {
  const text = new Text(name)
  w.u32(text.length)
  w.u32(value)
  w.u32(isAlias ? 1 : 0)
  w.text(text)
}

type Writers = { readonly [K in Kind]: (w: ByteWriter, entry: Entry<K>, isBase: boolean) => void }
const writers: Writers = {
  commons: writeCommon, classes: writeClass, roles: writeRole, types: writeType, users: writeUser,
  booleans: writeBoolean, sensitivities: writeSensitivity, categories: writeCategory,
}

/** The number of symbols, and each of them. An alias stands in the table under its own name. */
export const writeTable = (
  w: ByteWriter, kind: Kind, sizes: Sizes, entries: Iterable<{ readonly name: string }>, isBase: boolean,
): void => {
  const write = writers[kind] as (w: ByteWriter, entry: { readonly name: string }, isBase: boolean) => void
  w.list(inHashOrder(entries, sizes[kind]), (entry) => write(w, entry, isBase))
}
