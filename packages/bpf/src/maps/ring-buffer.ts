/** RINGBUF: records that programs reserve and submit in order, and consumers read one after another. */
import {
  BPF_RB_AVAIL_DATA, BPF_RB_CONS_POS, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP, BPF_RB_PROD_POS, BPF_RB_RING_SIZE, EAGAIN,
  EINVAL,
} from '@lsmkit/abi'
import { anObject, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { MapSpec } from '../object/bpf-object.ts'
import { roundUp8 } from './bpf-map.ts'
import { copyBytes } from './copy.ts'
import type { MapSpace } from './map-space.ts'
import { RING_HEADER, RingMap } from './ring-map.ts'
import { Waiters } from './waiters.ts'

const BUSY = 0x8000_0000
const DISCARDED = 0x4000_0000
const LENGTH = 0x3fff_ffff

const recordRules: OptionRules<{ signal?: AbortSignal }> = { signal: anObject }

/**
 * RINGBUF: `consume` gives the records that are there, `records` those to come. Lengths are kept outside of the memory
 * that programs write.
 */
export class RingBuffer extends RingMap {
  /** Length and state of the record that begins at each multiple of 8. */
  readonly #records: Uint32Array
  readonly #waiters = new Waiters()
  #produced = 0
  #consumed = 0
  #dropped = 0

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space, 'data')
    this.#records = new Uint32Array(spec.maxEntries / 8)
  }

  /** Records that found no room. */
  get dropped(): number {
    return this.#dropped
  }

  /** Address of `size` bytes, 0 when there is no room. Must be submitted or discarded. */
  reserve(size: number): number {
    const length = roundUp8(size + RING_HEADER)
    const isSane = size >= 0 && size <= LENGTH && length <= this.maxEntries
    if (!isSane || this.#produced - this.#consumed + length > this.mask) {
      this.#dropped++
      return 0
    }
    const at = this.#produced & this.mask
    this.#records[at >> 3] = size | BUSY
    this.#produced += length
    // as `pg_off` and `len` of the kernel's header
    this.memory.view.setUint32(this.data + at, size, true)
    return this.data + at + RING_HEADER
  }

  /** Whether the address lies among its records. */
  holds(address: number): boolean {
    return address >= this.data && address < this.data + this.maxEntries * 2
  }

  /** Makes a record of `reserve` readable. An invalid address is passed over. */
  submit(address: number, flags = 0): void {
    this.#commit(address, flags, 0)
  }

  discard(address: number, flags = 0): void {
    this.#commit(address, flags, DISCARDED)
  }

  /** Copies a record in: 0, -EINVAL or -EAGAIN. */
  output(data: number, size: number, flags: number): number {
    if (flags !== 0 && flags !== BPF_RB_NO_WAKEUP && flags !== BPF_RB_FORCE_WAKEUP && flags !== 3) return -EINVAL
    const address = this.reserve(size)
    if (address === 0) return -EAGAIN
    copyBytes(this.memory, address, data, size)
    this.submit(address, flags)
    return 0
  }

  /** As `bpf_ringbuf_query`; 0 for a question there is none of. */
  query(what: number): number {
    switch (what) {
      case BPF_RB_AVAIL_DATA: return this.#produced - this.#consumed
      case BPF_RB_RING_SIZE: return this.maxEntries
      case BPF_RB_CONS_POS: return this.#consumed
      case BPF_RB_PROD_POS: return this.#produced
      default: return 0
    }
  }

  /** Copies of the records that are ready, oldest first, and takes them out. */
  consume(most = Infinity): Uint8Array[] {
    const taken: Uint8Array[] = []
    while (this.#consumed < this.#produced && taken.length < most) {
      const at = this.#consumed & this.mask
      const record = this.#records[at >> 3]!
      if (record & BUSY) break
      const size = record & LENGTH
      const from = this.data + at + RING_HEADER
      if (!(record & DISCARDED)) taken.push(this.memory.u8.slice(from, from + size))
      this.#consumed += roundUp8(size + RING_HEADER)
    }
    return taken
  }

  /** Copies of the records that are ready, oldest first; they stay. */
  waiting(most = Infinity): Uint8Array[] {
    const found: Uint8Array[] = []
    for (let at = this.#consumed; at < this.#produced && found.length < most;) {
      const record = this.#records[(at & this.mask) >> 3]!
      if (record & BUSY) break
      const size = record & LENGTH
      const from = this.data + (at & this.mask) + RING_HEADER
      if (!(record & DISCARDED)) found.push(this.memory.u8.slice(from, from + size))
      at += roundUp8(size + RING_HEADER)
    }
    return found
  }

  /** Records as they come, until the signal aborts. One consumer at a time, as in the kernel. */
  async *records(options: { signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    checkOptions(options, recordRules, 'records')
    for (;;) {
      yield* this.consume()
      if (options.signal?.aborted) return
      if (this.#isReady()) continue
      if (!(await this.#waiters.wait(options.signal))) return
    }
  }

  override free(): void {
    this.#waiters.end()
    super.free()
  }

  #isReady(): boolean {
    return this.#consumed < this.#produced && !(this.#records[(this.#consumed & this.mask) >> 3]! & BUSY)
  }

  #commit(address: number, flags: number, state: number): void {
    const at = address - this.data - RING_HEADER
    if (at < 0 || at > this.mask || at % 8 !== 0) return
    const record = this.#records[at >> 3]!
    if (!(record & BUSY)) return
    this.#records[at >> 3] = (record & LENGTH) | state
    // as the kernel: wake when the consumer had caught up, unless the flags say otherwise
    if (flags & BPF_RB_FORCE_WAKEUP) this.#waiters.wake()
    else if (!(flags & BPF_RB_NO_WAKEUP) && (this.#consumed & this.mask) === at) this.#waiters.wake()
  }
}
