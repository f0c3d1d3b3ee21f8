/** Queues that a sleeping call waits at: the host subscribes when a call returns -ERESTARTSYS, and makes it again. */

export class WaitQueue {
  #waiters = new Set<() => void>()

  /** Calls `waiter` once, at the next wake. Answers how to stop waiting. */
  subscribe(waiter: () => void): () => void {
    this.#waiters.add(waiter)
    return () => this.#waiters.delete(waiter)
  }

  /** Somebody is asleep on it. */
  get isWaitedFor(): boolean {
    return this.#waiters.size !== 0
  }

  wake(): void {
    if (this.#waiters.size === 0) return
    const all = this.#waiters
    this.#waiters = new Set()
    for (const waiter of all) waiter()
  }
}

/** A queue that something else wakes. It watches that only while a call waits; `watch` gives the way to stop. */
export class WatchingQueue extends WaitQueue {
  readonly #watch: (wake: () => void) => () => void
  #end: (() => void) | null = null

  constructor(watch: (wake: () => void) => () => void) {
    super()
    this.#watch = watch
  }

  override subscribe(waiter: () => void): () => void {
    this.#end ??= this.#watch(() => this.wake())
    const end = super.subscribe(waiter)
    return () => {
      end()
      if (!this.isWaitedFor) this.#stop()
    }
  }

  override wake(): void {
    this.#stop()
    super.wake()
  }

  #stop(): void {
    this.#end?.()
    this.#end = null
  }
}

/** Wakes when any of the queues does. */
export const anyOf = (queues: readonly WaitQueue[]): WaitQueue =>
  new WatchingQueue((wake) => {
    const ends = queues.map((queue) => queue.subscribe(wake))
    return () => {
      for (const end of ends) end()
    }
  })
