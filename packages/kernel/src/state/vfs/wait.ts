/** Queues that a sleeping call waits at: the host subscribes when a call returns -ERESTARTSYS, and makes it again. */
import { LinkedList } from './linked-list.ts'
import type { ListNode } from './linked-list.ts'

/**
 * Called at every wake with the EPOLL* events that may have come, 0 for any. It returns true to take the wake alone:
 * exclusive followers behind it are not called.
 */
export type Follower = (events: number) => boolean

export class WaitQueue {
  #waiters: Set<() => void> | null = null
  /** The newest are called first, and exclusive ones last. */
  #followers: LinkedList<Follower> | null = null

  /** Calls `waiter` once, at the next wake. Answers how to stop waiting. */
  subscribe(waiter: () => void): () => void {
    this.#waiters ??= new Set()
    this.#waiters.add(waiter)
    return () => this.#waiters?.delete(waiter)
  }

  /** Calls `follower` at every wake from now on; `exclusive` as of WQ_FLAG_EXCLUSIVE. Answers how to stop. */
  follow(follower: Follower, exclusive = false): () => void {
    const followers = (this.#followers ??= new LinkedList())
    let node: ListNode<Follower> | null = exclusive ? followers.add(follower) : followers.addFirst(follower)
    return () => {
      if (node !== null) followers.remove(node)
      node = null
    }
  }

  get isFollowed(): boolean {
    return this.#followers !== null && this.#followers.size !== 0
  }

  /** Somebody is asleep on it, or follows it. */
  get isWaitedFor(): boolean {
    return (this.#waiters !== null && this.#waiters.size !== 0) || this.isFollowed
  }

  /** `events`: what may have come, as the key of the kernel's `wake_up_poll`. Sleepers are woken whatever it is. */
  wake(events = 0): void {
    if (this.#followers !== null)
      for (const follower of this.#followers) if (follower(events) && events !== 0) break
    const all = this.#waiters
    if (all === null) return
    this.#waiters = null
    for (const waiter of all) waiter()
  }
}

/** A queue that something else wakes. It watches that only while a call waits; `watch` gives the way to stop. */
export class WatchingQueue extends WaitQueue {
  readonly #watch: (wake: (events?: number) => void) => () => void
  #end: (() => void) | null = null

  constructor(watch: (wake: (events?: number) => void) => () => void) {
    super()
    this.#watch = watch
  }

  override subscribe(waiter: () => void): () => void {
    this.#start()
    const end = super.subscribe(waiter)
    return () => this.#ended(end)
  }

  override follow(follower: Follower, exclusive = false): () => void {
    this.#start()
    const end = super.follow(follower, exclusive)
    return () => this.#ended(end)
  }

  override wake(events = 0): void {
    this.#stop()
    super.wake(events)
    if (this.isFollowed) this.#start()
  }

  #start(): void {
    this.#end ??= this.#watch((events) => this.wake(events))
  }

  #ended(end: () => void): void {
    end()
    if (!this.isWaitedFor) this.#stop()
  }

  #stop(): void {
    this.#end?.()
    this.#end = null
  }
}

/** Wakes when any of the queues does. */
export const anyOf = (queues: readonly WaitQueue[]): WaitQueue =>
  new WatchingQueue((wake) => {
    const ends = queues.map((queue) => queue.follow((events) => {
      wake(events)
      return false
    }))
    return () => {
      for (const end of ends) end()
    }
  })
