/**
 * Limits on time and output, and what has been used of them.
 *
 * INVARIANT: what ends a program and what its result says of its time are readings of one clock from one beginning, so
 * that a program whose time is over has used at least its limit.
 */
import { SIGXCPU, SIGXFSZ } from '@lsmkit/abi'
import { killed } from './exit.ts'
import type { Ending } from './exit.ts'
import type { Host } from './host.ts'
import type { LimitNumbers } from './limits.ts'

/** Calls between two looks at the clock. */
const STRIDE = 64
/** How many bytes take as long to move as a call (as a shift). */
const CALL_SHIFT = 14
/** Without a time limit there is no need to look; a small integer keeps the comparison one of integers. */
const NEVER = 0x3fffffff

export class Budget {
  /** Imports called so far. */
  calls = 0
  /** The call at which somebody has to look. */
  nextLook: number
  output = 0
  /** Whether a thread has taken up the program. */
  hasBegun = false
  readonly #time: number
  /** When the limit began to count, and when the program began: on the host's clock. */
  #since: number
  #born: number
  readonly #maxOutput: number
  readonly #host: Host
  readonly #stride: number
  #outOfOutput = false

  /** `stride`: calls between two looks. */
  constructor({ time, output }: LimitNumbers, host: Host, stride = time === Infinity ? NEVER : STRIDE) {
    this.#host = host
    this.#time = time
    this.#stride = stride
    this.#since = this.#born = host.now()
    this.#maxOutput = output
    this.nextLook = stride
  }

  /**
   * Milliseconds that the first thread took to start do not count as time of the program; those of later threads do.
   */
  begin(started: number): void {
    if (!this.hasBegun) {
      this.#since += started
      this.#born += started
    }
    this.hasBegun = true
  }

  /** The limit counts anew. */
  restart(): void {
    this.#since = this.#host.now()
  }

  get isTimed(): boolean {
    return this.#time !== Infinity
  }

  /** Milliseconds since the program began. */
  get spent(): number {
    return this.#host.now() - this.#born
  }

  /** Milliseconds that are left; Infinity without a limit. */
  get left(): number {
    return this.#time - (this.#host.now() - this.#since)
  }

  get isOver(): boolean {
    return this.#host.now() - this.#since >= this.#time
  }

  /** How a limit that is passed ends the program; null while it may go on. */
  look(): Ending | null {
    if (this.#outOfOutput) return killed(SIGXFSZ, `output limit of ${this.#maxOutput} bytes`)
    if (this.isOver) return killed(SIGXCPU, 'time limit')
    this.nextLook = this.calls + this.#stride
    return null
  }

  /** A call takes as long as so many. */
  spend(calls: number): void {
    this.nextLook -= calls
  }

  /** A call has moved so many bytes. */
  spendBytes(bytes: number): void {
    this.spend(bytes >>> CALL_SHIFT)
  }

  /** The next call has to look, and every one after it until it may go on. */
  lookNow(): void {
    this.nextLook = 0
  }

  /** How many of `bytes` may still be written. Less than asked: the program ends at its next call. */
  takeOutput(bytes: number): number {
    const granted = Math.min(bytes, this.#maxOutput - this.output)
    this.output += granted
    if (granted < bytes) {
      this.#outOfOutput = true
      this.lookNow()
    }
    return granted
  }

  /** Returns memory that was granted and not taken. */
  giveBack(bytes: number): void {
    this.output -= bytes
  }

  /** Milliseconds a sleep may take: until it is over, or the time limit is. */
  capSleep(ms: number): number {
    return Math.max(0, Math.min(ms, this.left))
  }
}
