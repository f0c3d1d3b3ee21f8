/** The permissions of a state of a policy's automaton, in words that do not depend on how the policy was made. */
import { DFA_START } from '../dfa/dfa.ts'
import type { Pdb, PermEntry } from '../policydb/policy.ts'
import {
  AA_EXEC_MMAP, AA_MAY_APPEND, AA_MAY_EXEC, AA_MAY_LINK, AA_MAY_LOCK, AA_MAY_READ, AA_MAY_WRITE,
  AA_X_INDEX_MASK,
  AA_X_TABLE, AA_X_TYPE_MASK,
} from '../perms.ts'
import { fileEntries, policyEntry } from '../profile/perm-entries.ts'

export type PdbKind = 'file' | 'policydb' | 'xmatch'

/** The target of a way to execute: the name in the table, or the word itself. */
export const execTarget = (entry: PermEntry, transitions: readonly string[] | null): string => {
  const { xindex, allow } = entry
  if ((allow & AA_MAY_EXEC) === 0) return ''
  if ((xindex & AA_X_TYPE_MASK) !== AA_X_TABLE) return xindex.toString(16)
  const name = transitions?.[xindex & AA_X_INDEX_MASK]
  return `${(xindex & ~AA_X_INDEX_MASK).toString(16)} ${name ?? 'missing'}`
}

/** The entries of a state: of files the owner's and that of others, else one. */
export const stateEntries = (pdb: Pdb, kind: PdbKind, state: number): readonly PermEntry[] => {
  const dfa = pdb.dfa!
  const accept = dfa.accept[state]!
  if (pdb.perms !== null && kind !== 'xmatch') {
    return kind === 'file' ? [pdb.perms[accept]!, pdb.perms[accept + 1]!] : [pdb.perms[accept]!]
  }
  const accepted = { allow: accept, prompt: 0, audit: 0, quiet: 0 }
  const audits = dfa.accept2?.[state] ?? 0
  return kind === 'file' ? fileEntries(accepted, audits) : [policyEntry(accepted, audits)]
}

const WORDS = [
  'allow', 'deny', 'subtree', 'cond', 'kill', 'complain', 'prompt', 'audit', 'quiet', 'hide', 'tag', 'label',
] as const

/** Audit bits, and 7 higher quiet bits, of either side of a word. */
const SIDES = 0x1fc07f

/**
 * The two words of a state whose permissions are inside the automaton. What is recorded of a denied permission, or kept
 * quiet of a granted one, means nothing.
 */
const inlineKey = (allow: number, audits: number): string => {
  const granted = allow & SIDES
  return `${allow.toString(16)} ${(audits & (granted | (SIDES & ~granted) << 7)).toString(16)}`
}

/** Equal for states that allow the same. */
export const stateKey = (pdb: Pdb, kind: PdbKind, state: number): string => {
  if (kind === 'xmatch') return `${pdb.dfa!.accept[state]! & 0x7f}`
  if (pdb.perms === null && kind === 'policydb') {
    return inlineKey(pdb.dfa!.accept[state]!, pdb.dfa!.accept2?.[state] ?? 0)
  }
  const entries = stateEntries(pdb, kind, state)
  return entries.map((entry) => entryKey(kind === 'file' ? plainRecords(entry) : entry, pdb.transitions)).join('|')
}

/** Permissions that a file rule names; all others follow from them. */
const NAMED = AA_MAY_EXEC | AA_MAY_WRITE | AA_MAY_READ | AA_MAY_APPEND | AA_MAY_LINK | AA_MAY_LOCK | AA_EXEC_MMAP

/** Records of what a rule names alone: a denied `r` may leave a trace in what it stands for. */
export const plainRecords = (entry: PermEntry): PermEntry =>
  ({ ...entry, audit: entry.audit & NAMED, quiet: entry.quiet & NAMED })

export const entryKey = (entry: PermEntry, transitions: readonly string[] | null): string => {
  const meant = {
    ...entry, audit: entry.audit & entry.allow, quiet: entry.quiet & ~entry.allow, prompt: entry.prompt & ~entry.allow,
  }
  return `${WORDS.map((word) => (meant[word] >>> 0).toString(16)).join(' ')} ${execTarget(entry, transitions)}`
}

/** Where the strings of a kind start. */
export const startOf = (pdb: Pdb, kind: PdbKind): number => (kind === 'file' ? pdb.dfaStart : pdb.start) ?? DFA_START
