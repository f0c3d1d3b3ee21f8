/**
 * Threads of shells that wait for the next line, of all boxes together: a thread holds some 20 MB, and few of many
 * boxes have a line to run. A thread beyond the bound is ended, the one that has waited longest first. Its box
 * starts another when it needs one.
 */

/** The most threads that wait. */
const MOST_IDLE = 2
/** Milliseconds that a thread waits. */
const KEPT = 30_000

interface Waiting {
  readonly end: () => void
  readonly timer: ReturnType<typeof setTimeout>
}

export class IdleThreads<T> {
  /** Those that have waited longest come first. */
  readonly #waiting = new Map<T, Waiting>()

  /** `end` is called when it has waited too long, or others need its place. */
  keep(thread: T, end: () => void): void {
    const timer = setTimeout(() => this.#end(thread), KEPT)
    ;(timer as { unref?: () => void }).unref?.()
    this.#waiting.set(thread, { end, timer })
    this.#endLongest(MOST_IDLE)
  }

  /** Before a thread is started: it will wait here too, and memory that three have held does not come back. */
  makeRoom(): void {
    this.#endLongest(MOST_IDLE - 1)
  }

  /** One of these that waits, the last that was kept; undefined if all of them are busy. */
  take(own: ReadonlySet<T>): T | undefined {
    const thread = [...this.#waiting.keys()].findLast((one) => own.has(one))
    if (thread !== undefined) this.remove(thread)
    return thread
  }

  /** It waits no longer, and `end` is not called. */
  remove(thread: T): void {
    clearTimeout(this.#waiting.get(thread)?.timer)
    this.#waiting.delete(thread)
  }

  /** Ends threads until `most` wait. */
  #endLongest(most: number): void {
    for (const longest of this.#waiting.keys()) {
      if (this.#waiting.size <= most) return
      this.#end(longest)
    }
  }

  #end(thread: T): void {
    const { end } = this.#waiting.get(thread)!
    this.remove(thread)
    end()
  }
}
