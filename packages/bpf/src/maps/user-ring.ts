/** USER_RINGBUF: samples that user space sends and a program drains. */
import { E2BIG, ENOSPC } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { roundUp8 } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'
import { RING_HEADER, RingMap } from './ring-map.ts'

/** A sample for the program's callback: it may read these bytes until it returns. */
export interface Sample {
  readonly address: number
  readonly size: number
}

/** USER_RINGBUF. */
export class UserRing extends RingMap {
  readonly #sizes: number[] = []
  #produced = 0
  #consumed = 0

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space, 'read-only')
  }

  /** 0, -E2BIG for a sample that never fits, -ENOSPC for one that does not now. */
  send(sample: Uint8Array): number {
    const length = roundUp8(sample.length + RING_HEADER)
    if (length > this.maxEntries) return -E2BIG
    if (this.#produced - this.#consumed + length > this.maxEntries) return -ENOSPC
    this.memory.u8.set(sample, this.data + (this.#produced & this.mask) + RING_HEADER)
    this.#sizes.push(sample.length)
    this.#produced += length
    return 0
  }

  /** The oldest sample, which `release` gives back; null when there is none. */
  acquire(): Sample | null {
    const size = this.#sizes[0]
    return size === undefined ? null : { address: this.data + (this.#consumed & this.mask) + RING_HEADER, size }
  }

  release(): void {
    const size = this.#sizes.shift()
    if (size !== undefined) this.#consumed += roundUp8(size + RING_HEADER)
  }

  override get count(): number {
    return this.#sizes.length
  }
}
