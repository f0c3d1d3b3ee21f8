/** Rules that can be asked: an automaton, what its states mean, and where each class starts (struct aa_policydb). */
import { AA_CLASS_FILE, AA_CLASS_LAST, AA_CLASS_XMATCH } from '../classes.ts'
import { DFA_NOMATCH, DFA_START } from '../dfa/dfa.ts'
import type { Dfa } from '../dfa/dfa.ts'
import { Matcher } from '../dfa/matcher.ts'
import { next, nullStep } from '../dfa/step.ts'
import type { Pdb, PermEntry } from '../policydb/policy.ts'
import { KnownNames } from './known-names.ts'
import { noPerms, PermTable } from './perm-table.ts'

/** Which rules an automaton holds: that decides what its accept words mean. */
export type RulesKind = 'file' | 'general' | 'attachment'

/** In the older form states of file rules have two entries. */
const entriesOf = { file: 2, general: 1, attachment: 1 }

export class Rules {
  readonly dfa: Dfa | null
  readonly matcher: Matcher | null
  /** By class: the state after the class byte, 0 where the class is not mediated. */
  readonly start: Uint32Array
  readonly targets: readonly string[]
  #known: KnownNames | null = null
  readonly #perms: PermTable | null
  /** Entries a state, or 0 where accept words index the table. */
  readonly #stride: number

  constructor(pdb: Pdb | null, kind: RulesKind, version: number) {
    this.dfa = pdb?.dfa ?? null
    this.start = new Uint32Array(AA_CLASS_LAST + 1)
    this.targets = pdb?.transitions ?? []
    this.#stride = pdb?.perms === null ? entriesOf[kind] : 0
    if (pdb === null || this.dfa === null) {
      this.matcher = null
      this.#perms = null
      return
    }
    this.matcher = new Matcher(this.dfa)
    this.#perms = pdb.perms === null ? packed(this.dfa, kind, version) : PermTable.of(pdb.perms)
    setStarts(this.start, this.dfa, pdb, kind)
  }

  /** The state after a class byte from where classes start, for classes beyond those whose starts are kept too. */
  mediates(of: number): number {
    if (of <= AA_CLASS_LAST) return this.start[of]!
    return this.dfa === null ? DFA_NOMATCH : next(this.dfa, this.start[0]!, of)
  }

  /** States of names under the rules of files. */
  get known(): KnownNames {
    return (this.#known ??= new KnownNames())
  }

  match(state: number, name: string): number {
    return this.matcher === null ? DFA_NOMATCH : this.matcher.matchName(state, name)
  }

  /** The state after `/a/b`, given as its parts, and a slash behind where `slash`. */
  matchParts(from: number, parts: readonly string[], slash: boolean): number {
    return this.matcher === null ? DFA_NOMATCH : this.matcher.matchParts(from, parts, slash)
  }

  matchBytes(state: number, bytes: Uint8Array): number {
    return this.matcher === null ? DFA_NOMATCH : this.matcher.matchBytes(state, bytes)
  }

  /** The step between the parts of a pair. */
  nullStep(state: number): number {
    return this.dfa === null ? DFA_NOMATCH : nullStep(this.dfa, state)
  }

  /** As `aa_lookup_perms`. */
  perms(state: number): PermEntry {
    return this.#perms === null ? noPerms : this.#perms.entry(this.#index(state))
  }

  /** As `aa_lookup_fperms`: others' entry is the one behind. */
  filePerms(state: number, owner: boolean): PermEntry {
    return this.#perms === null ? noPerms : this.#perms.entry(this.#index(state) + (owner ? 0 : 1))
  }

  /** Whether a file question is granted without a record, which most are. */
  grantsFile(state: number, owner: boolean, request: number): boolean {
    if (this.#perms === null) return false
    const index = this.#index(state) + (owner ? 0 : 1)
    return (request & ~this.#perms.allow(index)) === 0 && (request & this.#perms.audit(index)) === 0
  }

  #index(state: number): number {
    return this.#stride === 0 ? this.dfa!.accept[state]! : state * this.#stride
  }
}

const packed = (dfa: Dfa, kind: RulesKind, version: number): PermTable => {
  if (kind === 'file') return PermTable.ofFiles(dfa)
  return kind === 'general' ? PermTable.ofRules(dfa, version) : PermTable.ofNames(dfa)
}

const setStarts = (start: Uint32Array, dfa: Dfa, pdb: Pdb, kind: RulesKind): void => {
  start[0] = pdb.start ?? DFA_START
  for (let of = AA_CLASS_FILE + 1; of <= AA_CLASS_LAST; of++) start[of] = next(dfa, start[0]!, of)
  start[AA_CLASS_FILE] = pdb.dfaStart ?? DFA_START
  if (kind === 'attachment') start[AA_CLASS_XMATCH] = DFA_START
  // file rules that lie among the general ones have the class byte in front
  const files = kind === 'general' ? next(dfa, start[0]!, AA_CLASS_FILE) : DFA_NOMATCH
  if (files !== DFA_NOMATCH) start[AA_CLASS_FILE] = files
}

/** Rules of a profile that has none: everything is refused. */
export const noRules = new Rules(null, 'general', 0)
