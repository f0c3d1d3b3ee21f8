/** What a sleeping call waits for: the host subscribes when a call has answered -ERESTARTSYS, and makes it again. */

export class WaitQueue {
  private waiters = new Set<() => void>()

  /** Calls `waiter` once, at the next wake. Answers how to stop waiting. */
  subscribe(waiter: () => void): () => void {
    this.waiters.add(waiter)
    return () => this.waiters.delete(waiter)
  }

  /** Somebody is asleep on it. */
  get isWaitedFor(): boolean {
    return this.waiters.size !== 0
  }

  wake(): void {
    if (this.waiters.size === 0) return
    const all = this.waiters
    this.waiters = new Set()
    for (const waiter of all) waiter()
  }
}

/** Woken when any of them is. */
export const anyOf = (queues: readonly WaitQueue[]): WaitQueue => {
  const any = new WaitQueue()
  const ends: (() => void)[] = []
  const onWake = (): void => {
    for (const end of ends.splice(0)) end()
    any.wake()
  }
  for (const queue of queues) ends.push(queue.subscribe(onWake))
  return any
}
