/** The inside of an epoll file: what it watches, and what of it is ready (fs/eventpoll.c). */
import { EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLONESHOT, EPOLLWAKEUP } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import { LinkedList } from '../state/vfs/linked-list.ts'
import type { ListNode } from '../state/vfs/linked-list.ts'
import { fileState } from '../state/vfs/state.ts'
import type { FileWatcher } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'

const EP_PRIVATE_BITS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE

/** `struct epoll_event`; `data` comes back as it is. */
export interface EpollEvent {
  events: number
  data: unknown
}

/** What of a file is ready now. */
export type Poll = (file: File) => number

/** One descriptor that is watched (struct epitem). */
export class EpollItem implements FileWatcher {
  readonly ep: EventPoll
  readonly fd: number
  readonly file: File
  events: number
  data: unknown
  /** Edge triggered: something has happened since it was last reported. */
  armed = true
  node: ListNode<EpollItem> | null = null
  /** Ends what the item is told by. */
  private unfollow: () => void = () => {}

  constructor(ep: EventPoll, fd: number, file: File, { events, data }: EpollEvent) {
    this.ep = ep
    this.fd = fd
    this.file = file
    this.events = events >>> 0
    this.data = data
  }

  fileEnded(): void {
    this.ep.remove(this)
  }

  /** Is told of each change, as long as the item is there. */
  follow(): void {
    const queue = fileState(this.file).f_op.poll_queue?.(this.file)
    if (queue === undefined) return
    this.unfollow = queue.subscribe(() => {
      this.armed = true
      this.follow()
      this.ep.wait.wake()
    })
  }

  stop(): void {
    this.unfollow()
    this.unfollow = () => {}
  }

  readyMask(poll: Poll): number {
    const wanted = this.events & ~EP_PRIVATE_BITS
    if (wanted === 0 || ((this.events & EPOLLET) !== 0 && !this.armed)) return 0
    return poll(this.file) & (wanted | EPOLLERR | EPOLLHUP)
  }
}

/** What one look at many files has found of epoll files: each is looked into once, however many ways lead there. */
let found: Map<EventPoll, boolean> | null = null

/** Nothing changes while `look` runs. */
export const inOneLook = <T>(look: () => T): T => {
  if (found !== null) return look()
  found = new Map()
  try {
    return look()
  } finally {
    found = null
  }
}

/** Whether anything that `ep` watches is ready. */
export const isReady = (ep: EventPoll, poll: Poll): boolean => inOneLook(() => {
  const known = found!.get(ep)
  if (known !== undefined) return known
  const answer = ep.isReady(poll)
  found!.set(ep, answer)
  return answer
})

export class EventPoll {
  /** In the order they were added. */
  readonly items = new LinkedList<EpollItem>()
  readonly wait = new WaitQueue()
  /** The file that it is the inside of. */
  file: File | null = null
  private readonly byFile = new Map<File, Map<number, EpollItem>>()
  /** Told of each item that is gone. */
  private readonly onRemove: (item: EpollItem) => void

  constructor(onRemove: (item: EpollItem) => void = () => {}) {
    this.onRemove = onRemove
  }

  find(fd: number, file: File): EpollItem | null {
    return this.byFile.get(file)?.get(fd) ?? null
  }

  /** Watches `file`, which has been charged for it, until it is removed or closed. */
  add(fd: number, file: File, event: EpollEvent): EpollItem {
    const item = new EpollItem(this, fd, file, event)
    item.node = this.items.add(item)
    const fds = this.byFile.get(file) ?? new Map<number, EpollItem>()
    this.byFile.set(file, fds.set(fd, item))
    ;(fileState(file).makeRare().watchers ??= new Set()).add(item)
    item.follow()
    return item
  }

  remove(item: EpollItem): void {
    if (item.node === null) return
    this.items.remove(item.node)
    item.node = null
    const fds = this.byFile.get(item.file)!
    fds.delete(item.fd)
    if (fds.size === 0) this.byFile.delete(item.file)
    fileState(item.file).rare?.watchers?.delete(item)
    fileState(item.file).uncharge(COST.epollItem)
    item.stop()
    this.onRemove(item)
  }

  modify(item: EpollItem, { events, data }: EpollEvent): void {
    item.events = events >>> 0
    item.data = data
    item.armed = true
  }

  /** Up to `most` ready events; reporting is what disarms edge triggered and one-shot items. */
  take(most: number, poll: Poll): EpollEvent[] {
    const ready: EpollEvent[] = []
    for (const item of this.items) {
      if (ready.length === most) break
      const mask = item.readyMask(poll)
      if (mask === 0) continue
      ready.push({ events: mask, data: item.data })
      if ((item.events & EPOLLET) !== 0) item.armed = false
      if ((item.events & EPOLLONESHOT) !== 0) item.events &= EP_PRIVATE_BITS
    }
    return ready
  }

  /** Whether anything is ready, without taking it. */
  isReady(poll: Poll): boolean {
    for (const item of this.items) if (item.readyMask(poll) !== 0) return true
    return false
  }
}
