/** S-010: a macro of permissions that says the same as a list of them. */
import type { PolicySymbols } from './symbols.ts'

/** What a permission may be widened to: opening a file is of no use without its attributes, and the like. */
const wider: Readonly<Record<string, string>> = {
  ioctl: '', getattr: '', entrypoint: '', read: 'ioctl getattr search lock', lock: 'getattr', append: 'getattr',
  write: 'ioctl getattr append lock', create: 'getattr link', setattr: 'getattr', map: 'ioctl getattr',
  unlink: 'getattr rmdir', link: 'getattr', rename: 'getattr', open: 'getattr', execute: 'read getattr map',
  relabelfrom: 'getattr', relabelto: 'getattr', mounton: 'getattr', watch: 'read',
  add_name: 'write ioctl getattr append lock', remove_name: 'write ioctl getattr append lock', reparent: 'getattr',
  search: 'getattr', rmdir: 'unlink getattr', execute_no_trans: 'execute read getattr map',
}
const widened = new Map(Object.entries(wider).map(([name, more]) => [name, more === '' ? [] : more.split(' ')]))

const classSuffixes: readonly (readonly [suffix: string, tclass: string])[] = [
  ['_dir_perms', 'dir'], ['_lnk_file_perms', 'lnk_file'], ['_chr_file_perms', 'chr_file'], ['_term_perms', 'chr_file'],
  ['_blk_file_perms', 'blk_file'], ['_sock_file_perms', 'sock_file'], ['_fifo_file_perms', 'fifo_file'],
  ['_file_perms', 'file'],
]

interface SetMacro {
  readonly name: string
  readonly permissions: ReadonlySet<string>
}

/** A permission that no macro has. */
const OTHER = ' '
/** Macros inside macros. */
const DEEPEST = 20

/** Single permissions of a list of them and of macros. */
const singles = (
  symbols: PolicySymbols, names: readonly string[], into = new Set<string>(), depth = 0,
): Set<string> => {
  for (const name of names) {
    const macro = symbols.permissionMacros.get(name)
    if (widened.has(name)) into.add(name)
    else if (macro !== undefined && depth < DEEPEST) singles(symbols, macro, into, depth + 1)
    else into.add(OTHER)
  }
  return into
}

const macrosByClass = (symbols: PolicySymbols): Map<string, SetMacro[]> => {
  const found = new Map<string, SetMacro[]>()
  for (const [name, words] of symbols.permissionMacros) {
    const permissions = singles(symbols, words)
    const tclass = classSuffixes.find(([suffix]) => name.endsWith(suffix))?.[1]
    if (tclass === undefined || permissions.has(OTHER)) continue
    found.set(tclass, [...found.get(tclass) ?? [], { name, permissions }])
  }
  for (const macros of found.values()) macros.sort((a, b) => a.permissions.size - b.permissions.size)
  return found
}

const known = new WeakMap<PolicySymbols, Map<string, SetMacro[]>>()

const macrosOf = (symbols: PolicySymbols, tclass: string): readonly SetMacro[] => {
  let found = known.get(symbols)
  if (found === undefined) known.set(symbols, found = macrosByClass(symbols))
  return found.get(tclass) ?? []
}

const addAll = (into: Set<string>, names: readonly string[]): void => names.forEach((name) => into.add(name))

/** What the macro may have beyond the permissions. */
const allowedBeyond = (own: ReadonlySet<string>): Set<string> => {
  const found = new Set(own)
  for (const name of own) addAll(found, widened.get(name) ?? [])
  if (found.has('create') || found.has('write')) addAll(found, ['setattr', 'getattr'])
  if (found.has('create') || found.has('unlink')) addAll(found, ['rename', 'reparent', 'getattr'])
  return found
}

const countIn = (names: Iterable<string>, of: ReadonlySet<string>): number => {
  let count = 0
  for (const name of names) if (of.has(name)) count++
  return count
}

/** Null where nothing better is known. */
export const betterMacro = (symbols: PolicySymbols, tclass: string, permissions: readonly string[]): string | null => {
  const macros = macrosOf(symbols, tclass)
  if (macros.length === 0) return null
  const own = singles(symbols, permissions)
  if (own.size - (own.has(OTHER) ? 1 : 0) < 2) return null
  const beyond = allowedBeyond(own)
  let best: { macro: SetMacro; covered: number; added: number } | null = null
  for (const macro of macros) {
    if (countIn(macro.permissions, beyond) < macro.permissions.size) continue
    const covered = countIn(macro.permissions, own)
    const added = macro.permissions.size - covered
    const isWorse = best !== null &&
      (covered < best.covered || (covered === best.covered && added > best.added))
    if (covered < 2 || isWorse) continue
    if (replaced(symbols, permissions, macro).length < 2) continue
    best = { macro, covered, added }
  }
  if (best === null || permissions.includes(best.macro.name)) return null
  const added = [...best.macro.permissions].filter((name) => !own.has(name))
  return `\`${best.macro.name}\` stands for ${replaced(symbols, permissions, best.macro).join(' ')}` +
    (added.length === 0 ? '' : `, and adds ${added.join(' ')}`)
}

const replaced = (symbols: PolicySymbols, permissions: readonly string[], macro: SetMacro): string[] =>
  permissions.filter((name) => [...singles(symbols, [name])].every((one) => macro.permissions.has(one)))
