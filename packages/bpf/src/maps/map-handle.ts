/** A map as user space has it: keys and values as JavaScript values, by the types the object gives them. */
import { BPF_ANY, BPF_F_RDONLY, BPF_F_WRONLY, EBADF, EINVAL, ENOENT, EPERM, errnoName } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import type { BpfMemory } from '../vm/memory.ts'
import type { BpfMap } from './bpf-map.ts'
import { roundUp8 } from './bpf-map.ts'
import { copyBytes } from './copy.ts'
import { ArrayOfMaps, HashOfMaps } from './map-of-maps.ts'
import { decodeValue, encodeValue } from './value-codec.ts'
import type { Value } from './value-codec.ts'

/**
 * What the system calls on a map do. Without types a key or value is bytes, and one of 4 or 8 bytes is taken as an
 * unsigned number or bigint too. What the kernel answers with an errno throws BpfError `map-failed` with it.
 */
export class MapHandle {
  readonly map: BpfMap
  /** Types of its object; null without. */
  readonly types: Btf | null
  readonly #memory: BpfMemory
  /** Two keys and a value. */
  readonly #key: number
  readonly #next: number
  readonly #value: number
  #isClosed = false

  constructor(map: BpfMap, types: Btf | null, memory: BpfMemory) {
    this.map = map
    this.types = types
    this.#memory = memory
    const key = roundUp8(map.keySize)
    this.#key = memory.alloc(key * 2 + roundUp8(map.valueSize) + 8, 8, 'data')
    this.#next = this.#key + key
    this.#value = this.#next + key
  }

  get name(): string {
    return this.map.spec.symbol
  }

  /** Undefined when there is none. */
  get(key: Value): Value | undefined {
    this.#readable('get')
    this.#writeKey(key)
    return this.#readAt(this.map.peekAt(this.#key))
  }

