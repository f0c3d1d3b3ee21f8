/**
 * Work that is handed out of a running script. just-bash takes WebAssembly, workers and timers of Node from everything
 * that a script leads to; a program has to run where they are there, which is where these errands were made.
 */
export class Errands {
  readonly #waiting: (() => Promise<void>)[] = []
  #wake = (): void => {}

  constructor() {
    void this.#loop()
  }

  /** Settles as `job` does. */
  run<T>(job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => job().then(resolve, reject))
      this.#wake()
    })
  }

  async #loop(): Promise<void> {
    for (;;) {
      const job = this.#waiting.shift()
      if (job === undefined) await new Promise<void>((resolve) => (this.#wake = resolve))
      else void job()
    }
  }
}
