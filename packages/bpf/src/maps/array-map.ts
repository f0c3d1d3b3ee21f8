/** ARRAY and PERCPU_ARRAY: elements side by side, all there from the beginning. */
import { BPF_F_LOCK, BPF_F_RDONLY_PROG, BPF_NOEXIST, E2BIG, EEXIST, EINVAL, ENOENT } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, isUpdateFlag, roundUp8 } from './bpf-map.ts'
import { copyValue } from './copy.ts'
import type { SpecialField } from './copy.ts'
import type { MapSpace } from './map-space.ts'

/** ARRAY and PERCPU_ARRAY. */
export class ArrayMap extends BpfMap {
  /** Address of element 0. */
  readonly values: number
  /** Bytes from one element to the next. */
  readonly stride: number
  readonly #space: MapSpace
  readonly #fields: readonly SpecialField[]

  /** Bytes that programs may only read must not be writable by a wrong store either. */
  constructor(
    spec: MapSpec, space: MapSpace, fields: readonly SpecialField[],
    access: 'data' | 'read-only' = spec.frozen || spec.flags & BPF_F_RDONLY_PROG ? 'read-only' : 'data',
  ) {
    super(spec, space)
    this.#space = space
    this.#fields = fields
    this.stride = roundUp8(spec.valueSize)
    this.values = this.take(this.stride * spec.maxEntries, access)
    this.setHeader('values', this.values)
    this.setHeader('stride', this.stride)
    if (spec.data) this.memory.u8.set(spec.data.subarray(0, spec.valueSize), this.values)
  }

  override lookup(key: number): number {
    const index = this.memory.view.getUint32(key, true)
    return index < this.maxEntries ? this.values + index * this.stride : 0
  }

  override elementAt(address: number, size: number): { readonly key: number; readonly value: number } | null {
    const index = Math.floor((address - this.values) / this.stride)
    if (index < 0 || index >= this.maxEntries) return null
    const value = this.values + index * this.stride
    return address + size <= value + this.valueSize ? { key: 0, value } : null
  }

  override writeIndex(value: number, to: number): void {
    this.memory.view.setUint32(to, (value - this.values) / this.stride, true)
  }

  override update(key: number, value: number, flags: number): number {
    if (!isUpdateFlag(flags, BPF_F_LOCK)) return -EINVAL
    const index = this.memory.view.getUint32(key, true)
    if (index >= this.maxEntries) return -E2BIG
    if (flags & BPF_NOEXIST) return -EEXIST
    if (flags & BPF_F_LOCK && !this.#fields.some(({ name }) => name === 'bpf_spin_lock')) return -EINVAL
    const at = this.values + index * this.stride
    copyValue(this.memory, at, value, this.valueSize, this.#fields)
    if (this.#fields.length > 0) this.#space.release(this, at)
    return 0
  }

  override delete(_key: number): number {
    return -EINVAL
  }

  override nextKey(key: number, next: number): number {
    const index = key === 0 ? 0xffff_ffff : this.memory.view.getUint32(key, true)
    if (index >= this.maxEntries) {
      this.memory.view.setUint32(next, 0, true)
      return 0
    }
    if (index === this.maxEntries - 1) return -ENOENT
    this.memory.view.setUint32(next, index + 1, true)
    return 0
  }

  override get count(): number {
    return this.maxEntries
  }

  override free(): void {
    this.give(this.values, this.stride * this.maxEntries)
    super.free()
  }
}