  has(key: Value): boolean {
    this.#readable('has')
    this.#writeKey(key)
    return this.map.peekAt(this.#key) !== 0
  }

  /** BPF_ANY, BPF_NOEXIST, BPF_EXIST. Variables of a section that are not named stay as they are. */
  set(key: Value, value: Value, flags = BPF_ANY): void {
    this.#writable('set')
    this.#writeKey(key)
    const { data, valueTypeId } = this.map.spec
    if (data && valueTypeId !== 0) copyBytes(this.#memory, this.#value, this.map.peekAt(this.#key), this.map.valueSize)
    this.#writeValue(value, data !== null && valueTypeId !== 0)
    this.#check('set', this.map.update(this.#key, this.#value, flags))
  }

  /** Puts a map into a map of maps. */
  put(key: Value, inner: BpfMap, flags = BPF_ANY): void {
    const { map } = this
    this.#writable('put')
    this.#writeKey(key)
    const isOfMaps = map instanceof ArrayOfMaps || map instanceof HashOfMaps
    this.#check('put', isOfMaps ? map.put(this.#key, inner, flags) : -EINVAL)
  }

  /** False when there was none. */
  delete(key: Value): boolean {
    this.#writable('delete')
    this.#writeKey(key)
    const rc = this.map.delete(this.#key)
    if (rc === -ENOENT) return false
    this.#check('delete', rc)
    return true
  }

  /** Reads and deletes at once; undefined when there was none. */
  take(key: Value): Value | undefined {
    const value = this.get(key)
    return value !== undefined && this.delete(key) ? value : undefined
  }

  push(value: Value, flags = BPF_ANY): void {
    this.#writable('push')
    this.#writeValue(value)
    this.#check('push', this.map.push(this.#value, flags))
  }

  /** Undefined when it is empty. */
  pop(): Value | undefined {
    this.#readable('pop')
    this.#writable('pop')
    return this.#taken('pop', this.map.pop(this.#value))
  }

  peek(): Value | undefined {
    this.#readable('peek')
    return this.#taken('peek', this.map.peek(this.#value))
  }

  /** Whether a Bloom filter may have seen the value. */
  mayHave(value: Value): boolean {
    this.#readable('mayHave')
    this.#writeValue(value)
    return this.map.peek(this.#value) === 0
  }

  /** Keys at the time of each step, as BPF_MAP_GET_NEXT_KEY walks them: what is added meanwhile may be missed. */
  *keys(): Generator<Value> {
    this.#readable('keys')
    let from = 0
    // a walk over a map that changes may go round; more steps than there can be elements are no use
    for (let rest = Math.max(this.map.maxEntries, this.map.count) * 2; rest > 0; rest--) {
      if (this.map.nextKey(from, this.#next) !== 0) return
      const bytes = this.#memory.u8.slice(this.#next, this.#next + this.map.keySize)
      yield this.#read(this.map.spec.keyTypeId, this.#next, this.map.keySize)
      this.#memory.u8.set(bytes, this.#key)
      from = this.#key
    }
  }

  *entries(): Generator<[key: Value, value: Value]> {
    for (const key of this.keys()) {
      const value = this.get(key)
      if (value !== undefined) yield [key, value]
    }
  }

  *values(): Generator<Value> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): Generator<[key: Value, value: Value]> {
    return this.entries()
  }

  /** Up to `count` entries after the key of the batch before; `next` is null when there are no more. */
  lookupBatch(count: number, after: Value | null = null): { entries: [Value, Value][]; next: Value | null } {
    const entries: [Value, Value][] = []
    let last = after
    while (entries.length < count) {
      if (last !== null) this.#writeKey(last)
      if (this.map.nextKey(last === null ? 0 : this.#key, this.#next) !== 0) return { entries, next: null }
      last = this.#read(this.map.spec.keyTypeId, this.#next, this.map.keySize)
      const value = this.get(last)
      if (value !== undefined) entries.push([last, value])
    }
    return { entries, next: last }
  }

  /** How many were written before one failed; the failure is thrown when it is the first. */
  updateBatch(entries: Iterable<readonly [Value, Value]>, flags = BPF_ANY): number {
    return this.#batch(entries, ([key, value]) => this.set(key, value, flags))
  }

  /** How many were deleted before one was not there. */
  deleteBatch(keys: Iterable<Value>): number {
    return this.#batch(keys, (key) => {
      if (!this.delete(key)) this.#check('delete', -ENOENT)
    })
  }

  /** Programs keep their access; nobody else writes any more. */
  freeze(): void {
    this.map.frozen = true
  }

  /** Gives the room of keys and values back; the map stays, the handle is of no more use. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#memory.free(this.#key, roundUp8(this.map.keySize) * 2 + roundUp8(this.map.valueSize) + 8)
  }

  #batch<Item>(items: Iterable<Item>, each: (item: Item) => void): number {
    let done = 0
    for (const item of items) {
      try {
        each(item)
      } catch (error) {
        if (done === 0 || !(error instanceof BpfError)) throw error
        return done
      }
      done++
    }
    return done
  }

  #taken(what: string, rc: number): Value | undefined {
    if (rc === -ENOENT) return undefined
    this.#check(what, rc)
    return this.#readAt(this.#value)
  }

  #writable(what: string): void {
    this.#open(what)
    if (this.map.frozen || this.map.flags & BPF_F_RDONLY) this.#check(what, -EPERM)
  }

  #readable(what: string): void {
    this.#open(what)
    if (this.map.flags & BPF_F_WRONLY) this.#check(what, -EPERM)
  }

  #open(what: string): void {
    if (this.#isClosed) this.#check(what, -EBADF)
  }

  #check(what: string, rc: number): void {
    if (rc !== 0) throw new BpfError('map-failed', `${what} answers ${errnoName(rc)}`, this.name, null, rc)
  }

  #readAt(address: number): Value | undefined {
    return address === 0 ? undefined : this.#read(this.map.spec.valueTypeId, address, this.map.valueSize)
  }

  #read(type: number, at: number, size: number): Value {
    if (this.#isOf(type, size)) return decodeValue(this.types!, type, this.#memory.view, at)
    if (size === 4) return this.#memory.view.getUint32(at, true)
    if (size === 8) return this.#memory.view.getBigUint64(at, true)
    return this.#memory.u8.slice(at, at + size)
  }

  /** Whether values of that size are of the type: a map may have been given another size than its file says. */
  #isOf(type: number, size: number): boolean {
    const { types } = this
    if (!types || type === 0) return false
    const shape = types.type(type)
    if (shape.kind !== 'datasec') return types.size(type) === size
    return shape.vars.every((variable) => variable.offset + types.size(variable.type) <= size)
  }

  #writeKey(key: Value): void {
    this.#write('key', this.map.spec.keyTypeId, key, this.#key, this.map.keySize)
  }

  #writeValue(value: Value, isChange = false): void {
    this.#write('value', this.map.spec.valueTypeId, value, this.#value, this.map.valueSize, isChange)
  }

  #write(what: string, type: number, value: Value, at: number, size: number, isChange = false): void {
    if (!isChange) this.#memory.u8.fill(0, at, at + size)
    if (this.#isOf(type, size)) return encodeValue(this.types!, type, value, this.#memory.view, at, what)
    if (value instanceof Uint8Array && value.length === size) {
      this.#memory.u8.set(value, at)
      return undefined
    }
    const isNumber = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
    if (!isNumber || (size !== 4 && size !== 8)) {
      throw new BpfError('bad-value', `a ${what} of ${size} bytes is wanted`, this.name)
    }
    if (size === 4) this.#memory.view.setUint32(at, Number(BigInt.asUintN(32, BigInt(value))), true)
    else this.#memory.view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true)
    return undefined
  }
}
