/**
 * Plain objects of a kernel behind the pointers of BPF programs. A pointer is a handle: an address where no memory is,
 * further from the next than the largest struct, so that what points into an object (`&file->f_path`, container_of)
 * still finds it.
 * What lies there is read when it is asked for, member by member; nothing is copied.
 *
 * An object keeps its number in its field `handle` while it has one. Kinds that tell of their end by a free hook keep
 * it until then; all others until the program that met them has ended. A handle of an object that is gone reads as 0.
 */
import type { Handled } from '@lsmkit/core'
import type { Btf } from '../btf/btf.ts'
import type { Accessor, ObjectSpace } from '../vm/object-space.ts'
import { Kind, plainKind } from './kind.ts'
import { inside } from './members.ts'
import { highOf, lowOf, numberOf } from './number.ts'
import type { HandleRange, ObjectSlots, StructRef } from './slots.ts'
import { layoutOf } from './struct-layout.ts'
import type { Leaf } from './struct-layout.ts'
import { encodeText } from './text.ts'
import { accessorOf } from './accessor.ts'

/** Field `handle` of an object that has ended. */
const ENDED = -1

/** Above these bits: addresses of text and bytes, by owner and member; below: 64 KiB for each. */
const TEXT_HIGH = 0x1_0000
const TEXT_LEAVES = 256
const TEXT_ROOM = 0x1_0000

const self = (object: unknown): unknown => object
const valueOf = ({ value }: { value: unknown }): unknown => value

const pointerLeaf = (name: string, read: Leaf['read']): Leaf =>
  ({ name, offset: 0, size: 8, form: 'pointer', read, path: null, struct: null, bits: null, index: 0 })

/** Arguments that are text or bytes; those that hold one value to be set; whatever else there is. */
const TEXT = plainKind('text', [pointerLeaf('text', self)])
const REF = plainKind('ref', [pointerLeaf('value', valueOf as Leaf['read'])])
const OPAQUE = plainKind('opaque', [])

export class KernelObjects implements ObjectSpace, ObjectSlots {
  /** Upper word of the last answer of 64 bits. */
  high = 0
  readonly range: HandleRange
  readonly #btf: Btf
  readonly shift: number
  /** Bytes from one handle to the next. */
  readonly #step: number
  /** By slot; slot 0 is nobody's. */
  readonly slots: (object | string | null)[] = [null]
  readonly kinds: (Kind | null)[] = [null]
  readonly #free: number[] = []
  /** Slots that are given back when the program ends that took them. */
  readonly #shown: number[] = []
  readonly #refs = new Map<string, StructRef | null>()
  readonly #kinds = new Map<string, Kind | null>()
  /** Objects of hosts that have no field for it, and such as another engine has numbered. */
  readonly #others = new WeakMap<object, number>()
  readonly #accessors = new Map<string, Accessor>()

  constructor(btf: Btf, range: HandleRange, widest: number) {
    this.#btf = btf
    this.range = range
    this.shift = Math.max(9, 32 - Math.clz32(widest))
    this.#step = 2 ** this.shift
  }

  /** Objects that are shown now for a program's run; `release` brings it back to that. */
  get top(): number {
    return this.#shown.length
  }

  /** Slots in use. */
  get count(): number {
    return this.slots.length - 1 - this.#free.length
  }

  /** What a pointer to a struct of that name points into; null for one that the kernel's types do not have. */
  refOf(struct: string): StructRef | null {
    let ref = this.#refs.get(struct)
    if (ref === undefined) this.#refs.set(struct, (ref = this.#makeRef(struct)))
    return ref
  }

  /** A pointer to an object; 0 for null. */
  address(object: object | null | undefined, ref: StructRef): number {
    if (object === null || object === undefined) return 0
    const { handle } = object as Partial<Handled>
    const slot = handle !== undefined && handle > 0 && this.slots[handle] === object && this.kinds[handle] === ref.kind
      ? handle
      : this.#slotOf(object, ref.kind)
    return slot === 0 ? 0 : this.range.start + slot * this.#step + ref.offset
  }

