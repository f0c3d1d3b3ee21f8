/** Consumers that wait for something to read. */

export class Waiters {
  readonly #waiting = new Set<(goOn: boolean) => void>()
  #ended = false

  /** True when woken, false when the signal aborted or there will be nothing any more. */
  wait(signal?: AbortSignal): Promise<boolean> {
    if (this.#ended || signal?.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const done = (goOn: boolean): void => {
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', abort)
        resolve(goOn)
      }
      const abort = (): void => done(false)
      signal?.addEventListener('abort', abort)
      this.#waiting.add(done)
    })
  }

  wake(): void {
    for (const done of [...this.#waiting]) done(true)
  }

  /** Nothing comes any more. */
  end(): void {
    this.#ended = true
    for (const done of [...this.#waiting]) done(false)
  }
}
