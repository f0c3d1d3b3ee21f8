/** BLOOM_FILTER: whether a value was pushed: surely not, or probably. */
import { EINVAL, ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap } from './bpf-map.ts'
import { hashKey } from './hash-map.ts'
import type { MapSpace } from './map-space.ts'

const DEFAULT_HASHES = 5

/** BLOOM_FILTER. */
export class BloomMap extends BpfMap {
  readonly #bits: number
  readonly #mask: number
  readonly #hashes: number

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space)
    this.#hashes = Number(spec.extra & 15n) || DEFAULT_HASHES
    // 7/5 stands for 1/ln 2: the number of bits that makes mistakes rarest
    const wanted = Math.floor((spec.maxEntries * this.#hashes) / 5) * 7
    this.#mask = wanted > 2 ** 31 ? 0xffff_ffff : 2 ** Math.ceil(Math.log2(Math.max(64, wanted))) - 1
    this.#bits = this.take((this.#mask + 1) / 8, 'read-only')
  }

  override push(value: number, flags: number): number {
    if (flags !== 0) return -EINVAL
    const { u8 } = this.memory
    for (const bit of this.#places(value)) u8[this.#bits + (bit >>> 3)]! |= 1 << (bit & 7)
    return 0
  }

  /** 0 when it may have been pushed. */
  override peek(value: number): number {
    const { u8 } = this.memory
    for (const bit of this.#places(value)) {
      if ((u8[this.#bits + (bit >>> 3)]! & (1 << (bit & 7))) === 0) return -ENOENT
    }
    return 0
  }

  override update(_key: number, _value: number, _flags: number): number {
    return -EINVAL
  }

  override nextKey(_key: number, _next: number): number {
    return -EOPNOTSUPP
  }

  override free(): void {
    this.give(this.#bits, (this.#mask + 1) / 8)
    super.free()
  }

  /** Two hashes make all of them. */
  *#places(value: number): Generator<number> {
    const first = hashKey(this.memory.view, value, this.valueSize)
    const step = Math.imul(first ^ (first >>> 13), 0x85ebca6b) | 1
    for (let index = 0; index < this.#hashes; index++) {
      let bit = (first + Math.imul(step, index)) | 0
      bit = Math.imul(bit ^ (bit >>> 16), 0xc2b2ae35)
      yield ((bit ^ (bit >>> 13)) & this.#mask) >>> 0
    }
  }
}
