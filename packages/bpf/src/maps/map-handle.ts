/** A map as user space has it: keys and values as JavaScript values, by the types the object gives them. */
import {
  BPF_ANY, BPF_F_RDONLY, BPF_F_WRONLY, bpfMapTypeName, EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM, errnoName,
} from '@lsmkit/abi'
import { anObject, aString, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import type { MapSpec } from '../object/bpf-object.ts'
import type { BpfMemory } from '../vm/memory.ts'
import { BloomMap } from './bloom-map.ts'
import { BpfMap, roundUp8 } from './bpf-map.ts'
import { copyBytes } from './copy.ts'
import { ArrayOfMaps, HashOfMaps } from './map-of-maps.ts'
import { PerfEventArray, ProgramArray } from './object-array.ts'
import { QueueMap } from './queue-map.ts'
import { recordReader } from './record-reader.ts'
import type { RecordType } from './record-reader.ts'
import { RingBuffer } from './ring-buffer.ts'
import { SocketMap } from './socket-map.ts'
import type { HeldSocket } from './socket-map.ts'
import { StorageMap } from './storage-map.ts'
import type { HeldProgram } from './traits.ts'
import { UserRing } from './user-ring.ts'
import { decodeValue, encodeValue } from './value-codec.ts'
import type { Value } from './value-codec.ts'

export interface RecordsOptions extends RecordType {
  readonly signal?: AbortSignal
}

export interface ConsumeOptions extends RecordType {
  /** Records at most. */
  readonly most?: number
}

export interface EventsOptions extends RecordType {
  /** The slot; 0 unless given. */
  readonly index?: number
  readonly most?: number
  readonly signal?: AbortSignal
}

const sendRules: OptionRules<RecordType> = { type: aString }
const recordsRules: OptionRules<RecordsOptions> = { type: aString, signal: anObject }
const consumeRules: OptionRules<ConsumeOptions> = { type: aString, most: wholeNumber(0) }
const eventsRules: OptionRules<EventsOptions> =
  { type: aString, index: wholeNumber(0), most: wholeNumber(0), signal: anObject }

/**
 * The services of a stack for the maps of its objects; a map without one has no owners, and no maps are made for it.
 */
export interface MapWorld {
  /**
   * The address by which programs know the owner of a storage: 0 for one that none of them has met, unless it `isMet`
   * now.
   */
  readonly addressOf: (map: BpfMap, owner: object, isMet: boolean) => number
  /** The owner behind such an address; null where none is known. */
  readonly ownerAt: (address: number) => object | null
  /** One more map as the template says; it goes with the object. */
  readonly make: (template: MapSpec) => BpfMap
}

/** A key, or who owns a value: a task, an inode, a sock, a control group. */
export type MapKey = Value | object

/**
 * The system calls on a map. Without types a key or value is bytes, and one of 4 or 8 bytes is taken as an unsigned
 * number or bigint too. An errno of the kernel throws BpfError `map-failed` with it; so does an operation that maps of
 * its kind do not have, with EOPNOTSUPP.
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
  readonly #world: MapWorld | null
  #isClosed = false

  constructor(map: BpfMap, types: Btf | null, memory: BpfMemory, world: MapWorld | null = null) {
    this.map = map
    this.#world = world
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

  /** Undefined when there is none. Of a storage the key is the owner. */
  get(key: MapKey): Value | undefined {
    this.#readable('get')
    return this.#readAt(this.#find(key))
  }

  has(key: MapKey): boolean {
    this.#readable('has')
    return this.#find(key) !== 0
  }

  /** BPF_ANY, BPF_NOEXIST, BPF_EXIST. Variables of a section that are not named stay unchanged. */
  set(key: MapKey, value: Value, flags = BPF_ANY): void {
    this.#writable('set')
    const { map } = this
    if (map instanceof StorageMap) {
      this.#writeValue(value)
      return this.#check('set', map.set(this.#owner(key, true), this.#value, flags))
    }
    this.#writeKey(key as Value)
    const { data, valueTypeId } = map.spec
    if (data && valueTypeId !== 0) copyBytes(this.#memory, this.#value, map.peekAt(this.#key), map.valueSize)
    this.#writeValue(value, data !== null && valueTypeId !== 0)
    this.#check('set', map.update(this.#key, this.#value, flags))
  }

  /**
   * Puts a map into a map of maps, a socket into a map of sockets, or a loaded program into a PROG_ARRAY: EINVAL for
   * one of another kind than the first program that the array has met.
   */
  put(key: Value, held: MapHandle | BpfMap | HeldSocket | HeldProgram, flags = BPF_ANY): void {
    const { map } = this
    this.#writable('put')
    this.#writeKey(key)
    if (map instanceof ProgramArray) {
      const index = this.#memory.view.getUint32(this.#key, true)
      return this.#check('put', 'traits' in held ? map.put(index, held, flags) : -EINVAL)
    }
    if (map instanceof SocketMap) return this.#check('put', map.put(this.#key, held as HeldSocket, flags))
    const inner = held instanceof MapHandle ? held.map : held
    const isMap = inner instanceof BpfMap && (map instanceof ArrayOfMaps || map instanceof HashOfMaps)
    this.#check('put', isMap ? map.put(this.#key, inner, flags) : -EINVAL)
  }

  /** A map as those inside a map of maps are, to be put there; it goes with the object. */
  makeInner(): MapHandle {
    const { map } = this
    this.#writable('makeInner')
    if (!(map instanceof ArrayOfMaps || map instanceof HashOfMaps) ||
      this.#world === null) throw this.#never('makeInner')
    return new MapHandle(this.#world.make(map.template), this.types, this.#memory, this.#world)
  }

  /** The socket of a key; null when there is none. */
  held(key: Value): HeldSocket | null {
    this.#readable('held')
    this.#writeKey(key)
    return this.#as(SocketMap, 'held').held(this.#key)
  }

  /** A socket that is closed leaves the map. */
  leave(socket: HeldSocket): void {
    this.#as(SocketMap, 'leave').leave(socket)
  }

  /**
   * Records of a ring buffer as they come, until the signal aborts. One consumer at a time, as in the kernel. `type`
   * names the struct of the object's types that they are; the map's own value type unless given; without either bytes.
   */
  async *records(given: RecordsOptions = {}): AsyncGenerator<Value> {
    checkOptions(given, recordsRules, 'records')
    const { type, ...options } = given
    const read = this.#reader(type)
    for await (const record of this.#as(RingBuffer, 'records').records(options)) yield read(record)
  }

  /** Those that are there, oldest first, and takes them out. */
  consume(given: ConsumeOptions = {}): Value[] {
    checkOptions(given, consumeRules, 'consume')
    const { type, most } = given
    return this.#as(RingBuffer, 'consume').consume(most).map(this.#reader(type))
  }

  /** Events of a slot of a PERF_EVENT_ARRAY as they come; `type` as of `records`. */
  async *events(given: EventsOptions = {}): AsyncGenerator<Value> {
    checkOptions(given, eventsRules, 'events')
    const { type, ...options } = given
    const read = this.#reader(type)
    for await (const event of this.#as(PerfEventArray, 'events').events(options)) yield read(event)
  }

  /** Records of a ring buffer that nobody has consumed, oldest first; they stay there. */
  waiting(given: ConsumeOptions = {}): Value[] {
    checkOptions(given, consumeRules, 'waiting')
    const { type, most } = given
    return this.#as(RingBuffer, 'waiting').waiting(most).map(this.#reader(type))
  }

  /** Values of a QUEUE or STACK, the next one to be popped first; they stay there. */
  *queued(): Generator<Value> {
    for (const address of this.#as(QueueMap, 'queued').addresses()) yield this.#readAt(address)!
  }

  /** Owners of values in a storage, with the values. An owner that is not known is null. */
  *owned(): Generator<[owner: object | null, value: Value]> {
    const storage = this.#as(StorageMap, 'owned')
    for (const address of storage.owners()) {
      yield [this.#world?.ownerAt(address) ?? null, this.#readAt(storage.get(address, 0, 0))!]
    }
  }

  /** Address of the map that a map of maps holds under a key; 0 for none. */
  innerAt(key: Value): number {
    const { map } = this
    if (!(map instanceof ArrayOfMaps || map instanceof HashOfMaps)) throw this.#never('innerAt')
    this.#writeKey(key)
    return map.lookup(this.#key)
  }

  /** The key at an address of the memory of programs. */
  keyAt(address: number): Value {
    return this.#read(this.map.spec.keyTypeId, address, this.map.keySize)
  }

  /** A sample for the program that drains a USER_RINGBUF: bytes, or a value of the struct `type`. */
  send(sample: Value, given: RecordType = {}): void {
    checkOptions(given, sendRules, 'send')
    const { type } = given
    this.#writable('send')
    this.#check('send', this.#as(UserRing, 'send').send(recordReader(this.types, this.map, type).bytes(sample)))
  }

  /** False when there was none. */
  delete(key: MapKey): boolean {
    this.#writable('delete')
    const { map } = this
    const isStorage = map instanceof StorageMap
    if (!isStorage) this.#writeKey(key as Value)
    const rc = isStorage ? map.drop(this.#owner(key, false)) : map.delete(this.#key)
    if (rc === -ENOENT) return false
    this.#check('delete', rc)
    return true
  }

  /** Reads and deletes at once; undefined when there was none. */
  take(key: MapKey): Value | undefined {
    const value = this.get(key)
    return value !== undefined && this.delete(key) ? value : undefined
  }

  push(value: Value, flags = BPF_ANY): void {
    this.#keyless('push')
    this.#writable('push')
    this.#writeValue(value)
    this.#check('push', this.map.push(this.#value, flags))
  }

  /** Undefined when it is empty. */
  pop(): Value | undefined {
    this.#keyless('pop')
    this.#readable('pop')
    this.#writable('pop')
    return this.#taken('pop', this.map.pop(this.#value))
  }

  peek(): Value | undefined {
    this.#keyless('peek')
    this.#readable('peek')
    return this.#taken('peek', this.map.peek(this.#value))
  }

  /** Whether a Bloom filter may have seen the value. */
  mayHave(value: Value): boolean {
    this.#as(BloomMap, 'mayHave')
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

  /** Address of the value of a key or an owner; 0 when there is none. */
  #find(key: MapKey): number {
    const { map } = this
    if (map instanceof StorageMap) return map.get(this.#owner(key, false), 0, 0)
    this.#writeKey(key as Value)
    return map.peekAt(this.#key)
  }

  #owner(key: MapKey, isMet: boolean): number {
    if (typeof key !== 'object' || this.#world === null) {
      throw new BpfError('bad-value', 'the key is who owns the value: a task, an inode, a sock, a group', this.name)
    }
    return this.#world.addressOf(this.map, key, isMet)
  }

  #as<Kind extends BpfMap>(kind: abstract new (...args: never[]) => Kind, what: string): Kind {
    this.#open(what)
    if (this.map instanceof kind) return this.map
    throw this.#never(what)
  }

  #never(what: string): BpfError {
    const { type } = this.map
    return new BpfError('map-failed', `${bpfMapTypeName(type)} has no \`${what}\``, this.name, null, -EOPNOTSUPP)
  }

  #keyless(what: string): void {
    this.#open(what)
    if (!(this.map instanceof QueueMap || this.map instanceof BloomMap)) throw this.#never(what)
  }

  #reader(type: string | undefined): (record: Uint8Array) => Value {
    return recordReader(this.types, this.map, type).value
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
