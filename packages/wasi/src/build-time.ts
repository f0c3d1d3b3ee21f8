/**
 * What it takes to make a program ready comes off its time. Nothing interrupts an engine that checks a module, so that
 * there has to be enough time left for it before it begins.
 */
import type { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'

/** What an engine takes for each byte of a module, in nanoseconds: three times what is measured of ordinary code. */
const BYTE = 20
/** Milliseconds over the time: a small program is not refused while our own code is cold, and ends as it begins. */
const GRACE = 40

export class BuildTime {
  private readonly budget: Budget | null
  /** What the engine will take to check it once. */
  private check = 0

  /** Null: it may take as long as it likes. */
  constructor(budget: Budget | null) {
    this.budget = budget
  }

  /** Whether there is an end to it. */
  get isLimited(): boolean {
    return this.budget?.isTimed === true
  }

  /** A module of so many bytes is next. */
  begin(bytes: number): void {
    this.check = bytes * BYTE
    this.look()
  }

  /** Its check takes so many nanoseconds more. */
  expect(nanoseconds: number): void {
    this.check += nanoseconds
  }

  /** Throws `time-limit` where the time is over, or would be before the engine has checked it. */
  look(): void {
    if (this.budget !== null && this.budget.left <= this.check / 1e6 - GRACE)
      throw new ProgramError('time-limit', 'it takes longer to compile the program than it may run')
  }
}
