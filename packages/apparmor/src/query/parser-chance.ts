/**
 * Compares a compiled text with what apparmor_parser made of it, whose answer depends in places on the order of rules
 * in memory.
 */
import { AA_EXEC_MMAP } from '../perms.ts'
import type { Pdb, PermEntry, PolicyBinary } from '../policydb/policy.ts'
import type { CompileResult } from '../profile/compile.ts'
import { RuleFinder, unsureBits } from '../profile/order.ts'
import { policyDifferences, type PolicyDifference } from './equal.ts'
import { entryKey, plainRecords, stateEntries } from './state-perms.ts'

/** The bit of a rule for mapping a program, of the owner's side and of others'. */
const MMAP_SIDES = [0x40, 0x40 << 14] as const

/** The entries but for what `unsure` says. */
const sureKey = (pdb: Pdb, state: number, unsure: number): string => {
  const entries = pdb.dfa === null ? [] : stateEntries(pdb, 'file', state)
  return entries.map((entry, side) => {
    const drop = (unsure & MMAP_SIDES[side]!) === 0 ? 0 : AA_EXEC_MMAP
    const kept: PermEntry = { ...entry, allow: entry.allow & ~drop, audit: entry.audit & ~drop, quiet: entry.quiet & ~drop }
    return entryKey(plainRecords(kept), pdb.transitions)
  }).join('|')
}

/** Differences that no order of rules explains. An empty list: the text means what the parser's binary does. */
export const parserDifferences = (expected: PolicyBinary, compiled: CompileResult): readonly PolicyDifference[] => {
  const finders = compiled.profiles.map(({ fileRules }) => new RuleFinder(fileRules))
  return policyDifferences(expected, compiled.binary, (index, kind, { symbols, left, right }) => {
    if (kind !== 'file') return false
    const unsure = unsureBits(finders[index]!, symbols)
    if (unsure === 0) return false
    const key = (binary: PolicyBinary, state: number): string => sureKey(binary.profiles[index]!.file, state, unsure)
    return key(expected, left) === key(compiled.binary, right)
  })
}
