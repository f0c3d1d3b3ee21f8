/** Permissions in the words of rules to entries of a permission table, as kernels convert the older form (`policy_compat.c`). */
import type { Accepted } from '../dfa/accept.ts'
import {
  AA_CONT_MATCH, AA_EXEC_MMAP, AA_MAY_CHANGE_PROFILE, AA_MAY_CHMOD, AA_MAY_CHOWN, AA_MAY_CREATE, AA_MAY_DELETE, AA_MAY_GETATTR,
  AA_MAY_LINK, AA_MAY_LOCK, AA_MAY_ONEXEC, AA_MAY_OPEN, AA_MAY_SETATTR, AA_X_CHILD, AA_X_INHERIT, AA_X_NAME, AA_X_TABLE,
  AA_X_UNCONFINED, AA_X_UNSAFE,
} from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { CHANGE_PROFILE, FILE_LINK, FILE_LOCK, FILE_MMAP, FILE_READ, FILE_WRITE, ONEXEC } from './file-perms.ts'

/** What each bit of a rule grants beside itself. */
const WIDENED: readonly (readonly [number, number])[] = [
  [FILE_READ, AA_MAY_GETATTR | AA_MAY_OPEN],
  [FILE_WRITE, AA_MAY_SETATTR | AA_MAY_CREATE | AA_MAY_DELETE | AA_MAY_CHMOD | AA_MAY_CHOWN | AA_MAY_OPEN],
  [FILE_LINK, AA_MAY_LINK], [FILE_LOCK, AA_MAY_LOCK], [FILE_MMAP, AA_EXEC_MMAP],
]

const widen = (bits: number): number =>
  WIDENED.reduce((all, [bit, more]) => (bits & bit) === 0 ? all : all | more, bits & 0xf) >>> 0

/** The 14 bits of one side as an exec index. */
export const execIndex = (bits: number): number => {
  let index = 0
  if ((bits & 0x100) !== 0) index |= AA_X_UNSAFE
  if ((bits & 0x200) !== 0) index |= AA_X_INHERIT
  if ((bits & 0x80) !== 0) index |= AA_X_UNCONFINED
  const target = bits >> 10 & 0xf
  if (target === 1) index |= AA_X_UNCONFINED
  else if (target === 2) index |= AA_X_NAME
  else if (target === 3) index |= AA_X_NAME | AA_X_CHILD
  else if (target > 3) index |= AA_X_TABLE | (target - 4)
  return index >>> 0
}

const entry = (parts: Partial<PermEntry>): PermEntry => ({
  allow: 0, deny: 0, subtree: 0, cond: 0, kill: 0, complain: 0, prompt: 0, audit: 0, quiet: 0, hide: 0, xindex: 0, tag: 0, label: 0,
  ...parts,
})

const shared = (allow: number): number => (
  AA_MAY_GETATTR | ((allow & CHANGE_PROFILE) === 0 ? 0 : AA_MAY_CHANGE_PROFILE) | ((allow & ONEXEC) === 0 ? 0 : AA_MAY_ONEXEC)
)

/** The owner's entry and that of others. `audits` has audit and quiet bits in one word. */
export const fileEntries = ({ allow, prompt }: Accepted, audits: number): [PermEntry, PermEntry] => {
  const side = (shift: number): PermEntry => {
    const granted = (widen(allow >>> shift & 0x7f) | shared(allow)) >>> 0
    return entry({
      allow: granted, prompt: (widen(prompt >>> shift & 0x7f) & ~granted) >>> 0, audit: widen(audits >>> shift & 0x7f),
      quiet: widen(audits >>> shift + 7 & 0x7f), xindex: execIndex(allow >>> shift & 0x3fff),
    })
  }
  return [side(0), side(14)]
}

/** The other side of a word holds further permissions of classes without owners. */
const further = (bits: number): number => (bits & 0x3) << 8 | (bits & 0x1c) << 18 | (bits & 0x60) << 19

const CONTINUES = 0x10000000

export const policyEntry = ({ allow, prompt }: Accepted, audits: number): PermEntry => {
  const own = (bits: number, shift: number): number => bits >>> shift & 0x7f
  const all = own(allow, 0) | (allow & 0x80000000) | further(own(allow, 14)) | AA_MAY_LOCK
    | ((allow & CONTINUES) === 0 ? 0 : AA_CONT_MATCH)
  return entry({
    // Kernels refuse a table with an entry that both allows and asks.
    allow: all >>> 0, prompt: ((own(prompt, 0) | (prompt & 0x80000000) | further(own(prompt, 14))) & ~all) >>> 0,
    audit: (own(audits, 0) | further(own(audits, 14))) >>> 0,
    quiet: (own(audits, 7) | further(own(audits, 21))) >>> 0,
  })
}
