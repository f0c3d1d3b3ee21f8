/** DEVMAP, DEVMAP_HASH and CPUMAP: where XDP programs send packets on to. This machine has `lo` and processor 0. */
import {
  BPF_EXIST, BPF_F_RDONLY_PROG, BPF_MAP_TYPE_DEVMAP_HASH, BPF_NOEXIST, E2BIG, EEXIST, EINVAL, ENODEV, ENOENT, ENOMEM,
  EOVERFLOW,
} from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, roundUp8 } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'

const LOOPBACK = 1
const MOST_PACKETS = 16384

/** Entries by number; programs may read them, never write. */
abstract class TargetMap extends BpfMap {
  readonly #values = new Map<number, number>()

  override lookup(key: number): number {
    return this.#values.get(this.number(key)) ?? 0
  }

  override get count(): number {
    return this.#values.size
  }

  override free(): void {
    for (const index of [...this.#values.keys()]) this.drop(index)
    super.free()
  }

  protected number(key: number): number {
    return this.memory.view.getUint32(key, true)
  }

  protected has(index: number): boolean {
    return this.#values.has(index)
  }

  protected numbers(): number[] {
    return [...this.#values.keys()]
  }

  /** Keeps the first word of a value; no program is behind an entry. */
  protected keep(index: number, word: number): number {
    const at = this.#values.get(index) ?? this.tryTake(roundUp8(this.valueSize), 'read-only')
    if (at < 0) return -ENOMEM
    this.memory.u8.fill(0, at, at + this.valueSize)
    this.memory.view.setUint32(at, word, true)
    this.#values.set(index, at)
    return 0
  }

  protected drop(index: number): void {
    const at = this.#values.get(index)
    if (at === undefined) return
    this.#values.delete(index)
    this.give(at, roundUp8(this.valueSize))
  }

  /** Of a program in a value of 8 bytes; 0 for none. */
  protected programOf(value: number): number {
    return this.valueSize === 8 ? this.memory.view.getInt32(value + 4, true) : 0
  }

  /** Keys of an array: every index. */
  override nextKey(key: number, next: number): number {
    const index = key === 0 ? 0xffff_ffff : this.number(key)
    if (index === this.maxEntries - 1) return -ENOENT
    this.memory.view.setUint32(next, index >= this.maxEntries ? 0 : index + 1, true)
    return 0
  }
}

export class DeviceMap extends TargetMap {
  readonly #isHash: boolean

  constructor(spec: MapSpec, space: MapSpace) {
    super({ ...spec, flags: spec.flags | BPF_F_RDONLY_PROG }, space)
    this.#isHash = spec.type === BPF_MAP_TYPE_DEVMAP_HASH
  }

  override update(key: number, value: number, flags: number): number {
    const index = this.number(key)
    const device = this.memory.view.getUint32(value, true)
    if (flags > BPF_EXIST) return -EINVAL
    if (this.#isHash) {
      if (device === 0) return -EINVAL
      if (this.has(index) && flags === BPF_NOEXIST) return -EEXIST
    } else {
      if (index >= this.maxEntries) return -E2BIG
      if (flags === BPF_NOEXIST) return -EEXIST
    }
    // a program runs behind a device only when a driver sends to it
    if (this.programOf(value) > 0 || (device !== 0 && device !== LOOPBACK)) return -EINVAL
    if (device === 0) {
      this.drop(index)
      return 0
    }
    if (this.#isHash && !this.has(index) && this.count >= this.maxEntries) return -E2BIG
    return this.keep(index, device)
  }

  override delete(key: number): number {
    const index = this.number(key)
    if (this.#isHash && !this.has(index)) return -ENOENT
    if (!this.#isHash && index >= this.maxEntries) return -EINVAL
    this.drop(index)
    return 0
  }

  override nextKey(key: number, next: number): number {
    if (!this.#isHash) return super.nextKey(key, next)
    const numbers = this.numbers()
    // a key that is not there begins anew
    const index = numbers[key === 0 ? 0 : numbers.indexOf(this.number(key)) + 1]
    if (index === undefined) return -ENOENT
    this.memory.view.setUint32(next, index, true)
    return 0
  }
}

export class CpuMap extends TargetMap {
  override update(key: number, value: number, flags: number): number {
    const index = this.number(key)
    const packets = this.memory.view.getUint32(value, true)
    if (flags > BPF_EXIST) return -EINVAL
    if (index >= this.maxEntries) return -E2BIG
    if (flags === BPF_NOEXIST) return -EEXIST
    if (packets > MOST_PACKETS) return -EOVERFLOW
    if (index !== 0) return -ENODEV
    if (packets === 0) {
      this.drop(index)
      return 0
    }
    return this.programOf(value) > 0 ? -ENOMEM : this.keep(index, packets)
  }

  override delete(key: number): number {
    const index = this.number(key)
    if (index >= this.maxEntries) return -EINVAL
    this.drop(index)
    return 0
  }
}
