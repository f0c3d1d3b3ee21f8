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

/** Woken when any of its queues is. It subscribes to them only while a call waits. */
class AnyOf extends WaitQueue {
  readonly #queues: readonly WaitQueue[]
  #ends: (() => void)[] = []

  constructor(queues: readonly WaitQueue[]) {
    super()
    this.#queues = queues
  }

  override subscribe(waiter: () => void): () => void {
    if (!this.isWaitedFor) this.#ends = this.#queues.map((queue) => queue.subscribe(() => this.wake()))
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
    for (const end of this.#ends.splice(0)) end()
  }
}

/** Wakes when any of the queues does. */
export const anyOf = (queues: readonly WaitQueue[]): WaitQueue => new AnyOf(queues)
