/** One command line under the limits of its box: how it is ended, and how much it may print. */
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { ShellEnd } from './shell.ts'

/** Timers have a longest. */
const LONGEST = 2 ** 31 - 1
/** Milliseconds that a shell may take until the line begins. */
const STARTING = 30_000

/** Ends a line when its time is up, or on demand. */
export class LineClock {
  readonly #time: number
  readonly #stop = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isLate = false

  constructor(time: number) {
    this.#time = time
    this.#arm(time + STARTING)
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** The time counts from here. */
  readonly begin = (): void => this.#arm(this.#time)

  #arm(time: number): void {
    clearTimeout(this.#timer)
    if (time > LONGEST || this.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#isLate = true
      this.stop()
    }, time)
  }

  readonly stop = (): void => {
    this.end()
    this.#stop.abort()
  }

  /** The line is over, or has never begun. */
  readonly end = (): void => clearTimeout(this.#timer)

  /** How the line ended; where the time ended it, that. */
  async ended(end: Promise<ShellEnd>): Promise<ShellEnd> {
    try {
      const ended = await end
      return this.#isLate ? LATE : ended
    } catch (error) {
      if (this.#isLate) return LATE
      throw error
    }
  }
}

const LATE: ShellEnd = { status: 152, stdout: '', stderr: '', reason: 'SIGXCPU: time limit' }
const OVER = 153
/** Bytes of a character at most, as UTF-8 of what is one unit of a string. */
const WIDEST = 3

const cut = (text: string, bytes: Uint8Array, most: number): string =>
  bytes.length <= most ? text : new TextDecoder().decode(bytes.subarray(0, most), { stream: true })

/** The output limit of both together; a line that has printed more ends as a program does. */
export const withinOutput = (end: ShellEnd, { output }: LimitNumbers): ShellEnd => {
  const { stdout, stderr } = end
  if ((stdout.length + stderr.length) * WIDEST <= output) return end
  const encoder = new TextEncoder()
  const [out, err] = [encoder.encode(stdout), encoder.encode(stderr)]
  if (out.length + err.length <= output) return end
  return {
    status: OVER, reason: `SIGXFSZ: output limit of ${output} bytes`,
    stdout: cut(stdout, out, output), stderr: cut(stderr, err, Math.max(0, output - out.length)),
  }
}
