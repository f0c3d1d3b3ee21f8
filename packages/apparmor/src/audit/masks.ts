/** Permission words in letters and names (lib.c, file.c, net.c). */
import {
  AA_EXEC_MMAP, AA_MAY_APPEND, AA_MAY_CHMOD, AA_MAY_CHOWN, AA_MAY_CREATE, AA_MAY_DELETE, AA_MAY_EXEC, AA_MAY_GETATTR,
  AA_MAY_LINK, AA_MAY_LOCK, AA_MAY_READ, AA_MAY_SETATTR, AA_MAY_WRITE,
} from '../perms.ts'

/** A letter a bit, in the order of bits. */
const letters: readonly (readonly [bit: number, letter: string])[] = [
  [AA_MAY_EXEC, 'x'], [AA_MAY_WRITE, 'w'], [AA_MAY_READ, 'r'], [AA_MAY_APPEND, 'a'], [AA_MAY_CREATE, 'c'],
  [AA_MAY_DELETE, 'd'], [AA_MAY_LOCK, 'k'], [AA_EXEC_MMAP, 'm'], [AA_MAY_LINK, 'l'],
]

/** Attributes read as r, and changed as w. */
export const fileLetters = (mask: number): string => {
  const folded = mask | (mask & AA_MAY_GETATTR ? AA_MAY_READ : 0) |
    (mask & (AA_MAY_SETATTR | AA_MAY_CHMOD | AA_MAY_CHOWN) ? AA_MAY_WRITE : 0)
  return letters.map(([bit, letter]) => (folded & bit ? letter : '')).join('')
}

/** Names of bits of the class net; those without a name here are not printed. */
const netNames: readonly (readonly [bit: number, name: string])[] = [
  [0x2, 'send'], [0x4, 'receive'], [0x10, 'create'], [0x20, 'shutdown'], [0x40, 'connect'], [0x100, 'setattr'],
  [0x200, 'getattr'], [0x100000, 'accept'], [0x200000, 'bind'], [0x400000, 'listen'], [0x1000000, 'setopt'],
  [0x2000000, 'getopt'],
]

export const netWords = (mask: number): string =>
  netNames.filter(([bit]) => (mask & bit) !== 0).map(([, name]) => name).join(' ')
