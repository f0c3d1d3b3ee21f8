/**
 * The contents of a file in memory: pages of 4096 bytes that exist once written, sixteen to a chunk, so that reads
 * rarely cross a border. A missing page is a hole and reads as zeros.
 */
import { PAGE_SIZE } from '@lsmkit/abi'
import { clear, copyInto, copyOutOf } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import { firstWhere } from '../../state/sorted.ts'

const CHUNK_PAGES = 16
const CHUNK = CHUNK_PAGES * PAGE_SIZE
/** No write of `len` bytes takes more memory than this. */
export const mostGrowth = (len: number): number => (Math.floor(len / CHUNK) + 2) * (CHUNK + COST.chunk)

const NO_DATA = new Uint8Array()

/** Many files are a line, and V8 keeps so many bytes beside the object itself. */
const SMALLEST = 64
/** 64, 512, a page. */
const SMALLEST_STEP = 8

class Chunk {
  /** Empty until it is written; grows by parts of a page, then in powers of two pages up to the whole chunk. */
  data = NO_DATA
  /** Bit n: page n has been allocated; written, which makes it data rather than a hole. */
  present = 0
  data_bits = 0

  /** The size that holds `end` bytes. */
  sizeFor(end: number): number {
    if (end <= this.data.length) return this.data.length
    let size = Math.max(this.data.length, SMALLEST)
    while (size < end) size *= size < PAGE_SIZE ? SMALLEST_STEP : 2
    return size
  }

  grow(size: number): void {
    const data = new Uint8Array(size)
    data.set(this.data)
    this.data = data
  }
}

const NO_CHUNK = new Chunk()
const NO_NUMBERS: readonly number[] = []

/** Bits of the pages that `start`..`end` (bytes within a chunk, end exclusive) touch. */
const pageBits = (start: number, end: number): number => {
  const first = Math.floor(start / PAGE_SIZE)
  const last = Math.ceil(end / PAGE_SIZE)
  return ((1 << (last - first)) - 1) << first
}

export class Pages {
  /** Number 0, the only one that most files have. */
  #first: Chunk | null = null
  /** The others by number; null: nothing was ever written there. */
  #others: Map<number, Chunk> | null = null
  /** The numbers in order, until a chunk is added or removed. */
  #sorted: readonly number[] | null = null
  /** The chunk used last: most files have one. */
  #lastIndex = -1
  #last: Chunk | null = null
  /** Pages that exist. */
  count = 0
  /** Of the host's heap. */
  bytes = 0

  #at(index: number): Chunk | null {
    if (index === this.#lastIndex) return this.#last
    const chunk = index === 0 ? this.#first : this.#others?.get(index) ?? null
    this.#lastIndex = index
    this.#last = chunk
    return chunk
  }

  #make(index: number): Chunk {
    let chunk = this.#at(index)
    if (chunk === null) {
      chunk = new Chunk()
      this.bytes += COST.chunk
      if (index === 0) this.#first = chunk
      else (this.#others ??= new Map()).set(index, chunk)
      this.#sorted = null
      this.#last = chunk
    }
    return chunk
  }

