/** DEVMAP, DEVMAP_HASH and CPUMAP: where XDP programs send packets on to. This machine has `lo` and processor 0. */
import {
  BPF_EXIST, BPF_F_RDONLY_PROG, BPF_MAP_TYPE_DEVMAP_HASH, BPF_NOEXIST, BPF_PROG_TYPE_XDP, BPF_XDP_CPUMAP,
  BPF_XDP_DEVMAP, E2BIG, EEXIST, EINVAL, ENODEV, ENOENT, ENOMEM, EOVERFLOW,
} from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, roundUp8 } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'
import { takesProgram } from './program-owner.ts'
import type { ProgramTraits } from './traits.ts'

const LOOPBACK = 1
const MOST_PACKETS = 16384

/** A program that runs at the target of an entry. */
interface TargetedProgram {
  readonly id: number
  readonly traits: ProgramTraits
}

/** Entries by number; programs may read them, never write. */
export abstract class TargetMap extends BpfMap {
  readonly #values = new Map<number, number>()

  /**
   * As BPF_MAP_UPDATE_ELEM of a value whose second word names a program: `program` is the one behind the descriptor,
   * undefined where the value names none, null where there is none behind it.
   */
  abstract set(key: number, value: number, flags: number, program?: TargetedProgram | null): number

  /** Values that come from elsewhere than bpf(2) have no descriptors. */
  override update(key: number, value: number, flags: number): number {
    return this.set(key, value, flags, this.programOf(value) > 0 ? null : undefined)
  }

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

  /** Whether the program of an entry may run there: an XDP program of that attach type. */
  protected takes(program: TargetedProgram | null | undefined, attachType: number): boolean {
    if (program === undefined) return true
    if (program === null || program.traits.type !== BPF_PROG_TYPE_XDP) return false
    return program.traits.expectedAttachType === attachType && takesProgram(this, program.traits)
  }

  /** Keeps the first word of a value, and the id of its program. */
  protected keep(index: number, word: number, program: TargetedProgram | null | undefined): number {
    const at = this.#values.get(index) ?? this.tryTake(roundUp8(this.valueSize), 'read-only')
    if (at < 0) return -ENOMEM
    this.memory.u8.fill(0, at, at + this.valueSize)
    this.memory.view.setUint32(at, word, true)
    if (program) this.memory.view.setUint32(at + 4, program.id, true)
    this.#values.set(index, at)
    return 0
  }

  protected drop(index: number): void {
    const at = this.#values.get(index)
    if (at === undefined) return
    this.#values.delete(index)
    this.give(at, roundUp8(this.valueSize))
  }

  /** The descriptor of a program in a value of 8 bytes; 0 or less for none. */
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

  override set(key: number, value: number, flags: number, program?: TargetedProgram | null): number {
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
    if (device === 0) {
      if (program !== undefined) return -EINVAL
      this.drop(index)
      return 0
    }
    if (device !== LOOPBACK || !this.takes(program, BPF_XDP_DEVMAP)) return -EINVAL
    if (this.#isHash && !this.has(index) && this.count >= this.maxEntries) return -E2BIG
    return this.keep(index, device, program)
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
  override set(key: number, value: number, flags: number, program?: TargetedProgram | null): number {
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
    // whatever an entry cannot be made of, the kernel answers that it has no memory
    return this.takes(program, BPF_XDP_CPUMAP) ? this.keep(index, packets, program) : -ENOMEM
  }

  override delete(key: number): number {
    const index = this.number(key)
    if (index >= this.maxEntries) return -EINVAL
    this.drop(index)
    return 0
  }
}
