/** The state of an epoll file: watched files, and which of them are ready (fs/eventpoll.c). */
import { EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLONESHOT, EPOLLWAKEUP } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import { LinkedList } from '../state/vfs/linked-list.ts'
import type { ListNode } from '../state/vfs/linked-list.ts'
import { fileState } from '../state/vfs/state.ts'
import type { FileWatcher } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'

const EP_PRIVATE_BITS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE

/** `struct epoll_event`. `data` is returned unchanged. */
export interface EpollEvent {
  events: number
  data: unknown
}

/** The EPOLL* events of a file that are ready now. */
export type Poll = (file: File) => number

/** One descriptor that is watched (struct epitem). */
export class EpollItem implements FileWatcher {
  readonly ep: EventPoll
  readonly fd: number
  readonly file: File
  events: number
  data: unknown
  /** For edge-triggered items: an event has occurred since the last report. */
  armed = true
  node: ListNode<EpollItem> | null = null
  /** Unsubscribes the item from the file. */
  #unfollow: () => void = () => {}

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

  /** Called on each change while the item exists. */
  follow(): void {
    const queue = fileState(this.file).f_op.poll_queue?.(this.file)
    if (queue === undefined) return
    this.#unfollow = queue.subscribe(() => {
      this.armed = true
      this.follow()
      this.ep.wait.wake()
    })
  }

  stop(): void {
    this.#unfollow()
    this.#unfollow = () => {}
  }

  readyMask(poll: Poll): number {
    const wanted = this.events & ~EP_PRIVATE_BITS
    if (wanted === 0 || ((this.events & EPOLLET) !== 0 && !this.armed)) return 0
    return poll(this.file) & (wanted | EPOLLERR | EPOLLHUP)
  }
}

/** The epoll files that one poll of many files has visited. Each is polled once, whatever the number of paths to it. */
let found: Map<EventPoll, boolean> | null = null

/** Runs `look`, during which nothing may change. */
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
  /** The open file that this belongs to. */
  file: File | null = null
  readonly #byFile = new Map<File, Map<number, EpollItem>>()
  /** Called with each removed item. */
  readonly #onRemove: (item: EpollItem) => void

  constructor(onRemove: (item: EpollItem) => void = () => {}) {
    this.#onRemove = onRemove
  }

  find(fd: number, file: File): EpollItem | null {
    return this.#byFile.get(file)?.get(fd) ?? null
  }

  /** Watches `file` until the item is removed or the file is closed. The caller has charged the file. */
  add(fd: number, file: File, event: EpollEvent): EpollItem {
    const item = new EpollItem(this, fd, file, event)
    item.node = this.items.add(item)
    const fds = this.#byFile.get(file) ?? new Map<number, EpollItem>()
    this.#byFile.set(file, fds.set(fd, item))
    ;(fileState(file).makeRare().watchers ??= new Set()).add(item)
    item.follow()
    return item
  }

  remove(item: EpollItem): void {
    if (item.node === null) return
    this.items.remove(item.node)
    item.node = null
    const fds = this.#byFile.get(item.file)!
    fds.delete(item.fd)
    if (fds.size === 0) this.#byFile.delete(item.file)
    fileState(item.file).rare?.watchers?.delete(item)
    fileState(item.file).uncharge(COST.epollItem)
    item.stop()
    this.#onRemove(item)
  }

  modify(item: EpollItem, { events, data }: EpollEvent): void {
    item.events = events >>> 0
    item.data = data
    item.armed = true
  }

  /** Up to `most` ready events. Reporting disarms edge-triggered and one-shot items. */
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

  /** Whether anything is ready. Reports nothing. */
  isReady(poll: Poll): boolean {
    for (const item of this.items) if (item.readyMask(poll) !== 0) return true
    return false
  }
}