  /** How many `bytes` more there would be after a write of this range, or after its allocation (`isHole`). */
  growth(pos: number, len: number, isHole = false): number {
    let bytes = 0
    this.#eachChunk(pos, pos + len, (index, _start, end) => {
      const chunk = this.#at(index)
      if (chunk === null) bytes += COST.chunk
      if (!isHole) bytes += (chunk ?? NO_CHUNK).sizeFor(end) - (chunk?.data.length ?? 0)
    })
    return bytes
  }

  /** Copies `len` bytes from `pos` to `buf` at `off`; the caller has cut `len` at the end of the file. */
  read(buf: GuestBytes, off: number, len: number, pos: number): void {
    while (len > 0) {
      const index = Math.floor(pos / CHUNK)
      const start = pos - index * CHUNK
      const n = Math.min(len, CHUNK - start)
      const chunk = this.#at(index)
      const have = chunk === null ? 0 : Math.max(0, Math.min(n, chunk.data.length - start))
      if (chunk !== null && have > 0) copyOutOf(chunk.data, start, have, buf, off)
      if (have < n) clear(buf, off + have, off + n)
      off += n
      pos += n
      len -= n
    }
  }

  /** Pages that a write of this range would add. */
  missing(pos: number, len: number): number {
    let missing = 0
    this.#eachChunk(pos, pos + len, (index, start, end) => {
      const bits = pageBits(start, end)
      missing += bitCount(bits & ~(this.#at(index)?.present ?? 0))
    })
    return missing
  }

  write(buf: GuestBytes, off: number, len: number, pos: number): void {
    while (len > 0) {
      const index = Math.floor(pos / CHUNK)
      const start = pos - index * CHUNK
      const n = Math.min(len, CHUNK - start)
      const chunk = this.#make(index)
      const size = chunk.sizeFor(start + n)
      if (size !== chunk.data.length) {
        this.bytes += size - chunk.data.length
        chunk.grow(size)
      }
      copyInto(buf, off, n, chunk.data, start)
      const bits = pageBits(start, start + n)
      this.#mark(chunk, bits)
      chunk.data_bits |= bits
      off += n
      pos += n
      len -= n
    }
  }

  /** Makes the pages of a range be there, as holes until they are written (fallocate). */
  allocate(pos: number, len: number): void {
    this.#eachChunk(pos, pos + len, (index, start, end) => this.#mark(this.#make(index), pageBits(start, end)))
  }

  /** Zeros a range; pages that lie in it whole are holes again. */
  punch(from: number, to: number): void {
    for (const index of this.#between(Math.floor(from / CHUNK), to / CHUNK)) {
      const chunk = this.#at(index)!
      const base = index * CHUNK
      const start = Math.max(from - base, 0)
      const end = Math.min(to - base, CHUNK)
      if (start >= end) continue
      chunk.data.fill(0, Math.min(start, chunk.data.length), Math.min(end, chunk.data.length))
      const first = Math.ceil(start / PAGE_SIZE)
      const last = Math.floor(end / PAGE_SIZE)
      if (first < last) this.#unmark(index, chunk, pageBits(first * PAGE_SIZE, last * PAGE_SIZE))
    }
  }

  /** Forgets everything from `size` on. */
  truncate(size: number): void {
    this.punch(size, Infinity)
  }

  /** First byte at or after `pos` that is data (`wanted`) or a hole, by whole pages; `size` if there is none. */
  seek(pos: number, size: number, wanted: boolean): number {
    for (let page = Math.floor(pos / PAGE_SIZE); page * PAGE_SIZE < size; page++) {
      const chunk = this.#at(Math.floor(page / CHUNK_PAGES))
      if (chunk === null && wanted) {
        const next = this.#nextChunk(Math.floor(page / CHUNK_PAGES))
        if (next === -1) return size
        page = next * CHUNK_PAGES - 1
        continue
      }
      const isData = chunk !== null && (chunk.data_bits & (1 << page % CHUNK_PAGES)) !== 0
      if (isData === wanted) return Math.max(pos, page * PAGE_SIZE)
    }
    return size
  }

  #nextChunk(after: number): number {
    const all = this.#inOrder()
    return all[firstWhere(all, (index) => index > after)] ?? -1
  }

  /** Numbers of the chunks from `first` up to before `end`. */
  #between(first: number, end: number): number[] {
    const all = this.#inOrder()
    return all.slice(firstWhere(all, (index) => index >= first), firstWhere(all, (index) => index >= end))
  }

  #inOrder(): readonly number[] {
    return (this.#sorted ??= this.#first === null && this.#others === null ? NO_NUMBERS : this.#numbers())
  }

  #numbers(): number[] {
    const others = [...(this.#others?.keys() ?? [])].sort((a, b) => a - b)
    return this.#first === null ? others : [0, ...others]
  }

  #mark(chunk: Chunk, bits: number): void {
    this.count += bitCount(bits & ~chunk.present)
    chunk.present |= bits
  }

  #unmark(index: number, chunk: Chunk, bits: number): void {
    this.count -= bitCount(chunk.present & bits)
    chunk.present &= ~bits
    chunk.data_bits &= ~bits
    if (chunk.present !== 0) return
    this.bytes -= COST.chunk + chunk.data.length
    if (index === 0) this.#first = null
    else this.#others?.delete(index)
    this.#sorted = null
    this.#lastIndex = -1
    this.#last = null
  }

  #eachChunk(from: number, to: number, use: (index: number, start: number, end: number) => void): void {
    for (let index = Math.floor(from / CHUNK); index * CHUNK < to; index++) {
      const base = index * CHUNK
      use(index, Math.max(from - base, 0), Math.min(to - base, CHUNK))
    }
  }
}

const bitCount = (bits: number): number => {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}
