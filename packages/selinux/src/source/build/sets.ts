/** Sets of types, roles and classes, as rules write them. */
import { SET_ALL, SET_OTHERS } from '../../module/module.ts'
import type { NameSet } from '../../module/module.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { Word, WordSet } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import type { ClassEntry, NamesBuilt } from './symbols.ts'
import { noNames } from './symbols.ts'

export const built = ({ names, without, flags }: NamesBuilt): NameSet =>
  ({ names: Ebitmap.of(names), without: Ebitmap.of(without), flags })

/** `*` and `~` are for neverallow alone. */
export const addTypes = (
  builder: Builder, into: NamesBuilt, set: WordSet, isNeverallow: boolean,
  self: (word: Word, isOut: boolean) => boolean,
): void => {
  if ((set.isAll || set.isComplement) && !isNeverallow) {
    builder.fail('bad-syntax', `\`${set.isAll ? '*' : '~'}\` stands for types in neverallow rules only`, set.at)
  }
  if (set.isAll) into.flags |= SET_ALL
  if (set.isComplement) into.flags |= SET_OTHERS
  for (const word of set.words) if (!self(word, false)) into.names.add(builder.find('types', word).value - 1)
  for (const word of set.without) if (!self(word, true)) into.without.add(builder.find('types', word).value - 1)
}

const noSelf = (): boolean => false

export const typeSet = (builder: Builder, set: WordSet, isNeverallow = false): NameSet => {
  const into = noNames()
  addTypes(builder, into, set, isNeverallow, noSelf)
  return built(into)
}

export const addRoles = (builder: Builder, into: NamesBuilt, set: WordSet): void => {
  if (set.without.length > 0) {
    builder.fail('bad-syntax', 'a set of roles leaves none out', set.without[0]!.at, 'name the roles that it has')
  }
  if (set.isAll) into.flags |= SET_ALL
  if (set.isComplement) into.flags |= SET_OTHERS
  for (const word of set.words) into.names.add(builder.find('roles', word).value - 1)
}

export const roleSet = (builder: Builder, set: WordSet): NameSet => {
  const into = noNames()
  addRoles(builder, into, set)
  return built(into)
}

const isPlain = (builder: Builder, set: WordSet, what: string): void => {
  if (set.isAll || set.isComplement || set.without.length > 0) {
    builder.fail('bad-syntax', `${what} are named one by one`, set.at)
  }
}

/** In the order of their values, each once. */
export const classSet = (builder: Builder, set: WordSet): ClassEntry[] => {
  isPlain(builder, set, 'classes')
  const classes = new Set(set.words.map((word) => builder.find('classes', word)))
  return [...classes].sort((a, b) => a.value - b.value)
}

/** All permissions of a class. */
const everything = ({ nprim }: ClassEntry): number => (nprim === 0 ? 0 : 0xffffffff >>> (32 - nprim))

/** The mask of the permissions in the class. */
export const permissionMask = (builder: Builder, tclass: ClassEntry, set: WordSet): number => {
  if (set.without.length > 0) {
    builder.fail('bad-syntax', 'a set of permissions leaves none out', set.without[0]!.at, '`~{ … }` takes all others')
  }
  if (set.isAll) return everything(tclass)
  let mask = 0
  for (const word of set.words) mask |= 1 << (permission(builder, tclass, word) - 1)
  return (set.isComplement ? ~mask & everything(tclass) : mask) >>> 0
}

const permissionValue = ({ permissions, common }: ClassEntry, name: string): number | null =>
  permissions.get(name) ?? common?.permissions.get(name) ?? null

export const permission = (builder: Builder, tclass: ClassEntry, { text, at }: Word): number => {
  const value = permissionValue(tclass, text)
  if (value !== null) return value
  return builder.fail('unresolved', `class \`${tclass.name}\` has no permission \`${text}\``, at,
    builder.isModule ? `require it: \`class ${tclass.name} ${text};\`` : null)
}
