/** The state of an epoll file: watched files, and which of them are ready (fs/eventpoll.c). */
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLWAKEUP } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import { LinkedList, ListNode } from '../state/vfs/linked-list.ts'
import { fileState } from '../state/vfs/state.ts'
import type { FileWatcher } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'

const EPOLLIN_OUT = EPOLLIN | EPOLLOUT
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
  /** Its place among the items, until it is removed. */
  node: ListNode<EpollItem> | null = null
  /** Its place in the ready list, while it is there. */
  readonly readyNode: ListNode<EpollItem> = new ListNode(this)
  isListed = false
  /** The file has a queue that it wakes. Other files are polled each time. */
  notifies = false
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

  get #isExclusive(): boolean {
    return (this.events & EPOLLEXCLUSIVE) !== 0
  }

  follow(): void {
    const queue = fileState(this.file).f_op.poll_queue?.(this.file)
    if (queue === undefined) return
    this.notifies = true
    this.#unfollow = queue.follow((events) => this.#woken(events), this.#isExclusive)
  }

  /** As `ep_poll_callback`: an event puts the item on the ready list, and wakes the waiters of the epoll file. */
  #woken(came: number): boolean {
    const wanted = this.events & ~EP_PRIVATE_BITS
    if (wanted === 0 || (came !== 0 && (came & wanted) === 0)) return false
    const takes = this.#isExclusive && this.ep.wait.isWaitedFor
    this.ep.list(this)
    this.ep.wait.wake(EPOLLIN)
    return takes && (came & EPOLLIN_OUT) !== EPOLLIN_OUT
  }

  stop(): void {
    this.#unfollow()
    this.#unfollow = () => {}
  }

  readyMask(poll: Poll): number {
    const wanted = this.events & ~EP_PRIVATE_BITS
    return wanted === 0 ? 0 : poll(this.file) & wanted
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
  /** Items that may be ready, in the order of their wakes. No other item is polled. */
  readonly #ready = new LinkedList<EpollItem>()
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
    this.#unlist(item)
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
  }

  /** Puts the item at the end of the ready list, if it is not there. */
  list(item: EpollItem): void {
    if (item.isListed) return
    item.isListed = true
    this.#ready.put(item.readyNode)
  }

  #unlist(item: EpollItem): void {
    if (!item.isListed) return
    item.isListed = false
    this.#ready.remove(item.readyNode)
  }

  /**
   * As `ep_send_events`: up to `most` ready events. An item leaves the list, and comes back at its end if it is neither
   * edge-triggered nor one-shot.
   */
  take(most: number, poll: Poll): EpollEvent[] {
    const ready: EpollEvent[] = []
    const again: EpollItem[] = []
    for (const item of this.#ready) {
      if (ready.length === most) break
      this.#unlist(item)
      const mask = item.readyMask(poll)
      if (mask === 0) {
        if (!item.notifies) again.push(item)
        continue
      }
      ready.push({ events: mask, data: item.data })
      if ((item.events & EPOLLONESHOT) !== 0) item.events &= EP_PRIVATE_BITS
      else if ((item.events & EPOLLET) === 0) again.push(item)
    }
    for (const item of again) this.list(item)
    return ready
  }

  /** Whether anything is ready. Items that are not ready any more leave the list. */
  isReady(poll: Poll): boolean {
    for (const item of this.#ready) {
      if (item.readyMask(poll) !== 0) return true
      if (item.notifies) this.#unlist(item)
    }
    return false
  }
}
