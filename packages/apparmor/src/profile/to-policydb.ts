/** Automata of rules as a policy binary has them: permissions inside the automaton, or in a table beside it. */
import type { Accepted } from '../dfa/accept.ts'
import { compress } from '../dfa/compress.ts'
import type { Dfa } from '../dfa/dfa.ts'
import type { Pdb, PermEntry } from '../policydb/policy.ts'
import type { RuleAutomaton } from './automaton-rules.ts'
import { fileEntries, NOTHING, policyEntry } from './perm-entries.ts'

/** Audit and quiet bits of both sides in one word. */
const SEVEN_BITS = 0x1fc07f
export const packAudit = ({ audit, quiet }: Accepted): number =>
  ((audit & SEVEN_BITS) | (quiet & SEVEN_BITS) << 7) >>> 0

/** The older form: what a state allows is in its accept word, what is recorded in a second one. */
export const inlinePdb = ({ automaton, accepted }: RuleAutomaton): Pdb => {
  const { tables, order } = compress(automaton)
  const { flags, base, next, check } = tables
  const of = (state: number): Accepted => accepted[automaton.accepts[state]!]!
  const dfa: Dfa = {
    flags, base, next, check, def: tables.default, equivalence: null,
    accept: Uint32Array.from(order, (state) => of(state).allow),
    accept2: Uint32Array.from(order, (state) => packAudit(of(state))),
  }
  return { perms: null, dfa, start: null, dfaStart: null, transitions: null }
}

/** Entries of the table by which a state has its permissions. */
const ENTRIES = 2

/**
 * The newer form: the accept word is an index of a table; entries of files come in pairs, the owner's first. Linux
 * looks for pairs in the general rules, too, where a profile has no file rules: others than the owner get nothing then.
 */
const tablePdb = ({ automaton, accepted }: RuleAutomaton, isFile: boolean): Pdb => {
  const { tables, order } = compress(automaton)
  const { flags, base, next, check } = tables
  const perms: PermEntry[] = accepted.flatMap(
    (one) => isFile ? fileEntries(one, packAudit(one)) : [policyEntry(one, packAudit(one)), NOTHING],
  )
  const dfa: Dfa = {
    flags, base, next, check, def: tables.default, equivalence: null, accept2: null,
    accept: Uint32Array.from(order, (state) => automaton.accepts[state]! * ENTRIES),
  }
  return { perms, dfa, start: null, dfaStart: null, transitions: null }
}

export const pdbOf = (rules: RuleAutomaton, isFile: boolean, permTables: boolean): Pdb =>
  permTables ? tablePdb(rules, isFile) : inlinePdb(rules)
