/** Scatter/gather lists of fd_read and its kin: all of it is checked before any of it is used. */
import { WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS, WASI_IOVEC_SIZE } from '@lsmkit/abi'
import type { GuestMemory } from './memory.ts'

/** As UIO_MAXIOV: the most entries of one list. */
const MAX_ENTRIES = 1024
/** As MAX_RW_COUNT: what one call moves at most. */
const MAX_BYTES = 0x7ffff000
/** The same under a time limit, which nobody looks at in the middle of it. */
export const MAX_TIMED = 0x2000000

const NONE = new Uint8Array(0)

export class Iovecs {
  /** The buffer of a list of one, which is what nearly all are; anything else is in `all`. */
  only: Uint8Array | null = NONE
  all: Uint8Array[] = []
  readonly #memory: GuestMemory
  readonly #most: number

  constructor(memory: GuestMemory, isTimed = false) {
    this.#memory = memory
    this.#most = isTimed ? MAX_TIMED : MAX_BYTES
  }

  /** Bytes of all buffers. */
  get total(): number {
    return this.only === null ? this.all.reduce((sum, { length }) => sum + length, 0) : this.only.length
  }

  /** The rest after `done` bytes. */
  from(done: number): Uint8Array[] {
    let skip = done
    const rest: Uint8Array[] = []
    for (const part of this.only === null ? this.all : [this.only]) {
      if (part.length > skip) rest.push(part.subarray(skip))
      skip = Math.max(0, skip - part.length)
    }
    return rest
  }

  /** Fills `only` or `all`; 0 or a WASI errno. A buffer that was used before needs no second check. */
  gather(iovs: number, count: number): number {
    if (count === 1 && (iovs & 3) === 0) {
      const { words } = this.#memory
      const length = words[(iovs >>> 2) + 1]
      if (length !== undefined) {
        const kept = this.#memory.kept(words[iovs >>> 2] as number, length)
        if (kept !== null) {
          this.only = kept
          return WASI_ERRNO_SUCCESS
        }
      }
    }
    return count === 1 ? this.#gatherOne(iovs >>> 0) : this.#gatherAll(iovs >>> 0, count >>> 0)
  }

  #gatherOne(iovs: number): number {
    const memory = this.#memory
    if (!memory.has(iovs, WASI_IOVEC_SIZE)) return WASI_ERRNO_FAULT
    const { view } = memory
    const address = view.getUint32(iovs, true)
    const length = view.getUint32(iovs + 4, true)
    if (!memory.has(address, length)) return WASI_ERRNO_FAULT
    this.only = memory.window(address, Math.min(length, this.#most))
    return WASI_ERRNO_SUCCESS
  }

  /** Lists are cut where the most is reached, as readv does. */
  #gatherAll(iovs: number, count: number): number {
    const memory = this.#memory
    if (count > MAX_ENTRIES) return WASI_ERRNO_INVAL
    if (!memory.has(iovs, count * WASI_IOVEC_SIZE)) return WASI_ERRNO_FAULT
    const { view } = memory
    const all: Uint8Array[] = []
    let total = 0
    for (let at = iovs, end = iovs + count * WASI_IOVEC_SIZE; at < end; at += WASI_IOVEC_SIZE) {
      const address = view.getUint32(at, true)
      const length = view.getUint32(at + 4, true)
      if (!memory.has(address, length)) return WASI_ERRNO_FAULT
      const room = this.#most - total
      if (room > 0) all.push(memory.window(address, Math.min(length, room)))
      total += length
    }
    this.only = null
    this.all = all
    return WASI_ERRNO_SUCCESS
  }
}
