/** USER_RINGBUF: samples that user space sends and a program drains. */
import { E2BIG, ENOSPC, ENOTSUPP } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, roundUp8 } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'

const HEADER = 8

/** A sample for the program's callback: it may read these bytes until it returns. */
export interface Sample {
  readonly address: number
  readonly size: number
}

/** USER_RINGBUF. */
export class UserRing extends BpfMap {
  readonly #data: number
  readonly #mask: number
  readonly #sizes: number[] = []
  #produced = 0
  #consumed = 0

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space)
    this.#mask = spec.maxEntries - 1
    this.#data = this.take(spec.maxEntries * 2, 'read-only')
  }

  /** 0, -E2BIG for a sample that never fits, -ENOSPC for one that does not now. */
  send(sample: Uint8Array): number {
    const length = roundUp8(sample.length + HEADER)
    if (length > this.maxEntries) return -E2BIG
    if (this.#produced - this.#consumed + length > this.maxEntries) return -ENOSPC
    this.memory.u8.set(sample, this.#data + (this.#produced & this.#mask) + HEADER)
    this.#sizes.push(sample.length)
    this.#produced += length
    return 0
  }

  /** The oldest sample, which `release` gives back; null when there is none. */
  acquire(): Sample | null {
    const size = this.#sizes[0]
    return size === undefined ? null : { address: this.#data + (this.#consumed & this.#mask) + HEADER, size }
  }

  release(): void {
    const size = this.#sizes.shift()
    if (size !== undefined) this.#consumed += roundUp8(size + HEADER)
  }

  override get count(): number {
    return this.#sizes.length
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -ENOTSUPP
  }

  override delete(_key: number): number {
    return -ENOTSUPP
  }

  override nextKey(_key: number, _next: number): number {
    return -ENOTSUPP
  }

  override free(): void {
    this.give(this.#data, this.maxEntries * 2)
    super.free()
  }
}
