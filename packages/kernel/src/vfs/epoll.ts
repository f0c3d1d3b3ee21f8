/** The inside of an epoll file: what it watches, and what of it is ready (fs/eventpoll.c). */
import { EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLONESHOT, EPOLLWAKEUP } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { COST } from '../memory-costs.ts'
import { fileState } from './state.ts'
import { WaitQueue } from './wait.ts'

const EP_PRIVATE_BITS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE

/** `struct epoll_event`; `data` comes back as it is. */
export interface EpollEvent {
  events: number
  data: unknown
}

/** One descriptor that is watched. */
export interface EpollItem {
  readonly fd: number
  readonly file: File
  events: number
  data: unknown
  /** Edge triggered: something has happened since it was last reported. */
  armed: boolean
  /** Ends what the item is told by. */
  unfollow: () => void
}

export class EventPoll {
  readonly items: EpollItem[] = []
  readonly wait = new WaitQueue()

  find(fd: number, file: File): EpollItem | null {
    return this.items.find((item) => item.fd === fd && item.file === file) ?? null
  }

  /** Watches `file`, which has been charged for it, until it is removed or closed. */
  add(fd: number, file: File, { events, data }: EpollEvent): void {
    const item: EpollItem = { fd, file, events: events >>> 0, data, armed: true, unfollow: () => {} }
    this.items.push(item)
    ;(fileState(file).watchers ??= new Set()).add(this.forgetFile(item))
    this.follow(item)
  }

  private readonly forgetters = new Map<EpollItem, () => void>()
  private forgetFile(item: EpollItem): () => void {
    const forget = (): void => this.remove(item)
    this.forgetters.set(item, forget)
    return forget
  }

  /** Is told of each change, as long as the item is there. */
  private follow(item: EpollItem): void {
    const queue = fileState(item.file).f_op.poll_queue?.(item.file)
    if (queue === undefined) return
    item.unfollow = queue.subscribe(() => {
      item.armed = true
      this.follow(item)
      this.wait.wake()
    })
  }

  remove(item: EpollItem): void {
    const at = this.items.indexOf(item)
    if (at < 0) return
    this.items.splice(at, 1)
    fileState(item.file).uncharge(COST.epollItem)
    item.unfollow()
    const forget = this.forgetters.get(item)
    if (forget === undefined) return
    this.forgetters.delete(item)
    fileState(item.file).watchers?.delete(forget)
  }

  modify(item: EpollItem, { events, data }: EpollEvent): void {
    item.events = events >>> 0
    item.data = data
    item.armed = true
    this.wait.wake()
  }

  /** Up to `most` ready events; reporting is what disarms edge triggered and one-shot items. */
  take(most: number, poll: (file: File) => number): EpollEvent[] {
    const ready: EpollEvent[] = []
    for (const item of this.items) {
      if (ready.length === most) break
      const mask = this.readyMask(item, poll)
      if (mask === 0) continue
      ready.push({ events: mask, data: item.data })
      if ((item.events & EPOLLET) !== 0) item.armed = false
      if ((item.events & EPOLLONESHOT) !== 0) item.events &= EP_PRIVATE_BITS
    }
    return ready
  }

  /** Whether anything is ready, without taking it. */
  isReady(poll: (file: File) => number): boolean {
    return this.items.some((item) => this.readyMask(item, poll) !== 0)
  }

  private readyMask(item: EpollItem, poll: (file: File) => number): number {
    const wanted = item.events & ~EP_PRIVATE_BITS
    if (wanted === 0 || ((item.events & EPOLLET) !== 0 && !item.armed)) return 0
    return poll(item.file) & (wanted | EPOLLERR | EPOLLHUP)
  }
}
