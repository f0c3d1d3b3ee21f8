/**
 * Plain objects of a kernel behind the pointers of BPF programs. A pointer is a handle: an address where no memory is,
 * further from the next than the largest struct, so that what points into an object (`&file->f_path`, container_of)
 * still finds it. Members there are read when they are asked for, one by one; nothing is copied.
 *
 * An object keeps its number in its field `handle` while it has one. Kinds whose end a free hook reports keep it until
 * then; all others until the program that met them has ended, or, if that could leave the handle in a map, until enough
 * others have come. A handle of an object that is gone reads as 0.
 */
import { ownValue } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { Accessor, ObjectSpace } from '../vm/object-space.ts'
import { accessorOf } from './accessor.ts'
import { HandleTable } from './handle-table.ts'
import { Kind, plainKind } from './kind.ts'
import { inside, wider } from './members.ts'
import { highOf, lowOf, numberOf } from './number.ts'
import type { HandleRange, ObjectSlots, StructRef } from './slots.ts'
import { layoutOf } from './struct-layout.ts'
import type { Leaf } from './struct-layout.ts'
import { encodeText } from './text.ts'
import { Alone, Within } from './within.ts'

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

export class KernelObjects extends HandleTable implements ObjectSpace, ObjectSlots {
  /** Upper word of the last answer of 64 bits. */
  high = 0
  readonly #btf: Btf
  readonly #refs = new Map<string, StructRef | null>()
  readonly #kinds = new Map<string, Kind | null>()
  readonly #accessors = new Map<string, Accessor>()

  constructor(btf: Btf, range: HandleRange, widest: number) {
    super(range, widest)
    this.#btf = btf
  }

  /**
   * The place that a pointer to a struct of that name points into; null for one that the kernel's types do not have.
   */
  refOf(struct: string): StructRef | null {
    let ref = this.#refs.get(struct)
    if (ref === undefined) this.#refs.set(struct, (ref = this.#makeRef(struct)))
    return ref
  }

  /** The same for who knows the struct's name. */
  pointerTo(object: object | null, struct: string): number {
    const ref = this.refOf(struct)
    return ref === null ? 0 : this.address(object, ref)
  }

  /** Pointer to an object that has one already, 0 for any other. */
  knownAddress(object: object, struct: string): number {
    const ref = this.refOf(struct)
    return ref === null ? 0 : this.known(object, ref)
  }

  /** A hook's argument that is not a struct: low word, the high one is `high`. */
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
      case 'string': return this.#textOf(this.show(value, TEXT), 0)
      case 'object': return value === null ? 0 : this.#anything(value)
      default: return 0
    }
  }

  /** The object whose handle that is, wherever in it the pointer points; null when there is none. */
  objectAt(address: number): object | null {
    const slot = this.slotAt(address >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    return typeof object === 'string' ? null : object
  }

  /** The struct of that name that lies at an address: an object, or a part of one. */
  partAt(address: number, struct: string): object | null {
    const slot = this.slotAt(address >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    if (object === null || typeof object === 'string') return null
    const { struct: own, layout } = this.kinds[slot]!
    const offset = this.offsetIn(address >>> 0)
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
    const slot = this.slotAt(low >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    return object === null ? 0 : this.#loadFrom(slot, object, this.offsetIn(low >>> 0), size)
  }

  bytes(low: number, high: number, size: number): Uint8Array | null {
    if (high !== 0) return this.#textBytes(low >>> 0, high, size)
    const slot = this.slotAt(low >>> 0)
    const object = slot === 0 ? null : this.slots[slot]!
    if (object === null) return null
    const into = new Uint8Array(size)
    this.#fill(into, slot, object, this.offsetIn(low >>> 0))
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

  /** The 64 bits of a leaf of an object: low word, the high one is `high`. */
  value(slot: number, { form, read, struct, index, size, bits }: Leaf, object: object | string): number {
    const value = read(object as never)
    this.high = 0
    if (form === 'pointer') return this.#pointer(value, struct, slot, index)
    if (form === 'words' && typeof value === 'object' && value !== null) {
      const { lo, hi } = value as { lo: number; hi: number }
      this.high = hi
      return lo
    }
    if (typeof value === 'bigint' && size === 8) {
      this.high = Number(BigInt.asIntN(32, value >> 32n))
      return Number(BigInt.asIntN(32, value))
    }
    if (size === 8 && this.kinds[slot]!.mayBeText && isText(value)) return this.#textOf(slot, index)
    const number = numberOf(value)
    if (bits !== null) return (number & (2 ** bits[1] - 1)) << bits[0]
    this.high = size === 8 ? highOf(number, form === 'signed') : 0
    return size === 8 ? lowOf(number, form === 'signed') : number | 0
  }

  #makeRef(struct: string): StructRef | null {
    const outer = ownValue(inside, struct)
    if (outer !== undefined) {
      const kind = this.#kindOf(outer[0])
      const place = kind?.layout.parts.find((part) => part.struct === struct && part.offset >= 0)
      if (kind !== null && place !== undefined) return { kind, offset: place.offset }
    }
    const kind = this.#kindOf(ownValue(wider, struct) ?? struct)
    return kind === null ? null : { kind, offset: 0 }
  }

  #kindOf(struct: string): Kind | null {
    let kind = this.#kinds.get(struct)
    if (kind === undefined) {
      const layout = layoutOf(this.#btf, struct)
      kind = layout === null || layout.size > this.step ? null : new Kind(layout)
      this.#kinds.set(struct, kind)
    }
    return kind
  }

  #anything(value: object): number {
    if (value instanceof Uint8Array) return this.#textOf(this.show(value, TEXT), 0)
    const kind = 'value' in value && Object.keys(value).length === 1 ? REF : OPAQUE
    return this.address(value, { kind, offset: 0 })
  }

  /** A pointer that is a member. Text, bytes and whatever has no struct are known by their owner and their place. */
  #pointer(value: unknown, struct: string | null, slot: number, index: number): number {
    if (value instanceof Within) return this.#within(value)
    if (value instanceof Alone) return this.#alone(value)
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

  /** An address below all objects has a high word that is all ones. */
  #within({ object, struct, member, bias }: Within): number {
    const ref = this.refOf(struct)
    if (ref === null) return 0
    const start = this.address(object, ref)
    const offset = member === '' ? 0 : ref.kind.layout.offsets.get(member)
    if (start === 0 || offset === undefined) return 0
    const at = start + offset + bias
    this.high = Math.floor(at / 0x1_0000_0000) | 0
    return at | 0
  }

  #alone(value: Alone): number {
    const kind = this.#kindOf(value.struct)
    return kind === null ? 0 : this.address(value, { kind, offset: 0 })
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
    if (high < TEXT_HIGH || object === null || object === undefined || leaf?.size !== 8) return null
    const offset = low & (TEXT_ROOM - 1)
    if (offset + size > TEXT_ROOM) return null
    const value = leaf.read(object as never)
    const text = typeof value === 'string' ? encodeText(value) : value instanceof Uint8Array ? value : null
    if (text === null) return null
    const into = new Uint8Array(size)
    into.set(text.subarray(offset, offset + size))
    return into
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

const isText = (value: unknown): boolean => typeof value === 'string' || value instanceof Uint8Array

/** Text with a NUL that always fits, or bytes. */
const bytesOf = (value: unknown, size: number): Uint8Array => {
  if (typeof value === 'string') return encodeText(value).subarray(0, Math.max(0, size - 1))
  return value instanceof Uint8Array ? value : new Uint8Array()
}
