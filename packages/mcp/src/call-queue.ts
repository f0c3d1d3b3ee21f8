/** Calls that run side by side, up to a number. The others wait in the order they came in. */

/** Calls that may wait. One more is refused, so that a client which floods the server holds no memory. */
export const MOST_WAITING = 256

/** Why a call did not run. */
export type NotRun = 'cancelled' | 'too many calls wait'

export class CallQueue {
  readonly #atOnce: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** `atOnce`: calls that run side by side; at least 1. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Runs `step` when it is its turn, or answers why it did not. */
  async run<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<{ ran: T } | { notRun: NotRun }> {
    if (signal?.aborted === true) return { notRun: 'cancelled' }
    if (this.#running < this.#atOnce) this.#running++
    else {
      if (this.#waiting.length >= MOST_WAITING) return { notRun: 'too many calls wait' }
      if (!await this.#turn(signal)) return { notRun: 'cancelled' }
    }
    try {
      return { ran: await step() }
    } finally {
      // the place goes to the next that waits
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  /** True when it is the call's turn; false when it was cancelled before. */
  #turn(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((answer) => {
      const begin = (): void => {
        signal?.removeEventListener('abort', leave)
        answer(true)
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1)
        answer(false)
      }
      this.#waiting.push(begin)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}
