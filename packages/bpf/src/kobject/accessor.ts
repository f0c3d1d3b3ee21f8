/** Functions by which compiled code gets members of kernel objects: each for one member and one width. */
import type { Accessor } from '../vm/object-space.ts'
import type { ObjectSlots, StructRef } from './slots.ts'
import { highOf, numberOf } from './number.ts'
import type { Leaf } from './struct-layout.ts'

/**
 * For `size` bytes at `offset` of the struct. Every one checks that an object of that struct is there and that the
 * address points to that member; where it is another one, its bytes are read as they lie.
 */
export const accessorOf = (objects: ObjectSlots, ref: StructRef, offset: number, size: number): Accessor => {
  const at = ref.offset + offset
  const leaf = ref.kind.bytes === null ? ref.kind.around(at, size) : null
  const place = { objects, ref, at, size }
  if (leaf === null || leaf.bits !== null) return bytewise(place, `${ref.kind.struct}+${at}`)
  const name = `${ref.kind.struct}.${leaf.name}`
  const isWhole = leaf.offset === at && leaf.size === size
  if (leaf.form === 'pointer' && isWhole && leaf.struct !== null) return pointer(place, leaf, name)
  if (leaf.form !== 'signed' && leaf.form !== 'unsigned') return bytewise(place, name)
  if (isWhole && size === 8) return double(place, leaf, name)
  return size === 8 ? bytewise(place, name) : word(place, leaf, name)
}

interface Place {
  readonly objects: ObjectSlots
  readonly ref: StructRef
  /** Offset in the object. */
  readonly at: number
  readonly size: number
}

const bytewise = ({ objects, size }: Place, name: string): Accessor => ({
  name, form: 'bytes', isSigned: false, call: (address) => objects.load(address, 0, size),
})

const word = (
  { objects, ref: { kind }, at, size }: Place, { read: reading, offset, form }: Leaf, name: string,
): Accessor => {
  const { slots, kinds, shift, range: { start } } = objects
  const mask = 2 ** shift - 1
  const read = reading as (object: object) => unknown
  const by = (at - offset) * 8
  const isSigned = form === 'signed'
  const cut = by === 0
    ? (value: number): number => value
    : by < 32
      ? (value: number): number => (value | 0) >> by
      : (value: number): number => highOf(value, isSigned) >> (by - 32)
  return {
    name, form: 'word', isSigned,
    call: (address) => {
      const from = (address >>> 0) - start
      const slot = from >>> shift
      const object = slots[slot]
      if (kinds[slot] !== kind || (from & mask) !== at || object === null) return objects.load(address, 0, size)
      const value = read(object as object)
      return cut(typeof value === 'number' ? value : numberOf(value))
    },
  }
}

const double = ({ objects, ref: { kind }, at }: Place, { read: reading, form }: Leaf, name: string): Accessor => {
  const { slots, kinds, shift, range: { start } } = objects
  const mask = 2 ** shift - 1
  const read = reading as (object: object) => unknown
  return {
    name, form: 'double', isSigned: form === 'signed',
    call: (address) => {
      const from = (address >>> 0) - start
      const slot = from >>> shift
      const object = slots[slot]
      if (kinds[slot] !== kind || (from & mask) !== at || object === null) return NaN
      const value = read(object as object)
      return typeof value === 'number' && value === value ? value : numberOf(value)
    },
  }
}

const pointer = ({ objects, ref: { kind }, at }: Place, { read: reading, struct }: Leaf, name: string): Accessor => {
  const { slots, kinds, shift, range: { start } } = objects
  const mask = 2 ** shift - 1
  const read = reading as (object: object) => object | null | undefined
  const to = objects.refOf(struct!)
  if (to === null) return bytewise({ objects, ref: { kind, offset: 0 }, at, size: 8 }, name)
  return {
    name, form: 'pointer', isSigned: false,
    call: (address) => {
      const from = (address >>> 0) - start
      const slot = from >>> shift
      const object = slots[slot]
      if (kinds[slot] !== kind || (from & mask) !== at || object === null) return -1
      const value = read(object as object)
      return value === null || value === undefined ? 0 : typeof value === 'object' ? objects.address(value, to) : -1
    },
  }
}
