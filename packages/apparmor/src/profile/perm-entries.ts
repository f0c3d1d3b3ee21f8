/** Permissions in the words of rules to entries of a permission table, as kernels convert the older form. */
import type { Accepted } from '../dfa/accept.ts'
import { AA_CONT_MATCH, AA_MAY_LOCK } from '../perms.ts'
import { fileEntry, ruleEntry } from '../policydb/packed-perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { PACKED_CONTINUES } from './net-perms.ts'

/** Allows nothing and records everything that is denied. */
export const NOTHING: PermEntry = {
  allow: 0, deny: 0, subtree: 0, cond: 0, kill: 0, complain: 0, prompt: 0, audit: 0, quiet: 0, hide: 0, xindex: 0,
  tag: 0, label: 0,
}

/** The form in which compilers write rules of all classes but files. */
const VERSION = 8

/** The owner's entry and that of others. `audits` has audit and quiet bits in one word. */
export const fileEntries = ({ allow, prompt }: Accepted, audits: number): [PermEntry, PermEntry] => {
  const side = (other: boolean): PermEntry => {
    const entry = fileEntry(allow, audits, other)
    return { ...NOTHING, ...entry, prompt: (fileEntry(prompt, 0, other).allow & ~entry.allow) >>> 0 }
  }
  return [side(false), side(true)]
}

export const policyEntry = ({ allow, prompt }: Accepted, audits: number): PermEntry => {
  const entry = ruleEntry(allow, audits, VERSION)
  const all = entry.allow | ((allow & PACKED_CONTINUES) === 0 ? 0 : AA_CONT_MATCH)
  // Kernels refuse a table with an entry that both allows and asks.
  return {
    ...NOTHING, ...entry, allow: all >>> 0, prompt: (ruleEntry(prompt, 0, VERSION).allow & ~(all | AA_MAY_LOCK)) >>> 0,
  }
}
