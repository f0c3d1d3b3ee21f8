/** Functions by which compiled code gets members of kernel objects: each for one member and one width. */
import type { Accessor } from '../vm/object-space.ts'
import { highOf, lowOf, numberOf } from './number.ts'
import type { ObjectSlots, StructRef } from './slots.ts'
import type { Leaf } from './struct-layout.ts'

/**
 * For `size` bytes at `offset` of the struct. By address each checks that an object of that struct is there and that
 * the address points to that member; where it is another one, its bytes are read as they lie.
 */
export const accessorOf = (objects: ObjectSlots, ref: StructRef, offset: number, size: number): Accessor => {
  const at = ref.offset + offset
  const leaf = ref.kind.bytes === null && !ref.kind.mayBeText ? ref.kind.around(at, size) : null
  const place = { objects, ref, at, size }
  if (leaf === null || leaf.bits !== null) return bytewise(place, `${ref.kind.struct}+${at}`)
  const name = `${ref.kind.struct}.${leaf.name}`
  const isWhole = leaf.offset === at && leaf.size === size
  const isPlain = leaf.struct !== null && !MIXED.has(leaf.struct)
  if (leaf.form === 'pointer' && isWhole && isPlain) return pointer(place, leaf, name)
  if (leaf.form !== 'signed' && leaf.form !== 'unsigned') return bytewise(place, name)
  if (isWhole && size === 8) return double(place, leaf, name)
  return size === 8 ? bytewise(place, name) : word(place, leaf, name)
}

/** Structs that are parts of other objects, or stand alone: which one a pointer leads to is known by its object. */
const MIXED: ReadonlySet<string> = new Set(['cgroup_subsys_state', 'list_head', 'hlist_bl_node', 'fdtable'])

interface Place {
  readonly objects: ObjectSlots
  readonly ref: StructRef
  /** Offset in the object. */
  readonly at: number
  readonly size: number
}

type ReadObject = (object: object) => unknown

const none = (): number => 0
const noObject = (): null => null
const nothing: ReadObject = () => undefined

const bytewise = ({ objects, size }: Place, name: string): Accessor => ({
  name, form: 'bytes', isSigned: false, isWhole: false, path: null, read: nothing,
  call: (address) => objects.load(address, 0, size),
  valueOf: none, handleOf: none, objectOf: noObject,
})

const word = (
  { objects, ref: { kind }, at, size }: Place, { read: reading, path, offset, form, size: width }: Leaf, name: string,
): Accessor => {
  const { slots, kinds, shift, range: { start } } = objects
  const mask = 2 ** shift - 1
  const read = reading as ReadObject
  const by = (at - offset) * 8
  const isSigned = form === 'signed'
  const isWhole = by === 0 && width <= 4
  const cut = isWhole
    ? (value: number): number => value
    : width <= 4
      ? (value: number): number => (value | 0) >> by
      : by < 32
        ? (value: number): number => lowOf(value, isSigned) >> by
        : (value: number): number => highOf(value, isSigned) >> (by - 32)
  return {
    name, form: 'word', isSigned, path, read, isWhole,
    call: (address) => {
      const from = (address >>> 0) - start
      const slot = from >>> shift
      const object = slots[slot]
      if (kinds[slot] !== kind || (from & mask) !== at || object === null) return objects.load(address, 0, size)
      const value = read(object as object)
      return cut(typeof value === 'number' ? value : numberOf(value))
    },
    valueOf: (object) => {
      if (object === null) return 0
      const value = read(object)
      return cut(typeof value === 'number' ? value : numberOf(value))
    },
    handleOf: none, objectOf: noObject,
  }
}

const double = (
  { objects, ref: { kind }, at }: Place, { read: reading, path, form }: Leaf, name: string,
): Accessor => {
  const { slots, kinds, shift, range: { start } } = objects
  const mask = 2 ** shift - 1
  const read = reading as ReadObject
  return {
    name, form: 'double', isSigned: form === 'signed', path, read, isWhole: true,
    call: (address) => {
      const from = (address >>> 0) - start
      const slot = from >>> shift
      const object = slots[slot]
      if (kinds[slot] !== kind || (from & mask) !== at || object === null) return NaN
      const value = read(object as object)
      return typeof value === 'number' && value === value ? value : numberOf(value)
    },
    valueOf: (object) => {
      if (object === null) return 0
      const value = read(object)
      return typeof value === 'number' && value === value ? value : numberOf(value)
    },
    handleOf: none, objectOf: noObject,
  }
}

const pointer = (
  { objects, ref: { kind }, at }: Place, { read: reading, path, struct }: Leaf, name: string,
): Accessor => {
  const { slots, kinds, shift, range: { start } } = objects
  const mask = 2 ** shift - 1
  const read = reading as ReadObject
  const to = objects.refOf(struct!)
  if (to === null) return bytewise({ objects, ref: { kind, offset: 0 }, at, size: 8 }, name)
  return {
    name, form: 'pointer', isSigned: false, path, read, isWhole: true,
    call: (address) => {
      const from = (address >>> 0) - start
      const slot = from >>> shift
      const object = slots[slot]
      if (kinds[slot] !== kind || (from & mask) !== at || object === null) return -1
      const value = read(object as object)
      return value === null || value === undefined ? 0 : typeof value === 'object' ? objects.address(value, to) : -1
    },
    valueOf: none,
    handleOf: (object) => (object === null ? 0 : objects.address(objectIn(read(object)), to)),
    objectOf: (object) => (object === null ? null : objectIn(read(object))),
  }
}

/** Whatever else a host has there is no pointer. */
const objectIn = (value: unknown): object | null => (typeof value === 'object' ? value : null)
