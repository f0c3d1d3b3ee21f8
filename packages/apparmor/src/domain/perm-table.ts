/** The meaning of accepting states: a table of permission words, however the policy had them (struct aa_perms). */
import type { Dfa } from '../dfa/dfa.ts'
import { fileEntry, matchEntry, ruleEntry } from '../policydb/packed-perms.ts'
import type { PackedEntry } from '../policydb/packed-perms.ts'
import type { PermEntry } from '../policydb/policy.ts'

const NO_BITS = {
  allow: 0, deny: 0, subtree: 0, cond: 0, kill: 0, complain: 0, prompt: 0, audit: 0, quiet: 0, hide: 0, xindex: 0,
  tag: 0, label: 0,
}

/** Nothing is allowed (`nullperms`, `default_perms`). */
export const noPerms: PermEntry = Object.freeze({ ...NO_BITS })

/**
 * The result of a read past the table. The kernel reads memory there; we allow nothing, and whoever asks can see by
 * identity why.
 */
export const beyondTable: PermEntry = Object.freeze({ ...NO_BITS })

export class PermTable {
  readonly size: number
  readonly #allow: Uint32Array
  readonly #audit: Uint32Array
  readonly #quiet: Uint32Array
  readonly #xindex: Uint32Array
  readonly #entries: readonly PermEntry[] | null

  private constructor(size: number, entries: readonly PermEntry[] | null) {
    this.size = size
    this.#entries = entries
    this.#allow = new Uint32Array(size)
    this.#audit = new Uint32Array(size)
    this.#quiet = new Uint32Array(size)
    this.#xindex = new Uint32Array(size)
  }

  static of(entries: readonly PermEntry[]): PermTable {
    const table = new PermTable(entries.length, entries)
    for (let i = 0; i < entries.length; i++) table.#set(i, entries[i]!)
    return table
  }

  /** Two entries a state: the owner's, and others' (`compute_fperms`). */
  static ofFiles({ accept, accept2 }: Dfa): PermTable {
    const table = new PermTable(accept.length * 2, null)
    for (let state = 0; state < accept.length; state++) {
      table.#set(state * 2, fileEntry(accept[state]!, accept2![state]!, false))
      table.#set(state * 2 + 1, fileEntry(accept[state]!, accept2![state]!, true))
    }
    return table
  }

  /** An entry a state, none for the dead one (`compute_perms`). */
  static ofRules({ accept, accept2 }: Dfa, version: number): PermTable {
    const table = new PermTable(accept.length, null)
    for (let state = 1; state < accept.length; state++) {
      table.#set(state, ruleEntry(accept[state]!, accept2![state]!, version))
    }
    return table
  }

  /** As `compute_xmatch_perms`. */
  static ofNames({ accept }: Dfa): PermTable {
    const table = new PermTable(accept.length, null)
    for (let state = 1; state < accept.length; state++) table.#set(state, matchEntry(accept[state]!))
    return table
  }

  /** Bits that are allowed; 0 beyond the table. */
  allow(index: number): number {
    return index < this.size ? this.#allow[index]! : 0
  }

  /** Bits that are recorded when allowed. */
  audit(index: number): number {
    return index < this.size ? this.#audit[index]! : 0
  }

  entry(index: number): PermEntry {
    if (index >= this.size) return beyondTable
    return this.#entries?.[index] ?? {
      ...NO_BITS, allow: this.#allow[index]!, audit: this.#audit[index]!, quiet: this.#quiet[index]!,
      xindex: this.#xindex[index]!,
    }
  }

  #set(index: number, { allow, audit, quiet, xindex }: PackedEntry): void {
    this.#allow[index] = allow
    this.#audit[index] = audit
    this.#quiet[index] = quiet
    this.#xindex[index] = xindex
  }
}
