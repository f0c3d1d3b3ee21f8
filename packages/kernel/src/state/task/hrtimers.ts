/**
 * Timers of the kernel's own: they run on no task's behalf, at the end of the system call in which their time has come,
 * or when a host that lets time pass says so.
 */
interface Hrtimer {
  /** Milliseconds since boot. */
  readonly due: number
  readonly run: () => void
}

export class Hrtimers {
  /** By time, then in the order of starting. */
  readonly #armed: Hrtimer[] = []
  readonly #now: () => number
  readonly #onPanic: (error: unknown) => void

  constructor(now: () => number, onPanic: (error: unknown) => void) {
    this.#now = now
    this.#onPanic = onPanic
  }

  get isArmed(): boolean {
    return this.#armed.length > 0
  }

  /** When the next timer is due, in milliseconds since boot; Infinity if no timer is armed. */
  get next(): number {
    return this.#armed[0]?.due ?? Infinity
  }

  /** Gives the way to stop it. */
  start(milliseconds: number, run: () => void): () => void {
    const timer: Hrtimer = { due: this.#now() + milliseconds, run }
    const after = this.#armed.findIndex(({ due }) => due > timer.due)
    this.#armed.splice(after < 0 ? this.#armed.length : after, 0, timer)
    return () => {
      const at = this.#armed.indexOf(timer)
      if (at >= 0) this.#armed.splice(at, 1)
    }
  }

  /** Runs the timers that are due. A timer that is started meanwhile waits for the next call. */
  run(): void {
    if (this.#armed.length === 0) return
    const now = this.#now()
    const due = this.#armed.filter((timer) => timer.due <= now)
    for (const timer of due) {
      const at = this.#armed.indexOf(timer)
      // one that ran before may have stopped it
      if (at < 0) continue
      this.#armed.splice(at, 1)
      try {
        timer.run()
      } catch (error) {
        this.#onPanic(error)
      }
    }
  }
}
