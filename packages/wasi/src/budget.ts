/** Limits on time and output, and what has been used of them. */
import { SIGXCPU, SIGXFSZ } from '@lsmkit/abi'
import { aBoolean, aNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { killed } from './exit.ts'
import type { Ending } from './exit.ts'
import type { Host } from './host.ts'

export interface Limits {
  /**
   * Milliseconds of wall clock. Looked at on system calls, and inside computations when `loops` is set; a program is
   * ended by SIGXCPU.
   */
  readonly time?: number
  /** Makes computation interruptible by rewriting the program, which makes it slower. Needs its bytes. */
  readonly loops?: boolean
  /**
   * Most pages of 64 KiB its memory may have, and its tables together as much again (at 40 bytes an entry, and never
   * more than 2^20 entries); growing further fails as on a full machine. Needs its bytes.
   */
  readonly memory?: number
  /** Most bytes it may write to stdout and stderr together; the rest is refused (EFBIG) and SIGXFSZ ends it. */
  readonly output?: number
}

/** A limit on memory or time may be Infinity: none. */
export const limitRules: OptionRules<Limits> = {
  time: aNumber(0), loops: aBoolean, memory: aNumber(0), output: aNumber(0),
}

/** Calls between two looks at the clock. */
const STRIDE = 64
/** Without a time limit there is no need to look; a small integer keeps the comparison one of integers. */
const NEVER = 0x3fffffff

export class Budget {
  /** Imports called so far. */
  calls = 0
  /** The call at which somebody has to look. */
  nextLook: number
  output = 0
  readonly deadline: number
  private readonly maxOutput: number
  private readonly host: Host
  private outOfOutput = false

  constructor({ time = Infinity, output = Infinity }: Limits, host: Host) {
    this.host = host
    this.deadline = time === Infinity ? Infinity : host.now() + time
    this.maxOutput = output
    this.nextLook = this.deadline === Infinity ? NEVER : STRIDE
  }

  /** How a limit that is passed ends the program; null while it may go on. */
  look(): Ending | null {
    if (this.outOfOutput) return killed(SIGXFSZ, `output limit of ${this.maxOutput} bytes`)
    if (this.host.now() >= this.deadline) return killed(SIGXCPU, 'time limit')
    this.nextLook = this.calls + (this.deadline === Infinity ? NEVER : STRIDE)
    return null
  }

  /** The next call has to look, and every one after it until it may go on. */
  lookNow(): void {
    this.nextLook = 0
  }

  /** How many of `bytes` may still be written. Less than asked: the program ends at its next call. */
  takeOutput(bytes: number): number {
    const granted = Math.min(bytes, this.maxOutput - this.output)
    this.output += granted
    if (granted < bytes) {
      this.outOfOutput = true
      this.lookNow()
    }
    return granted
  }

  /** Milliseconds a sleep may take: until it is over, or the time limit is. */
  capSleep(ms: number): number {
    return Math.max(0, Math.min(ms, this.deadline - this.host.now()))
  }
}
