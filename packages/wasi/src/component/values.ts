/** Values in a component's memory. */
import type { Callee } from './callee.ts'
import { aligned, discriminantSize, flagWords } from './layout.ts'
import { isHandle, liftHandle, lowerHandle } from './passing-handles.ts'
import { caseValue, chosen, flagBits, flagNames, ofWord, toWord, wrong } from './scalars.ts'
import type { ComponentValue } from './scalars.ts'
import { placeText, readText } from './strings.ts'
import type { Transfer } from './transfer.ts'
import type { ValueType } from './value-types.ts'

/** What a list takes at most. */
const MOST_BYTES = 2 ** 28 - 1

const isBytes = (type: ValueType): boolean => type.kind === 'number' && type.name === 'u8'

const readInt = ({ memory }: Callee, at: number, size: number): number => {
  if (size === 1) return memory.view.getUint8(at)
  return size === 2 ? memory.view.getUint16(at, true) : memory.view.getUint32(at, true)
}

const writeInt = ({ memory }: Callee, at: number, size: number, value: number): void => {
  if (size === 1) memory.view.setUint8(at, value)
  else if (size === 2) memory.view.setUint16(at, value, true)
  else memory.view.setUint32(at, value, true)
}

type FieldsOf = Extract<ValueType, { fields: unknown }>

/** Calls `each` for the fields of a record, and answers what it gives by their names. */
export const fieldsOf = (
  { kind, fields }: FieldsOf, each: (type: ValueType, name: string) => ComponentValue,
): ComponentValue => {
  if (kind === 'tuple') return fields.map(([name, field]) => each(field, name))
  return Object.fromEntries(fields.map(([name, field]) => [name, each(field, name)]))
}

/** Calls `each` with the place of each field of a record at `at`. */
const placed = <T>(at: number, each: (type: ValueType, at: number, name: string) => T) => {
  let place = at
  return (type: ValueType, name: string): T => {
    place = aligned(place, type.align)
    const value = each(type, place, name)
    place += type.size
    return value
  }
}

export const fieldOf = (value: ComponentValue, name: string, kind: string): ComponentValue => {
  const isObject = typeof value === 'object' && value !== null
  if (!isObject || !Object.hasOwn(value, name)) throw wrong(value, `${kind} with \`${name}\``)
  return (value as { readonly [name: string]: ComponentValue })[name]!
}

/** A list of `length` at `at`. */
export const loadList = (transfer: Transfer, of: ValueType, at: number, length: number): ComponentValue => {
  const { callee } = transfer
  const size = (length >>> 0) * of.size
  if (size > MOST_BYTES) return callee.trap('a list longer than 2^28 bytes')
  const from = callee.range(callee.aligned(at, of.align), size)
  transfer.spend(size)
  return loadItems(transfer, of, from, length >>> 0)
}

export const loadItems = (transfer: Transfer, of: ValueType, at: number, length: number): ComponentValue => {
  if (isBytes(of)) return transfer.callee.bytes(at, length).slice()
  transfer.count(length)
  return Array.from({ length }, (_, i) => loadPart(transfer, of, at + i * of.size))
}

/** Reads a value of this type from the component's memory. */
export const load = (transfer: Transfer, type: ValueType, at: number): ComponentValue => {
  const { callee } = transfer
  return loadPart(transfer, type, callee.range(callee.aligned(at, type.align), type.size))
}

/** As `load`, of a place that is known to be good. */
const loadPart = (transfer: Transfer, type: ValueType, at: number): ComponentValue => {
  const { callee } = transfer
  const { memory: { view } } = callee
  transfer.count(1)
  if (isHandle(type)) return liftHandle(transfer, type, view.getUint32(at, true))
  switch (type.kind) {
    case 'number':
      if (type.name === 'f32') return view.getFloat32(at, true)
      if (type.name === 'f64') return view.getFloat64(at, true)
      return ofWord(callee, type.name,
        type.size === 8 ? view.getBigUint64(at, true) : readInt(callee, at, type.size))
    case 'string': return readText(transfer, view.getUint32(at, true), view.getUint32(at + 4, true))
    case 'list': return loadList(transfer, type.of, view.getUint32(at, true), view.getUint32(at + 4, true))
    case 'fixed list': return loadItems(transfer, type.of, at, type.length)
    case 'record': case 'tuple': return fieldsOf(type, placed(at, (field, place) => loadPart(transfer, field, place)))
    case 'flags': return flagNames(type.names, loadFlags(callee, at, type.size))
    default: {
      const index = readInt(callee, at, discriminantSize(type.cases.length))
      const of = type.cases[index]?.[1]
      if (of === undefined) return callee.trap('a case that is not one of the variant')
      return caseValue(type, index, of === null ? null : loadPart(transfer, of, at + type.payload))
    }
  }
}

