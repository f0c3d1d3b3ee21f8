/** QUEUE and STACK: values without keys, first in first out or last in first out. */
import { BPF_EXIST, BPF_MAP_TYPE_STACK, E2BIG, EINVAL, ENOENT } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { copyBytes } from './copy.ts'
import { KeylessMap } from './keyless-map.ts'
import type { MapSpace } from './map-space.ts'

/** QUEUE and STACK. */
export class QueueMap extends KeylessMap {
  readonly #values: number
  readonly #isStack: boolean
  /** Of the oldest value, in elements. */
  #first = 0
  #count = 0

  constructor(spec: MapSpec, space: MapSpace) {
    super(spec, space, -EINVAL)
    this.#isStack = spec.type === BPF_MAP_TYPE_STACK
    this.#values = this.take(spec.valueSize * spec.maxEntries, 'data')
  }

  /** BPF_EXIST drops the oldest when it is full. */
  override push(value: number, flags: number): number {
    if (flags !== 0 && flags !== BPF_EXIST) return -EINVAL
    if (this.#count === this.maxEntries) {
      if (flags !== BPF_EXIST) return -E2BIG
      this.#first = (this.#first + 1) % this.maxEntries
      this.#count--
    }
    copyBytes(this.memory, this.#at(this.#count), value, this.valueSize)
    this.#count++
    return 0
  }

  override pop(value: number): number {
    const rc = this.peek(value)
    if (rc !== 0) return rc
    this.#count--
    if (!this.#isStack) this.#first = (this.#first + 1) % this.maxEntries
    return 0
  }

  /** -ENOENT, and a value of zeroes, when it is empty. */
  override peek(value: number): number {
    if (this.#count === 0) {
      this.memory.u8.fill(0, value, value + this.valueSize)
      return -ENOENT
    }
    copyBytes(this.memory, value, this.#at(this.#isStack ? this.#count - 1 : 0), this.valueSize)
    return 0
  }

  /** Addresses of its values, the next one to be popped first. */
  *addresses(): Generator<number> {
    for (let at = 0; at < this.#count; at++) yield this.#at(this.#isStack ? this.#count - 1 - at : at)
  }

  override get count(): number {
    return this.#count
  }

  override free(): void {
    this.give(this.#values, this.valueSize * this.maxEntries)
    super.free()
  }

  #at(index: number): number {
    return this.#values + ((this.#first + index) % this.maxEntries) * this.valueSize
  }
}