  /** The same for who knows the struct's name. */
  pointerTo(object: object | null, struct: string): number {
    const ref = this.refOf(struct)
    return ref === null ? 0 : this.address(object, ref)
  }

  /** Pointer to an object that has one already, 0 for any other. */
  knownAddress(object: object, struct: string): number {
    const { handle } = object as Partial<Handled>
    const ref = this.refOf(struct)
    if (ref === null) return 0
    const known = handle !== undefined && handle > 0 && this.slots[handle] === object
      ? handle
      : (this.#others.get(object) ?? 0)
    return known === 0 ? 0 : this.range.start + known * this.#step + ref.offset
  }

  /** What is handed to a hook and is no struct: low word, the high one is `high`. */
  argument(value: unknown): number {
    this.high = 0
    switch (typeof value) {
      case 'number': {
        this.high = highOf(value, true)
        return lowOf(value, true)
      }
      case 'boolean': return value ? 1 : 0
      case 'bigint': {
        this.high = Number(BigInt.asIntN(32, value >> 32n))
        return Number(BigInt.asIntN(32, value))
      }
      case 'string': return this.#textOf(this.#show(value, TEXT), 0)
      case 'object': return value === null ? 0 : this.#anything(value)
      default: return 0
    }
  }

  /** The object whose handle that is, wherever in it the pointer points; null when there is none. */
  objectAt(address: number): object | null {
    const slot = this.#slotAt(address >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    return typeof object === 'string' ? null : object
  }

  /** The struct of that name that lies at an address: an object, or a part of one. */
  partAt(address: number, struct: string): object | null {
    const slot = this.#slotAt(address >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    if (object === null || typeof object === 'string') return null
    const { struct: own, layout } = this.kinds[slot]!
    const offset = this.#offsetIn(address >>> 0)
    if (own === struct && offset === 0) return object
    const part = layout.parts.find((one) => one.offset === offset && one.struct === struct)?.read(object as never)
    return typeof part === 'object' ? part : null
  }

  load(low: number, high: number, size: number): number {
    this.high = 0
    if (high !== 0) {
      const bytes = this.bytes(low, high, size)
      return bytes === null ? 0 : this.#words(bytes)
    }
    const slot = this.#slotAt(low >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    return object === null ? 0 : this.#loadFrom(slot, object, this.#offsetIn(low >>> 0), size)
  }

  bytes(low: number, high: number, size: number): Uint8Array | null {
    if (high !== 0) return this.#textBytes(low >>> 0, high, size)
    const slot = this.#slotAt(low >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    if (object === null) return null
    const into = new Uint8Array(size)
    this.#fill(into, slot, object, this.#offsetIn(low >>> 0))
    return into
  }

  /** The way in which compiled code gets `size` bytes at `offset` of a struct. */
  accessor(struct: string, offset: number, size: number): Accessor | null {
    const key = `${struct} ${offset} ${size}`
    let accessor = this.#accessors.get(key)
    if (accessor === undefined) {
      const ref = this.refOf(struct)
      if (ref === null) return null
      this.#accessors.set(key, (accessor = accessorOf(this, ref, offset, size)))
    }
    return accessor
  }

  /** Gives back what was shown since. */
  release(top: number): void {
    const shown = this.#shown
    while (shown.length > top) {
      const slot = shown.pop()!
      const object = this.slots[slot]!
      if (typeof object === 'object' && object !== null) {
        const handled = object as Partial<Handled>
        if (handled.handle === slot) handled.handle = 0
        else this.kinds[slot]!.met.delete(object)
        // one that has a number of its own keeps it
        this.slots[slot] = null
        if (this.#others.get(object) === slot) continue
      }
      this.#drop(slot)
    }
  }

  /** An object has ended: its handle leads nowhere from here on, and it gets none for its life again. */
  end(object: object): void {
    const handled = object as Partial<Handled>
    const slot = handled.handle ?? this.#others.get(object) ?? 0
    if (handled.handle === undefined) this.#others.delete(object)
    else handled.handle = ENDED
    if (slot <= 0 || this.slots[slot] !== object) return
    const at = this.#shown.indexOf(slot)
    if (at >= 0) this.#shown.splice(at, 1)
    this.kinds[slot]!.met.delete(object)
    this.#drop(slot)
  }

  /** What a leaf of an object is in 64 bits: low word, the high one is `high`. */
  value(slot: number, { form, read, struct, index, size, bits }: Leaf, object: object | string): number {
    const value = read(object as never)
    this.high = 0
    if (form === 'pointer') return this.#pointer(value, struct, slot, index)
    if (form === 'words' && typeof value === 'object' && value !== null) {
      const { lo, hi } = value as { lo: number; hi: number }
      this.high = hi
      return lo
    }
    const number = numberOf(value)
    if (bits !== null) return (number & (2 ** bits[1] - 1)) << bits[0]
    this.high = size === 8 ? highOf(number, form === 'signed') : 0
    return size === 8 ? lowOf(number, form === 'signed') : number | 0
  }

  #makeRef(struct: string): StructRef | null {
    const outer = inside[struct]
    if (outer !== undefined) {
      const kind = this.#kindOf(outer[0])
      const place = kind?.layout.parts.find((part) => part.struct === struct && part.offset >= 0)
      if (kind !== null && place !== undefined) return { kind, offset: place.offset }
    }
    const kind = this.#kindOf(struct)
    return kind === null ? null : { kind, offset: 0 }
  }

  #kindOf(struct: string): Kind | null {
    let kind = this.#kinds.get(struct)
    if (kind === undefined) {
      const layout = layoutOf(this.#btf, struct)
      kind = layout === null || layout.size > this.#step ? null : new Kind(layout)
      this.#kinds.set(struct, kind)
    }
    return kind
  }

  /** Slot of an object that cannot be found by its field at once. */
  #slotOf(object: object, kind: Kind): number {
    const handled = object as Partial<Handled>
    if (handled.handle === 0) {
      const slot = this.#take(object, kind)
      if (slot === 0) return 0
      handled.handle = slot
      if (!kind.isLasting) this.#shown.push(slot)
      return slot
    }
    const met = kind.met.get(object)
    if (met !== undefined) return met
    const slot = kind.isLasting && handled.handle !== ENDED ? this.#numbered(object, kind) : this.#take(object, kind)
    if (slot === 0) return 0
    kind.met.set(object, slot)
    this.#shown.push(slot)
    return slot
  }

