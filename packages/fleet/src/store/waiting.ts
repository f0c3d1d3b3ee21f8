/** Waiting that ends: for some milliseconds, for a nudge, for a signal. */

/** Resolves after so many milliseconds, or when the signal comes; never rejects. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (signal?.aborted === true) return resolve()
  const done = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', done)
    resolve()
  }
  const timer = setTimeout(done, ms)
  signal?.addEventListener('abort', done, { once: true })
})

/** A bell that one waits for: a ring before the wait is not lost. */
export class Bell {
  #rung = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Until a ring, the signal, or so many milliseconds. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#rung) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await pause(ms, signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]))
      this.#wake = null
    }
    this.#rung = false
  }
}
