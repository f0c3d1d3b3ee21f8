/**
 * Compares a compiled text with what apparmor_parser made of it, whose answer depends in places on the order of rules
 * in memory.
 */
import { AA_EXEC_MMAP, AA_MAY_LOCK } from '../perms.ts'
import type { Pdb, PermEntry, PolicyBinary } from '../policydb/policy.ts'
import type { CompiledProfile, CompileResult } from '../profile/compile.ts'
import { RuleFinder, unsureBits, unsureOfClasses } from '../profile/order.ts'
import { policyEntry } from '../profile/perm-entries.ts'
import { policyDifferences, type PolicyDifference } from './equal.ts'
import { entryKey, plainRecords, stateEntries } from './state-perms.ts'

/** The bit of a rule for mapping a program, of the owner's side and of others'. */
const MMAP_SIDES = [0x40, 0x40 << 14] as const

const without = (entry: PermEntry, drop: number): PermEntry => (
  { ...entry, allow: entry.allow & ~drop, audit: entry.audit & ~drop, quiet: entry.quiet & ~drop }
)

/** The entries of a file name but for what `unsure` says. */
const sureFile = (pdb: Pdb, state: number, unsure: number): string => {
  const entries = pdb.dfa === null ? [] : stateEntries(pdb, 'file', state)
  return entries.map((entry, side) => {
    const drop = (unsure & MMAP_SIDES[side]!) === 0 ? 0 : AA_EXEC_MMAP
    return entryKey(plainRecords(without(entry, drop)), pdb.transitions)
  }).join('|')
}

const sureRule = (pdb: Pdb, state: number, unsure: number): string => {
  const drop = policyEntry({ allow: unsure, prompt: 0, audit: 0, quiet: 0 }, 0).allow & ~AA_MAY_LOCK
  return stateEntries(pdb, 'policydb', state).map((entry) => entryKey(without(entry, drop), null)).join('|')
}

/** Finds rules when somebody asks: most comparisons need none. */
class Finders {
  readonly file: RuleFinder
  readonly classes: RuleFinder

  constructor({ fileRules, classRules }: CompiledProfile) {
    this.file = new RuleFinder(fileRules)
    this.classes = new RuleFinder(classRules)
  }
}

/** Differences that no order of rules explains. An empty list: the text means what the parser's binary does. */
export const parserDifferences = (expected: PolicyBinary, compiled: CompileResult): readonly PolicyDifference[] => {
  const finders = compiled.profiles.map((profile) => new Finders(profile))
  return policyDifferences(expected, compiled.binary, (index, kind, { symbols, left, right }) => {
    const { file, classes } = finders[index]!
    const [theirs, ours] = [expected.profiles[index]!, compiled.binary.profiles[index]!]
    if (kind === 'file') {
      const unsure = unsureBits(file, symbols)
      return unsure !== 0 && sureFile(theirs.file, left, unsure) === sureFile(ours.file, right, unsure)
    }
    if (kind !== 'policydb' || theirs.policydb === null || ours.policydb === null) return false
    const unsure = unsureOfClasses(classes, symbols)
    return unsure !== 0 && sureRule(theirs.policydb, left, unsure) === sureRule(ours.policydb, right, unsure)
  })
}
