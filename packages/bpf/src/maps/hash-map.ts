/** HASH, PERCPU_HASH and their LRU kinds: chains of entries whose values stay where they are. */
import {
  BPF_EXIST, BPF_F_LOCK, BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH, BPF_NOEXIST, E2BIG, EEXIST, EINVAL,
  ENOENT, ENOMEM,
} from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap, isUpdateFlag, roundUp8 } from './bpf-map.ts'
import { copyBytes, copyValue, zeroFields } from './copy.ts'
import type { SpecialField } from './copy.ts'
import { EntryPool } from './entry-pool.ts'
import type { MapSpace } from './map-space.ts'

/**
 * An entry, in memory that programs cannot write:
 *
 *      0  u32  next entry of the bucket, 0 at the end
 *      4  u32  hash of the key
 *      8  u32  address of the value, in memory that programs can write
 *     12  u32  LRU: 1 when looked up since it was last passed over
 *     16  u32  LRU: entry used before, 20  u32  after; free entries are chained by `next`
 *     24       the key
 */
export const ENTRY = { next: 0, hash: 4, value: 8, used: 12, older: 16, newer: 20, key: 24 } as const

const FIRST_BUCKETS = 16

/** Multiplicative, a word at a time; bytes behind the last whole word count as a word of zeroes. */
export const hashKey = (view: DataView, key: number, size: number): number => {
  let hash = size
  const whole = size & ~3
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(key + at, true), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  if (whole < size) {
    let tail = 0
    for (let at = whole; at < size; at++) tail |= view.getUint8(key + at) << ((at - whole) * 8)
    hash = Math.imul(hash ^ tail, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash
}

/** HASH, PERCPU_HASH, LRU_HASH and LRU_PERCPU_HASH. */
export class HashMap extends BpfMap {
  readonly isLru: boolean
  #buckets: number
  #mask: number
  #count = 0
  /** Ends of the list of an LRU map, 0 when empty. */
  #oldest = 0
  #newest = 0
  readonly #pool: EntryPool
  readonly #space: MapSpace
  readonly #fields: readonly SpecialField[]

  constructor(
    spec: MapSpec, space: MapSpace, fields: readonly SpecialField[], values: 'data' | 'read-only' = 'data',
  ) {
    super(spec, space)
    this.#space = space
    this.#fields = fields
    this.isLru = spec.type === BPF_MAP_TYPE_LRU_HASH || spec.type === BPF_MAP_TYPE_LRU_PERCPU_HASH
    this.#pool = new EntryPool(space, ENTRY.key + roundUp8(spec.keySize), roundUp8(spec.valueSize), values)
    this.#mask = FIRST_BUCKETS - 1
    this.#buckets = this.take(FIRST_BUCKETS * 4, 'read-only')
    this.#publish()
  }

  override lookup(key: number): number {
    const entry = this.#find(key)
    if (entry === 0) return 0
    if (this.isLru) this.memory.i32[(entry + ENTRY.used) >> 2] = 1
    return this.memory.i32[(entry + ENTRY.value) >> 2]! >>> 0
  }

  override peekAt(key: number): number {
    const entry = this.#find(key)
    return entry === 0 ? 0 : this.memory.i32[(entry + ENTRY.value) >> 2]! >>> 0
  }

  override elementAt(address: number, size: number): { readonly key: number; readonly value: number } | null {
    const entry = this.#pool.entryOf(address)
    const value = entry === 0 ? 0 : this.memory.view.getUint32(entry + ENTRY.value, true)
    return entry !== 0 && address + size <= value + this.valueSize ? { key: entry + ENTRY.key, value } : null
  }

  override update(key: number, value: number, flags: number): number {
    if (!isUpdateFlag(flags, this.isLru ? 0 : BPF_F_LOCK)) return -EINVAL
    if (flags & BPF_F_LOCK && !this.#fields.some(({ name }) => name === 'bpf_spin_lock')) return -EINVAL
    const hash = hashKey(this.memory.view, key, this.keySize)
    const found = this.#find(key, hash)
    if (found !== 0) {
      if (flags & BPF_NOEXIST) return -EEXIST
      const at = this.memory.view.getUint32(found + ENTRY.value, true)
      if (this.#fields.length > 0) this.#space.release(this, at)
      copyValue(this.memory, at, value, this.valueSize, this.#fields)
      if (this.isLru) this.#touch(found)
      return 0
    }
    if (flags & BPF_EXIST) return -ENOENT
    if (this.#count >= this.maxEntries) {
      if (!this.isLru) return -E2BIG
      this.#evict()
    }
    const entry = this.#pool.take()
    if (entry === 0) return -ENOMEM
    this.#insert(entry, hash, key, value)
    return 0
  }

  override delete(key: number): number {
    const { view } = this.memory
    const hash = hashKey(view, key, this.keySize)
    const entry = this.#find(key, hash)
    if (entry === 0) return -ENOENT
    this.#remove(entry, hash)
    return 0
  }

  override nextKey(key: number, next: number): number {
    const { view } = this.memory
    let entry = 0
    let bucket = 0
    const before = key === 0 ? 0 : this.#find(key)
    if (before !== 0) {
      entry = view.getUint32(before + ENTRY.next, true)
      bucket = (view.getUint32(before + ENTRY.hash, true) & this.#mask) + 1
    }
    // a key that is gone starts from the beginning, as in the kernel
    for (; entry === 0 && bucket <= this.#mask; bucket++) entry = view.getUint32(this.#buckets + bucket * 4, true)
    if (entry === 0) return -ENOENT
    copyBytes(this.memory, next, entry + ENTRY.key, this.keySize)
    return 0
  }

  override get count(): number {
    return this.#count
  }

  override free(): void {
    this.#pool.free()
    this.give(this.#buckets, (this.#mask + 1) * 4)
    super.free()
  }

  #find(key: number, hash = hashKey(this.memory.view, key, this.keySize)): number {
    const { i32 } = this.memory
    let entry = i32[(this.#buckets >> 2) + (hash & this.#mask)]!
    while (entry !== 0) {
      if (i32[(entry + ENTRY.hash) >> 2] === hash && this.#isKey(entry + ENTRY.key, key)) return entry
      entry = i32[entry >> 2]!
    }
    return 0
  }

  #isKey(stored: number, key: number): boolean {
    const { view } = this.memory
    const whole = this.keySize & ~3
    for (let at = 0; at < whole; at += 4) {
      if (view.getInt32(stored + at, true) !== view.getInt32(key + at, true)) return false
    }
    for (let at = whole; at < this.keySize; at++) {
      if (view.getUint8(stored + at) !== view.getUint8(key + at)) return false
    }
    return true
  }

  #insert(entry: number, hash: number, key: number, value: number): void {
    const { memory } = this
    copyBytes(memory, entry + ENTRY.key, key, this.keySize)
    const at = memory.view.getUint32(entry + ENTRY.value, true)
    zeroFields(memory, at, this.#fields)
    copyValue(memory, at, value, this.valueSize, this.#fields)
    memory.view.setInt32(entry + ENTRY.hash, hash, true)
    if (++this.#count > this.#mask) this.#grow()
    const bucket = this.#buckets + (hash & this.#mask) * 4
    memory.view.setUint32(entry + ENTRY.next, memory.view.getUint32(bucket, true), true)
    memory.view.setUint32(bucket, entry, true)
    if (this.isLru) this.#append(entry)
  }

  #remove(entry: number, hash: number): void {
    const { view } = this.memory
    let link = this.#buckets + (hash & this.#mask) * 4
    while (view.getUint32(link, true) !== entry) link = view.getUint32(link, true) + ENTRY.next
    view.setUint32(link, view.getUint32(entry + ENTRY.next, true), true)
    if (this.isLru) this.#unlink(entry)
    if (this.#fields.length > 0) this.#space.release(this, view.getUint32(entry + ENTRY.value, true))
    this.#pool.give(entry)
    this.#count--
  }

  /** Twice the buckets; without room for them chains get longer. */
  #grow(): void {
    const size = (this.#mask + 1) * 2
    const buckets = this.tryTake(size * 4, 'read-only')
    if (buckets < 0) return
    const { view } = this.memory
    for (let bucket = 0; bucket <= this.#mask; bucket++) {
      let entry = view.getUint32(this.#buckets + bucket * 4, true)
      while (entry !== 0) {
        const next = view.getUint32(entry + ENTRY.next, true)
        const head = buckets + (view.getInt32(entry + ENTRY.hash, true) & (size - 1)) * 4
        view.setUint32(entry + ENTRY.next, view.getUint32(head, true), true)
        view.setUint32(head, entry, true)
        entry = next
      }
    }
    this.give(this.#buckets, (this.#mask + 1) * 4)
    this.#buckets = buckets
    this.#mask = size - 1
    this.#publish()
  }

  #publish(): void {
    this.setHeader('values', this.#buckets)
    this.setHeader('mask', this.#mask)
  }

  /** Drops the entry that was not used for longest: those looked up since their last turn get another. */
  #evict(): void {
    const { view } = this.memory
    let entry = this.#oldest
    for (let rest = this.#count; rest > 0 && view.getUint32(entry + ENTRY.used, true) !== 0; rest--) {
      const next = view.getUint32(entry + ENTRY.newer, true)
      this.#touch(entry)
      entry = next === 0 ? this.#oldest : next
    }
    this.#remove(entry, view.getInt32(entry + ENTRY.hash, true))
  }

  #touch(entry: number): void {
    this.#unlink(entry)
    this.#append(entry)
  }

  #append(entry: number): void {
    const { view } = this.memory
    view.setUint32(entry + ENTRY.used, 0, true)
    view.setUint32(entry + ENTRY.older, this.#newest, true)
    view.setUint32(entry + ENTRY.newer, 0, true)
    if (this.#newest !== 0) view.setUint32(this.#newest + ENTRY.newer, entry, true)
    else this.#oldest = entry
    this.#newest = entry
  }

  #unlink(entry: number): void {
    const { view } = this.memory
    const older = view.getUint32(entry + ENTRY.older, true)
    const newer = view.getUint32(entry + ENTRY.newer, true)
    if (older !== 0) view.setUint32(older + ENTRY.newer, newer, true)
    else this.#oldest = newer
    if (newer !== 0) view.setUint32(newer + ENTRY.older, older, true)
    else this.#newest = older
  }
}
