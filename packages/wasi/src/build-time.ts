/**
 * Compiling counts against the program's time limit. Nothing interrupts an engine that checks a module, so that there
 * has to be enough time left for it before it begins.
 */
import type { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'

/** What an engine takes for each byte of a module, in nanoseconds: three times what is measured of ordinary code. */
const BYTE = 20
/** Milliseconds over the time, while our own code is cold. */
const GRACE = 40
/**
 * Nanoseconds that all modules of a small program take to be checked. It is never refused, however late it is on a busy
 * machine: it begins, and ends as it begins.
 */
const SMALL = 2 ** 18 * BYTE

export class BuildTime {
  readonly #budget: Budget | null
  /** The time that the engine will take to check the module once, and the sum so far. */
  #check = 0
  #total = 0

  /** Null: it may take as long as it likes. */
  constructor(budget: Budget | null) {
    this.#budget = budget
  }

  /** Whether there is an end to it. */
  get isLimited(): boolean {
    return this.#budget?.isTimed === true
  }

  /** A module of so many bytes is next. */
  begin(bytes: number): void {
    this.#check = bytes * BYTE
    this.#total += this.#check
    this.look()
  }

  /** Its check takes so many nanoseconds more. */
  expect(nanoseconds: number): void {
    this.#check += nanoseconds
    this.#total += nanoseconds
  }

  /** Throws `time-limit` where the time is over, or would be before the engine has checked it. */
  look(): void {
    if (this.#budget !== null && this.#total > SMALL && this.#budget.left <= this.#check / 1e6 - GRACE)
      throw new ProgramError('time-limit', 'it takes longer to compile the program than it may run')
  }
}
