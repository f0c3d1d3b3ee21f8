/** The ring of pages between the ends of a pipe (struct pipe_inode_info). */
import type { File } from '@lsmkit/core'
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, FMODE_READ, FMODE_WRITE, PAGE_SIZE } from '@lsmkit/abi'
import { copyInto, copyOutOf } from '../guest-bytes.ts'
import type { GuestBytes } from '../guest-bytes.ts'
import type { Holder } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import { anyOf, WaitQueue } from './wait.ts'

export const PIPE_DEF_BUFFERS = 16

const PAGE_COST = PAGE_SIZE + COST.pipePage
/** Pages that were read and are kept for the next write (`tmp_page`), so that a small pipe allocates none. */
const MAX_SPARE = 2

class PipePage {
  readonly data = new Uint8Array(PAGE_SIZE)
  offset = 0
  len = 0
  /** One write in packet mode: nothing is merged into it, and a read takes it whole. */
  packet = false
}

export class Pipe {
  readers = 0
  writers = 0
  /** How often each side has been opened. */
  r_counter = 0
  w_counter = 0
  /** Open files of either side. */
  files = 0
  /** Pages it may hold. */
  max_usage = PIPE_DEF_BUFFERS
  /** Readers, and writers, that wait. An open of one side of a FIFO waits for the other side at `rd_wait`. */
  readonly rd_wait = new WaitQueue()
  readonly wr_wait = new WaitQueue()
  /** For a file that is open for both, made at first use. */
  #either: WaitQueue | null = null
  /** Ends that have O_ASYNC. */
  readonly fasync = new Set<File>()
  readonly #pages: PipePage[] = []
  readonly #spare: PipePage[] = []
  /** Pays for the pages, also the spare ones: the inode. */
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  get isEmpty(): boolean {
    return this.#pages.length === 0
  }
  get isFull(): boolean {
    return this.#pages.length >= this.max_usage
  }
  /** Bytes that new pages could take, by the size of the pipe and by the memory that there is. */
  get room(): number {
    const affordable = this.#spare.length + Math.floor(this.#holder.account.room / PAGE_COST)
    return Math.max(Math.min(this.max_usage - this.#pages.length, affordable), 0) * PAGE_SIZE
  }
  get slots(): number {
    return this.#pages.length
  }
  /** Bytes that wait to be read (FIONREAD). */
  get bytes(): number {
    return this.#pages.reduce((sum, page) => sum + page.len, 0)
  }

  /** Wakes those that wait for bytes. */
  filled(): void {
    this.rd_wait.wake(EPOLLIN | EPOLLRDNORM)
  }
  /** Wakes those that wait for room. */
  drained(): void {
    this.wr_wait.wake(EPOLLOUT | EPOLLWRNORM)
  }
  /** Wakes all: a side was opened or closed. */
  changed(): void {
    this.rd_wait.wake()
    this.wr_wait.wake()
  }

  /** The queue of a file with this `f_mode`. */
  queueOf(f_mode: number): WaitQueue {
    if ((f_mode & FMODE_WRITE) === 0) return this.rd_wait
    if ((f_mode & FMODE_READ) === 0) return this.wr_wait
    return (this.#either ??= anyOf([this.rd_wait, this.wr_wait]))
  }

  /** Takes at most `len` bytes, no further than the end of a packet. */
  take(buf: GuestBytes, off: number, len: number): number {
    let taken = 0
    while (taken < len) {
      const page = this.#pages[0]
      if (page === undefined) break
      const n = Math.min(page.len, len - taken)
      copyOutOf(page.data, page.offset, n, buf, off + taken)
      taken += n
      page.offset += n
      page.len -= n
      if (page.packet || page.len === 0) {
        this.#pages.shift()
        this.#give(page)
      }
      if (page.packet) break
    }
    return taken
  }

  /** A page to write to: null without memory. */
  #page(): PipePage | null {
    const spare = this.#spare.pop()
    if (spare !== undefined) return spare
    return this.#holder.charge(PAGE_COST) ? new PipePage() : null
  }

  /** A page that has been read. */
  #give(page: PipePage): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(page)
    else this.#holder.uncharge(PAGE_COST)
  }

  /** As `take`, but everything stays where it is. */
  peek(buf: GuestBytes, off: number, len: number): number {
    let seen = 0
    for (const page of this.#pages) {
      if (seen === len) break
      const n = Math.min(page.len, len - seen)
      copyOutOf(page.data, page.offset, n, buf, off + seen)
      seen += n
    }
    return seen
  }

  /** Frees the pages, when both ends are closed. */
  clear(): void {
    this.#holder.uncharge((this.#pages.length + this.#spare.length) * PAGE_COST)
    this.#pages.length = 0
    this.#spare.length = 0
  }

  /**
   * Adds to the last page what fits there whole, then pages of its own: how many bytes were taken in. A pipe that is
   * not full and takes nothing has no memory.
   */
  put(buf: GuestBytes, off: number, len: number, packet: boolean): number {
    let put = this.#merge(buf, off, len)
    while (put < len && !this.isFull) {
      const page = this.#page()
      if (page === null) break
      page.packet = packet
      page.offset = 0
      page.len = Math.min(PAGE_SIZE, len - put)
      copyInto(buf, off + put, page.len, page.data, 0)
      this.#pages.push(page)
      put += page.len
    }
    return put
  }

  /** The part that does not fill a page goes into the last page if it fits there, so that the rest is aligned. */
  #merge(buf: GuestBytes, off: number, len: number): number {
    const chars = len % PAGE_SIZE
    const last = this.#pages.at(-1)
    if (chars === 0 || last === undefined || last.packet || last.offset + last.len + chars > PAGE_SIZE) return 0
    copyInto(buf, off, chars, last.data, last.offset + last.len)
    last.len += chars
    return chars
  }
}