const loadFlags = (callee: Callee, at: number, size: number): number[] =>
  (size <= 4
    ? [readInt(callee, at, size)]
    : Array.from({ length: size / 4 }, (_, i) => readInt(callee, at + i * 4, 4)))

/** The items of a value that must be a list; a map counts as one of pairs. */
const itemsOf = (of: ValueType, value: ComponentValue): Uint8Array | readonly ComponentValue[] => {
  if (value instanceof Uint8Array && isBytes(of)) return value
  const items: unknown = value instanceof Map ? [...value as ReadonlyMap<ComponentValue, ComponentValue>] : value
  if (!Array.isArray(items)) throw wrong(value, isBytes(of) ? 'Uint8Array' : 'list')
  if (isBytes(of)) throw wrong(value, 'Uint8Array')
  return items as readonly ComponentValue[]
}

/** Puts a list into the component, and answers its place and its length. */
export const placeList = (
  transfer: Transfer, of: ValueType, value: ComponentValue,
): readonly [at: number, length: number] => {
  const { callee } = transfer
  const items = itemsOf(of, value)
  const at = callee.allocate(items.length * of.size, of.align)
  storeItems(transfer, of, items, at)
  return [at, items.length]
}

export const fixedItems = (
  type: Extract<ValueType, { kind: 'fixed list' }>, value: ComponentValue,
): Uint8Array | readonly ComponentValue[] => {
  const items = itemsOf(type.of, value)
  if (items.length !== type.length) throw wrong(value, `list of ${type.length}`)
  return items
}

export const storeItems = (
  transfer: Transfer, of: ValueType, items: Uint8Array | readonly ComponentValue[], at: number,
): void => {
  if (items instanceof Uint8Array) return transfer.callee.memory.bytes.set(items, at)
  for (let i = 0; i < items.length; i++) store(transfer, of, items[i]!, at + i * of.size)
}

/** Writes a value to the component's memory. Throws `bad-value` for what is not of the type. */
export const store = (transfer: Transfer, type: ValueType, value: ComponentValue, at: number): void => {
  const { callee } = transfer
  const { memory } = callee
  const to = callee.range(callee.aligned(at, type.align), type.size)
  if (isHandle(type)) return writeInt(callee, to, 4, lowerHandle(transfer, type, value))
  switch (type.kind) {
    case 'number': {
      const one = toWord(type.name, value)
      if (type.name === 'f32') memory.view.setFloat32(to, one as number, true)
      else if (type.name === 'f64') memory.view.setFloat64(to, one as number, true)
      else if (typeof one === 'bigint') memory.view.setBigUint64(to, BigInt.asUintN(64, one), true)
      else writeInt(callee, to, type.size, one)
      return
    }
    case 'string': return callee.put32(to, ...placeText(transfer, textOf(value)))
    case 'list': return callee.put32(to, ...placeList(transfer, type.of, value))
    case 'fixed list': return storeItems(transfer, type.of, fixedItems(type, value), to)
    case 'record': case 'tuple':
      fieldsOf(type, placed(to, (field, place, name) => {
        store(transfer, field, fieldOf(value, name, type.kind), place)
        return null
      }))
      return
    case 'flags': {
      const bits = flagBits(type.names, value, flagWords(type.names.length))
      return type.size <= 4 ? writeInt(callee, to, type.size, bits[0]!) : callee.put32(to, ...bits)
    }
    default: {
      const [index, carried] = chosen(type, value)
      writeInt(callee, to, discriminantSize(type.cases.length), index)
      const of = type.cases[index]![1]
      if (of !== null) store(transfer, of, carried, to + type.payload)
    }
  }
}

export const textOf = (value: ComponentValue): string => {
  if (typeof value !== 'string') throw wrong(value, 'string')
  return value
}
