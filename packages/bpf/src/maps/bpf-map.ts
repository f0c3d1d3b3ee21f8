/** The base of every map: a header in memory that programs' pointers name, and operations on keys and values there. */
import { ENOTSUPP, EOPNOTSUPP, BPF_ANY, BPF_EXIST } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import type { BpfMemory } from '../vm/memory.ts'
import type { ProgramTraits } from './traits.ts'

/**
 * The header: where `struct bpf_map` of Linux 6.12 has the fields that programs read (map_type, key_size, value_size,
 * max_entries, map_extra, map_flags, id, name), they are; where it has pointers, compiled look-ups find:
 *
 *      0  u32  values: address of element 0 (arrays), of the buckets (hashes)
 *      4  u32  mask of the buckets (hashes)
 *      8  u32  stride between elements (arrays)
 */
export const HEADER = {
  size: 248,
  values: 0,
  mask: 4,
  stride: 8,
  mapType: 24,
  keySize: 28,
  valueSize: 32,
  maxEntries: 36,
  mapExtra: 40,
  mapFlags: 48,
  id: 52,
  name: 96,
} as const

/** Where maps are and what they take of memory: a MapSpace. */
export interface MapHome {
  readonly memory: BpfMemory
  readonly releaseAll: (map: BpfMap) => void
  /** Id of a new map. */
  add(map: BpfMap): number
  remove(map: BpfMap): void
  take(size: number, access: 'data' | 'read-only', name?: string | null): number
  tryTake(size: number, access: 'data' | 'read-only'): number
  give(address: number, size: number): void
}

/**
 * Operations answer as the kernel's `map_ops`: an address or 0, 0 or -errno. Keys and values are addresses in the map's
 * memory; `flags` is BPF_ANY and friends, with BPF_F_LOCK. An operation that a type does not have is -EOPNOTSUPP.
 */
export abstract class BpfMap {
  readonly spec: MapSpec
  readonly name: string
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  readonly id: number
  /** Of the header: what a register that points to the map holds. */
  readonly address: number
  /** User space may not write any more, programs still may unless the flags say otherwise. */
  frozen = false
  /** Of a map that leads to programs: the first that used it. program-owner.ts sets it. */
  owner: ProgramTraits | null = null
  protected readonly memory: BpfMemory
  readonly #space: MapHome

  constructor(spec: MapSpec, space: MapHome) {
    this.spec = spec
    this.name = spec.name
    this.type = spec.type
    this.keySize = spec.keySize
    this.valueSize = spec.valueSize
    this.maxEntries = spec.maxEntries
    this.flags = spec.flags
    this.memory = space.memory
    this.#space = space
    this.address = space.take(HEADER.size, 'read-only')
    this.id = space.add(this)
    this.#writeHeader()
  }

  /** Address of the value, 0 when there is none. */
  lookup(_key: number): number {
    return 0
  }

  /** As `lookup`, on one processor: there is processor 0 only. */
  lookupPerCpu(key: number, cpu: number): number {
    return cpu === 0 ? this.lookup(key) : 0
  }

  /** The read of a system call: as `lookup`, without counting as use. */
  peekAt(key: number): number {
    return this.lookup(key)
  }

  update(_key: number, _value: number, _flags: number): number {
    return -EOPNOTSUPP
  }

  delete(_key: number): number {
    return -EOPNOTSUPP
  }

  /** Writes the key after `key` (0: the first) to `next`; -ENOENT after the last. */
  nextKey(_key: number, _next: number): number {
    return -EOPNOTSUPP
  }

  push(_value: number, _flags: number): number {
    return -EOPNOTSUPP
  }

  pop(_value: number): number {
    return -EOPNOTSUPP
  }

  peek(_value: number): number {
    return -EOPNOTSUPP
  }

  /** The element that these bytes of a value lie in; its key is 0 if `writeIndex` has it. Null when none. */
  elementAt(_address: number, _size: number): { readonly key: number; readonly value: number } | null {
    return null
  }

  /** Writes the index of an array's value. */
  writeIndex(_value: number, _to: number): void {}

  /** Elements in it now; -ENOTSUPP where nobody counts. */
  get count(): number {
    return -ENOTSUPP
  }

  /** Gives the memory back. Nothing may run that knows the map. */
  free(): void {
    this.#space.releaseAll(this)
    this.#space.remove(this)
    this.#space.give(this.address, HEADER.size)
  }

  /** Throws BpfError -ENOMEM, naming the map. */
  protected take(size: number, access: 'data' | 'read-only'): number {
    return this.#space.take(size, access, this.spec.symbol)
  }

  /** -1 when there is no room. */
  protected tryTake(size: number, access: 'data' | 'read-only'): number {
    return this.#space.tryTake(size, access)
  }

  protected give(address: number, size: number): void {
    this.#space.give(address, size)
  }

  protected setHeader(field: 'values' | 'mask' | 'stride', value: number): void {
    this.memory.view.setUint32(this.address + HEADER[field], value, true)
  }

  #writeHeader(): void {
    const { view, u8 } = this.memory
    const at = this.address
    view.setUint32(at + HEADER.mapType, this.type, true)
    view.setUint32(at + HEADER.keySize, this.keySize, true)
    view.setUint32(at + HEADER.valueSize, this.valueSize, true)
    view.setUint32(at + HEADER.maxEntries, this.maxEntries, true)
    view.setBigUint64(at + HEADER.mapExtra, this.spec.extra, true)
    view.setUint32(at + HEADER.mapFlags, this.flags, true)
    view.setUint32(at + HEADER.id, this.id, true)
    u8.set(new TextEncoder().encode(this.name).subarray(0, 15), at + HEADER.name)
  }
}

/** BPF_ANY, BPF_NOEXIST or BPF_EXIST, and BPF_F_LOCK where locks are. Flags may have more than 32 bits. */
export const isUpdateFlag = (flags: number, lock = 0): boolean =>
  flags >= BPF_ANY && flags <= (BPF_EXIST | lock) && (flags & ~lock) <= BPF_EXIST

export const roundUp8 = (size: number): number => Math.ceil(size / 8) * 8
