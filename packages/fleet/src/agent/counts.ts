/** Decisions by bundle, which the program of a host counts and its reports carry. */
import { checkOptions, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

/** Decisions since the last call of `agent.report`. */
export interface Counters {
  readonly decisions: number
  /** Of them: refused by the policies that hold. Default 0. */
  readonly denies?: number
  /** Of them: those that the permissive bundle would have refused. Default 0. */
  readonly wouldDenies?: number
}

/** All of one bundle since the agent was started. */
export interface BundleCounts {
  /** Digest of the file. */
  readonly bundle: string
  readonly decisions: number
  readonly denies: number
  readonly wouldDenies: number
}

const rules: OptionRules<Counters> = {
  decisions: required(wholeNumber(0)), denies: wholeNumber(0), wouldDenies: wholeNumber(0),
}
/** Bundles that are remembered. */
export const MOST_COUNTED = 8

/** The counts of one agent. */
export class DecisionCounts {
  readonly #of = new Map<string, BundleCounts>()

  /** Throws OptionError. Each digest is of the bundle of that mode; null where there is none. */
  add(counters: Counters, enforced: string | null, permissive: string | null): void {
    checkOptions(counters, rules, 'report')
    const { decisions, denies = 0, wouldDenies = 0 } = counters
    if (enforced !== null) this.#addTo(enforced, { decisions, denies, wouldDenies: 0 })
    if (permissive !== null) this.#addTo(permissive, { decisions, denies: 0, wouldDenies })
  }

  #addTo(bundle: string, more: Omit<BundleCounts, 'bundle'>): void {
    const { decisions, denies, wouldDenies } = this.#of.get(bundle) ?? { decisions: 0, denies: 0, wouldDenies: 0 }
    this.#of.delete(bundle)
    this.#of.set(bundle, {
      bundle, decisions: decisions + more.decisions, denies: denies + more.denies,
      wouldDenies: wouldDenies + more.wouldDenies,
    })
    if (this.#of.size > MOST_COUNTED) this.#of.delete(this.#of.keys().next().value!)
  }

  all(): readonly BundleCounts[] {
    return [...this.#of.values()]
  }
}
