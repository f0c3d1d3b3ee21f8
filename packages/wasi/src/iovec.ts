/** Scatter/gather lists of fd_read and its kin: all of it is checked before any of it is used. */
import { WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS, WASI_IOVEC_SIZE } from '@lsmkit/abi'
import type { GuestMemory } from './memory.ts'

/** As UIO_MAXIOV: the most entries of one list. */
const MAX_ENTRIES = 1024
/** As MAX_RW_COUNT: what one call moves at most. */
const MAX_BYTES = 0x7ffff000

export class Iovecs {
  /** The buffers of the last `gather`. Between calls the array is reused. */
  readonly buffers: Uint8Array[] = []
  private readonly memory: GuestMemory

  constructor(memory: GuestMemory) {
    this.memory = memory
  }

  /** Fills `buffers`; 0 or a WASI errno. Lists are cut where MAX_RW_COUNT is reached, as readv does. */
  gather(iovs: number, count: number): number {
    const { memory, buffers } = this
    iovs >>>= 0
    count >>>= 0
    buffers.length = 0
    if (count > MAX_ENTRIES) return WASI_ERRNO_INVAL
    if (!memory.has(iovs, count * WASI_IOVEC_SIZE)) return WASI_ERRNO_FAULT
    const { view } = memory
    let total = 0
    for (let at = iovs, end = iovs + count * WASI_IOVEC_SIZE; at < end; at += WASI_IOVEC_SIZE) {
      const address = view.getUint32(at, true)
      const length = view.getUint32(at + 4, true)
      if (!memory.has(address, length)) return WASI_ERRNO_FAULT
      const room = MAX_BYTES - total
      if (room > 0) buffers.push(memory.window(address, Math.min(length, room)))
      total += length
    }
    return WASI_ERRNO_SUCCESS
  }
}