  /** The number that an object without a field keeps for life, though it is shown for a run only. */
  #numbered(object: object, kind: Kind): number {
    const known = this.#others.get(object)
    if (known !== undefined) {
      this.slots[known] = object
      this.kinds[known] = kind
      return known
    }
    const slot = this.#take(object, kind)
    if (slot !== 0) this.#others.set(object, slot)
    return slot
  }

  #take(object: object | string, kind: Kind): number {
    const slot = this.#free.pop() ?? this.slots.length
    if (this.range.start + (slot + 1) * this.#step > this.range.end) return 0
    this.slots[slot] = object
    this.kinds[slot] = kind
    return slot
  }

  #drop(slot: number): void {
    this.slots[slot] = null
    this.kinds[slot] = null
    this.#free.push(slot)
  }

  #show(value: object | string, kind: Kind): number {
    const slot = this.#take(value, kind)
    if (slot !== 0) this.#shown.push(slot)
    return slot
  }

  #anything(value: object): number {
    if (value instanceof Uint8Array) return this.#textOf(this.#show(value, TEXT), 0)
    const kind = 'value' in value && Object.keys(value).length === 1 ? REF : OPAQUE
    return this.address(value, { kind, offset: 0 })
  }

  /** A pointer that is a member. Text, bytes and whatever has no struct are known by their owner and their place. */
  #pointer(value: unknown, struct: string | null, slot: number, index: number): number {
    if (typeof value === 'object' && value !== null && struct !== null) {
      const ref = this.refOf(struct)
      if (ref !== null) return this.address(value, ref)
    }
    if (typeof value === 'number') {
      this.high = highOf(value, false)
      return lowOf(value, false)
    }
    return value === null || value === undefined || value === false ? 0 : this.#textOf(slot, index)
  }

  #textOf(slot: number, index: number): number {
    if (slot === 0 || index >= TEXT_LEAVES) return 0
    const number = slot * TEXT_LEAVES + index
    this.high = TEXT_HIGH + (number >>> 16)
    return (number << 16) | 0
  }

  /** Behind the end of a text there are zeroes, as far as its room goes. */
  #textBytes(low: number, high: number, size: number): Uint8Array | null {
    const number = (high - TEXT_HIGH) * 0x1_0000 + (low >>> 16)
    const slot = Math.floor(number / TEXT_LEAVES)
    const object = this.slots[slot]
    const leaf = this.kinds[slot]?.layout.leaves[number % TEXT_LEAVES]
    if (high < TEXT_HIGH || object === null || object === undefined || leaf?.form !== 'pointer') return null
    const offset = low & (TEXT_ROOM - 1)
    if (offset + size > TEXT_ROOM) return null
    const value = leaf.read(object as never)
    const text = typeof value === 'string' ? encodeText(value) : value instanceof Uint8Array ? value : null
    if (text === null) return null
    const into = new Uint8Array(size)
    into.set(text.subarray(offset, offset + size))
    return into
  }

  #slotAt(address: number): number {
    const at = address - this.range.start
    return at < 0 || address >= this.range.end ? 0 : at >>> this.shift
  }

  #offsetIn(address: number): number {
    return (address - this.range.start) & (this.#step - 1)
  }

  #loadFrom(slot: number, object: object | string, offset: number, size: number): number {
    const kind = this.kinds[slot]!
    const leaf = kind.bytes === null ? kind.exact(offset, size) : null
    if (leaf !== null && leaf.form !== 'bytes') {
      const low = this.value(slot, leaf, object)
      if (size < 8) this.high = 0
      return low
    }
    const into = new Uint8Array(size)
    this.#fill(into, slot, object, offset)
    return this.#words(into)
  }

  /** Zero-extended. */
  #words(bytes: Uint8Array): number {
    const at = (index: number): number => bytes[index] ?? 0
    this.high = at(4) | (at(5) << 8) | (at(6) << 16) | (at(7) << 24)
    return at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24)
  }

  #fill(into: Uint8Array, slot: number, object: object | string, offset: number): void {
    const kind = this.kinds[slot]!
    if (kind.bytes !== null) {
      const bytes = kind.bytes(object as object)
      if (bytes !== undefined) return into.set(bytes.subarray(offset, offset + into.length))
    }
    const seen = new Uint8Array(into.length)
    for (const leaf of kind.touching(offset, into.length)) this.#put(into, seen, slot, object, offset, leaf)
  }

  /** Bytes that two leaves have are those of the first; bits of one byte come together. */
  #put(
    into: Uint8Array, seen: Uint8Array, slot: number, object: object | string, offset: number, leaf: Leaf,
  ): void {
    const bytes = leaf.form === 'bytes' ? bytesOf(leaf.read(object as never), leaf.size) : null
    const low = bytes === null ? this.value(slot, leaf, object) : 0
    const high = bytes === null ? this.high : 0
    for (let at = Math.max(0, offset - leaf.offset); at < leaf.size; at++) {
      const to = leaf.offset + at - offset
      if (to >= into.length) break
      const byte = bytes !== null ? (bytes[at] ?? 0) : ((at < 4 ? low >>> (at * 8) : high >>> ((at - 4) * 8)) & 0xff)
      if (leaf.bits !== null) into[to] = into[to]! | byte
      else if (seen[to] === 0) into[to] = byte
      if (leaf.bits === null) seen[to] = 1
    }
  }
}

/** Text with a NUL that always fits, or bytes. */
const bytesOf = (value: unknown, size: number): Uint8Array => {
  if (typeof value === 'string') return encodeText(value).subarray(0, Math.max(0, size - 1))
  return value instanceof Uint8Array ? value : new Uint8Array()
}
