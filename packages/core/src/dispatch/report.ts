/**
 * Off the fast path: what became of an answer is judged here, reported, and turned into the number that is
 * returned.
 */
import { EACCES } from '@lsmkit/abi'
import { isError } from '../text-of.ts'
import { faultText } from './fault-text.ts'
import { FRAMEWORK, inRange } from './range.ts'
import type { Range } from './range.ts'
import type { ColdPath, FaultKind } from './strategy.ts'

export type Args = ArrayLike<unknown>

/** What an LSM answered instead of an int may be anything: one whose `then` throws is no promise, and no int either. */
const isThenable = (value: unknown): boolean => {
  try {
    return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  } catch {
    return false
  }
}

const isInt32 = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value

/** The cold path of one stack: no report may throw, except if `onFault: 'throw'` asks for it. */
export class Reporter {
  readonly path: ColdPath
  readonly throws: boolean
  /** The error being rethrown, so that the frames it passes do not report it again. */
  raised: unknown = undefined
  readonly #missed: { count: number }

  constructor(path: ColdPath, throws: boolean) {
    this.path = path
    this.throws = throws
    this.#missed = path.missed ?? { count: 0 }
  }

  /**
   * -EACCES for what could not be reported, because the stack has no room for it; rethrows what `onFault: 'throw'` is
   * to raise.
   */
  unreported(error: unknown): number {
    if (error === this.raised && error !== undefined) throw error
    this.#missed.count++
    return -EACCES
  }

  settled(hook: string, lsm: string, rc: number, args: Args): void {
    try {
      this.path.onSettle(hook, lsm, rc, args)
    } catch {
      // A listener's bug must not change a decision.
      this.#missed.count++
    }
  }

  /** A refusal of a permissive module, which decides nothing. */
  waived(hook: string, lsm: string, rc: number, args: Args): void {
    try {
      this.path.onWaived?.(hook, lsm, rc, args)
    } catch {
      this.#missed.count++
    }
  }

  /** Reports a fault that decides nothing. */
  warn(hook: string, lsm: string, error: unknown, kind: FaultKind, args: Args, decides = false): void {
    try {
      this.path.onFault(hook, lsm, error, kind, args, decides)
    } catch {
      this.#missed.count++
    }
  }

  /** Reports the fault; returns -EACCES, or throws the fault. */
  fault(hook: string, lsm: string, error: unknown, kind: FaultKind, args: Args): number {
    this.warn(hook, lsm, error, kind, args, true)
    if (this.throws) {
      this.raised = isError(error) ? error : new TypeError(`${lsm} on ${hook}: ${faultText(kind, error)}`)
      throw this.raised
    }
    return -EACCES
  }

  /** The int that a value stands for: itself, or -EACCES if it is not an int or lies outside a program's range. */
  int(hook: string, lsm: string, range: Range, value: unknown, args: Args): number {
    if (!isInt32(value)) return this.fault(hook, lsm, value, isThenable(value) ? 'async-hook' : 'not-an-int', args)
    if (inRange(range, value)) return value
    return this.fault(hook, lsm, value, range === 'refusal' ? 'positive' : 'out-of-range', args)
  }

  /** Reports an error that a member threw. A gate throws only over arguments no caller should pass. */
  thrown(hook: string, lsm: string, error: unknown, args: Args): number {
    if (error === this.raised && error !== undefined) throw error
    return this.fault(hook, lsm, error, lsm === FRAMEWORK ? 'caller' : 'throw', args)
  }

  /** A void hook has nothing to return; a promise means that it goes on after the caller has. */
  told(hook: string, lsm: string, value: unknown, args: Args): void {
    if (isThenable(value)) this.fault(hook, lsm, value, 'async-hook', args)
  }
}

/** For a function that was taken off its key and so has no stack to report to. */
export const silent = new Reporter({ onSettle() {}, onFault() {} }, false)
