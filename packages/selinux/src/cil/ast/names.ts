/** Which names may be given, and which words are kept for expressions. */
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'

export const LONGEST_NAME = 2048

/** The kind of the name, as far as it decides which words are reserved. */
export type NamedFlavor =
  | 'boolean' | 'permission' | 'user' | 'role' | 'type' | 'category' | 'xperms' | 'parameter' | 'other'

const flavors: Readonly<Record<number, NamedFlavor>> = {
  [W.boolean]: 'boolean', [W.tunable]: 'boolean', [W.user]: 'user', [W.userattribute]: 'user', [W.role]: 'role',
  [W.roleattribute]: 'role', [W.type]: 'type', [W.typeattribute]: 'type', [W.typealias]: 'type',
  [W.category]: 'category', [W.categoryalias]: 'category', [W.categoryset]: 'category', [W.permissionx]: 'xperms',
  [W.common]: 'other', [W.class]: 'other', [W.classmap]: 'other', [W.classpermission]: 'other', [W.block]: 'other',
  [W.optional]: 'other', [W.macro]: 'other', [W.context]: 'other', [W.sensitivity]: 'other',
  [W.sensitivityalias]: 'other', [W.level]: 'other', [W.levelrange]: 'other', [W.ipaddr]: 'other', [W.sid]: 'other',
  [W.policycap]: 'other',
}

/** The kind of name that the statement declares by its first argument, null if it declares nothing. */
export const namedFlavor = (keyword: number): NamedFlavor | null => flavors[keyword] ?? null

const set = [W.and, W.or, W.xor, W.not]
const reserved: Readonly<Record<NamedFlavor, ReadonlySet<number>>> = {
  boolean: new Set([...set, W.eq, W.neq]),
  permission: new Set([...set, W.all]),
  user: new Set([...set, W.all]),
  role: new Set([...set, W.all]),
  type: new Set([...set, W.all, W.self, W.notself, W.other]),
  category: new Set([...set, W.all, W.range]),
  xperms: new Set([...set, W.all, W.range]),
  parameter: new Set(),
  other: new Set(),
}

/**
 * Throws CilError unless the atom is a letter followed by letters, digits, `_` and `-`, in qualified names dots too,
 * and no reserved word.
 */
export const checkName = (tree: Tree, atom: number, flavor: NamedFlavor): void => {
  const text = tree.text(atom)
  if (reserved[flavor].has(tree.word[atom]!)) {
    throw new CilError('bad-name', `\`${text}\` is a word of expressions and cannot be a name`, tree.place(atom))
  }
  if (text.length >= LONGEST_NAME) {
    throw new CilError('bad-name', 'a name of more than 2047 characters', tree.place(atom))
  }
  const { areQualified } = tree.names
  if (!(areQualified ? /^[A-Za-z][\w.-]*$/ : /^[A-Za-z][\w-]*$/).test(text)) {
    throw new CilError('bad-name', `\`${text.slice(0, 80)}\` cannot be a name`, tree.place(atom),
      { hint: `a letter, then letters, digits, ${areQualified ? '`_`, `.`' : '`_`'} and \`-\`` })
  }
}
