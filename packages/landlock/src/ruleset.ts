/** The object behind a ruleset descriptor: the rights it handles, and rules that may still be added. */
import type { LandlockRuleset } from '@lsmkit/core'
import type { RuleTable } from './rule-table.ts'

/** Rights that a layer refuses unless a rule grants them, and what it keeps inside. */
export interface Handled {
  readonly fs: number
  readonly net: number
  readonly scope: number
}

export class Ruleset implements LandlockRuleset {
  readonly handled: Handled
  /** Of those the rights whose refusals quiet rules keep out of the log. */
  readonly quiet: Handled
  #table: RuleTable

  constructor(handled: Handled, quiet: Handled, table: RuleTable) {
    this.handled = handled
    this.quiet = quiet
    this.#table = table
  }

  /** The rules as they are now; the caller keeps them by `get`. */
  get rules(): RuleTable {
    return this.#table
  }

  /** The rules to add to: those of domains that were made before stay. Null for want of memory. */
  get ownRules(): RuleTable | null {
    if (!this.#table.isShared) return this.#table
    const copy = this.#table.copy()
    if (copy === null) return null
    this.#table.put()
    return (this.#table = copy)
  }

  release(): void {
    this.#table.put()
  }
}
