/** Permissions and strings of a policy in words. */
import type { PermEntry } from '../policydb/policy.ts'
import {
  AA_EXEC_MMAP, AA_MAY_APPEND, AA_MAY_CHANGE_PROFILE, AA_MAY_EXEC, AA_MAY_LINK, AA_MAY_LOCK, AA_MAY_READ, AA_MAY_WRITE,
} from '../perms.ts'

const FILE_LETTERS: readonly (readonly [number, string])[] = [
  [AA_MAY_READ, 'r'], [AA_MAY_WRITE, 'w'], [AA_MAY_APPEND, 'a'], [AA_MAY_EXEC, 'x'], [AA_EXEC_MMAP, 'm'],
  [AA_MAY_LOCK, 'k'], [AA_MAY_LINK, 'l'], [AA_MAY_CHANGE_PROFILE, 'change_profile'],
]

/** `rwk` of a file entry; empty for nothing. */
export const fileLetters = ({ allow }: Pick<PermEntry, 'allow'>): string =>
  FILE_LETTERS.filter(([bit]) => (allow & bit) !== 0).map(([, letter]) => letter).join('')

/** Classes by the first byte of their strings. */
const CLASSES: Readonly<Record<number, string>> = {
  4: 'unix', 7: 'mount', 9: 'ptrace', 10: 'signal', 14: 'network', 16: 'label', 17: 'mqueue', 18: 'mqueue',
  21: 'userns',
  22: 'io_uring', 32: 'dbus',
}

export const className = (first: number): string => CLASSES[first] ?? `class ${first}`

/** Bytes as people read them: text where it is, numbers elsewhere. */
export const symbolsText = (symbols: readonly number[]): string => symbols.map((symbol) => {
  if (symbol > 255) return '<attribute>'
  return symbol >= 0x20 && symbol < 0x7f ? String.fromCharCode(symbol) : `\\x${symbol.toString(16).padStart(2, '0')}`
}).join('')

/** `signal \x09peer`: a string of the other automaton. */
export const ruleString = ([first = 0, ...rest]: readonly number[]): string =>
  `${className(first)} ${symbolsText(rest)}`.trim()
