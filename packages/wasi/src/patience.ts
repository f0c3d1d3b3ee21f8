/**
 * Waiting for what the host has not got yet. Nothing wakes a thread that runs a program, so sources are asked again,
 * after pauses that grow.
 */

/** Milliseconds. */
const SHORTEST = 0.25
const LONGEST = 10

export class Patience {
  #needed = false
  #pause = SHORTEST

  /** A source had nothing yet. */
  isNeeded(): void {
    this.#needed = true
  }

  /** A source has given something: it may have more. */
  isOver(): void {
    this.#pause = SHORTEST
  }

  /** Milliseconds to sleep before sources are asked again; 0 when none was asked. */
  next(): number {
    if (!this.#needed) return 0
    this.#needed = false
    const pause = this.#pause
    this.#pause = Math.min(LONGEST, pause * 2)
    return pause
  }
}
