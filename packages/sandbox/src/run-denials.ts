/** The refusals of one run: each once, and a count of those beyond the bound. */
import type { Denial } from './denial.ts'

/** Denials of one run that are kept. */
export const MOST_DENIALS = 1024

/** The refusals of a run. */
export interface RunRefusals {
  readonly denials: readonly Denial[]
  /** Refusals beyond those that are kept. */
  readonly denialsLeftOut: number
}

export class RunDenials {
  readonly #known = new Map<string, Denial>()
  #leftOut = 0

  /** True if it should be reported: new, and within the bound. */
  add(denial: Denial): boolean {
    const key = `${denial.call}\0${denial.sentence}`
    if (this.#known.has(key)) return false
    if (this.#known.size >= MOST_DENIALS) {
      this.#leftOut++
      return false
    }
    this.#known.set(key, denial)
    return true
  }

  get all(): Denial[] {
    return [...this.#known.values()]
  }

  /** Refusals beyond the bound; one that is met again counts again. */
  get leftOut(): number {
    return this.#leftOut
  }
}
