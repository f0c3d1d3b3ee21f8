/** Values between JavaScript and a component's memory, for calls of its exports. */
import { SIGSEGV, ownValue } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import type { Callee } from './callee.ts'
import { aligned, alignOf, discriminantSize, flatTypes, payloadOffset, sizeOf } from './value-types.ts'
import type { CoreType, ValueType } from './value-types.ts'

/**
 * A value as JavaScript has it: integers of 64 bits are bigints, a character is a string, a list of bytes a Uint8Array,
 * an option the value or null, a result `{ ok }` or `{ error }`, a variant `{ case, value }`, an enum its name, flags
 * the names of those that are set.
 */
export type ComponentValue =
  | number | bigint | boolean | string | null | Uint8Array | readonly ComponentValue[]
  | { readonly [name: string]: ComponentValue }

const RANGES: Readonly<Record<string, readonly [least: number | bigint, most: number | bigint]>> = {
  s8: [-128, 127], u8: [0, 255], s16: [-32768, 32767], u16: [0, 65535], s32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1], s64: [-(2n ** 63n), 2n ** 63n - 1n], u64: [0n, 2n ** 64n - 1n],
}
/** An answer has as many numbers, strings, lists and cases at most as are read one by one in a moment. */
const MOST_VALUES = 2 ** 21

const wrong = (value: ComponentValue | undefined, type: string): ProgramError =>
  new ProgramError('bad-value', `${typeof value === 'object' ? 'an object' : String(value)} is not a ${type}`)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** A number as a word. */
const word = (name: string, value: ComponentValue | undefined): number | bigint => {
  if (name === 'bool' && typeof value === 'boolean') return Number(value)
  if (name === 'char' && typeof value === 'string' && [...value].length === 1) return value.codePointAt(0)!
  if ((name === 'f32' || name === 'f64') && typeof value === 'number') return value
  const range = ownValue(RANGES, name)
  const isInteger = typeof value === 'bigint' || Number.isInteger(value)
  if (range === undefined || !isInteger || typeof value !== typeof range[0]) throw wrong(value, name)
  const number = value as number
  if (number < range[0] || number > range[1]) throw wrong(value, name)
  return number
}

/** A word as the number that it is: what lies beyond its size is nothing. */
const ofWord = (callee: Callee, name: string, value: number | bigint): ComponentValue => {
  switch (name) {
    case 'bool': return value !== 0
    case 's8': return (Number(value) << 24) >> 24
    case 'u8': return Number(value) & 0xff
    case 's16': return (Number(value) << 16) >> 16
    case 'u16': return Number(value) & 0xffff
    case 's32': return Number(value) | 0
    case 'u32': return Number(value) >>> 0
    case 's64': return BigInt.asIntN(64, BigInt(value))
    case 'u64': return BigInt.asUintN(64, BigInt(value))
    case 'char': {
      const code = Number(value) >>> 0
      const isOne = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      return isOne ? String.fromCodePoint(code) : callee.trap('no character')
    }
    default: return value
  }
}

type CaseOf = Extract<ValueType, { cases: unknown }>

/** Which case a value is, and what it carries. */
const chosen = ({ kind, cases }: CaseOf, value: ComponentValue): readonly [index: number, value: ComponentValue] => {
  if (kind === 'option') return value === null ? [0, null] : [1, value]
  const isObject = typeof value === 'object' && value !== null
  const fields = (isObject ? value : {}) as { readonly [name: string]: ComponentValue }
  const name = kind === 'enum' ? value : kind === 'variant' ? fields.case : 'ok' in fields ? 'ok' : 'error'
  const index = cases.findIndex(([one]) => one === name)
  if (index < 0 || (kind === 'result' && !('ok' in fields) && !('error' in fields))) throw wrong(value, kind)
  return [index, (kind === 'variant' ? fields.value : kind === 'result' ? fields[name as string] : null) ?? null]
}

const caseValue = ({ kind, cases }: CaseOf, index: number, value: ComponentValue): ComponentValue => {
  if (kind === 'option') return value
  const name = cases[index]![0]
  return kind === 'enum' ? name : kind === 'result' ? { [name]: value } : { case: name, value }
}

const flagBits = (names: readonly string[], value: ComponentValue): number => {
  if (!Array.isArray(value)) throw wrong(value, 'list of flags')
  return (value as readonly ComponentValue[]).reduce<number>((bits, one) => {
    const at = names.indexOf(one as string)
    if (at < 0) throw wrong(one, 'flag')
    return bits | (1 << at)
  }, 0)
}

const isBytes = (type: ValueType): boolean => type.kind === 'number' && type.name === 'u8'

/** The values that cross in one call, and how much has crossed. */
export class Transfer {
  readonly callee: Callee
  /** How many values were read. */
  values = 0
  /** How many bytes of lists and strings were read. */
  spent = 0

  constructor(callee: Callee) {
    this.callee = callee
  }
}

/** Counts bytes that are read. Lists may overlap, so their sum could exceed the memory: then the component ends. */
const spend = (transfer: Transfer, length: number): number => {
  const { memory } = transfer.callee
  transfer.spent += length >>> 0
  if (transfer.spent > memory.bytes.length) return transfer.callee.trap('an answer longer than the memory', SIGSEGV)
  return length
}

const readInt = (transfer: Transfer, at: number, size: number): number => {
  const { memory } = transfer.callee
  const from = transfer.callee.range(at, size)
  if (size === 1) return memory.view.getUint8(from)
  return size === 2 ? memory.view.getUint16(from, true) : memory.view.getUint32(from, true)
}

const writeInt = (transfer: Transfer, at: number, size: number, value: number): void => {
  const { memory } = transfer.callee
  const to = transfer.callee.range(at, size)
  if (size === 1) memory.view.setUint8(to, value)
  else if (size === 2) memory.view.setUint16(to, value, true)
  else memory.view.setUint32(to, value, true)
}

const text = (transfer: Transfer, at: number, length: number): string => {
  const { callee } = transfer
  const own = callee.bytes(at, spend(transfer, length)).slice()
  try {
    return decoder.decode(own)
  } catch {
    return callee.trap('a string that is not UTF-8')
  }
}

const list = (transfer: Transfer, of: ValueType, at: number, length: number): ComponentValue => {
  const { callee } = transfer
  if (isBytes(of)) return callee.bytes(at, spend(transfer, length)).slice()
  const size = sizeOf(of)
  if (length >>> 0 > MOST_VALUES) return callee.trap('an answer of more than 2^21 values')
  callee.range(at, spend(transfer, (length >>> 0) * size))
  return Array.from({ length: length >>> 0 }, (_, i) => load(transfer, of, (at >>> 0) + i * size))
}

/** Reads a value of this type from the component's memory. */
export const load = (transfer: Transfer, type: ValueType, at: number): ComponentValue => {
  const { callee } = transfer
  const { memory } = callee
  if (++transfer.values > MOST_VALUES) return callee.trap('an answer of more than 2^21 values')
  switch (type.kind) {
    case 'number': {
      const from = callee.range(at, sizeOf(type))
      if (type.name === 'f32') return memory.view.getFloat32(from, true)
      if (type.name === 'f64') return memory.view.getFloat64(from, true)
      const size = sizeOf(type)
      const bits = size === 8 ? memory.view.getBigUint64(from, true) : readInt(transfer, from, size)
      return ofWord(callee, type.name, bits)
    }
    case 'string': return text(transfer, readInt(transfer, at, 4), readInt(transfer, at + 4, 4))
    case 'list': return list(transfer, type.of, readInt(transfer, at, 4), readInt(transfer, at + 4, 4))
    case 'record': case 'tuple': return fieldsOf(type, at, (field, place) => load(transfer, field, place))
    case 'flags': return flagNames(type.names, readInt(transfer, at, sizeOf(type)))
    default: {
      const index = readInt(transfer, at, discriminantSize(type.cases))
      const of = type.cases[index]?.[1]
      if (of === undefined) return callee.trap('no such case')
      return caseValue(type, index, of === null ? null : load(transfer, of, at + payloadOffset(type.cases)))
    }
  }
}

/** Writes a value to the component's memory. */
export const store = (transfer: Transfer, type: ValueType, value: ComponentValue, at: number): void => {
  const { callee } = transfer
  const { memory } = callee
  switch (type.kind) {
    case 'number': {
      const one = word(type.name, value)
      const to = callee.range(at, sizeOf(type))
      if (type.name === 'f32') memory.view.setFloat32(to, one as number, true)
      else if (type.name === 'f64') memory.view.setFloat64(to, one as number, true)
      else if (typeof one === 'bigint') memory.view.setBigUint64(to, BigInt.asUintN(64, one), true)
      else writeInt(transfer, to, sizeOf(type), one)
      return
    }
    case 'string': case 'list': return callee.put32(at, ...placed(transfer, type, value))
    case 'record': case 'tuple':
      fieldsOf(type, at, (field, place, name) => {
        store(transfer, field, fieldOf(value, name, type.kind), place)
        return null
      })
      return
    case 'flags': return writeInt(transfer, at, sizeOf(type), flagBits(type.names, value))
    default: {
      const [index, carried] = chosen(type, value)
      writeInt(transfer, at, discriminantSize(type.cases), index)
      const of = type.cases[index]![1]
      if (of !== null) store(transfer, of, carried, at + payloadOffset(type.cases))
    }
  }
}

/** Puts a string or a list into the component. */
const placed = (
  transfer: Transfer, type: Extract<ValueType, { kind: 'string' | 'list' }>, value: ComponentValue,
): [at: number, length: number] => {
  const { callee } = transfer
  const { memory } = callee
  if (type.kind === 'string' || isBytes(type.of)) {
    const bytes = type.kind === 'list' ? value : typeof value === 'string' ? encoder.encode(value) : null
    if (!(bytes instanceof Uint8Array)) throw wrong(value, type.kind === 'list' ? 'Uint8Array' : 'string')
    const at = bytes.length === 0 ? 1 : callee.allocate(bytes.length, 1)
    if (bytes.length > 0) memory.bytes.set(bytes, at)
    return [at, bytes.length]
  }
  if (!Array.isArray(value)) throw wrong(value, 'list')
  const elements = value as readonly ComponentValue[]
  const size = sizeOf(type.of)
  const align = alignOf(type.of)
  const at = elements.length === 0 ? align : callee.allocate(elements.length * size, align)
  elements.forEach((one, i) => store(transfer, type.of, one, at + i * size))
  return [at, elements.length]
}

/** The words that a value is passed as. */
export const flatten = (transfer: Transfer, type: ValueType, value: ComponentValue): (number | bigint)[] => {
  switch (type.kind) {
    case 'number': return [word(type.name, value)]
    case 'string': case 'list': return placed(transfer, type, value)
    case 'record': case 'tuple':
      return type.fields.flatMap(([name, field]) => flatten(transfer, field, fieldOf(value, name, type.kind)))
    case 'flags': return [flagBits(type.names, value)]
    default: {
      const [index, carried] = chosen(type, value)
      const of = type.cases[index]![1]
      const [, ...joined] = flatTypes(type)
      const own = of === null ? [] : flatTypes(of)
      const words = of === null ? [] : flatten(transfer, of, carried)
      return [index, ...joined.map((to, i) => (i in own ? coerced(words[i]!, own[i]!, to) : to === 'i64' ? 0n : 0))]
    }
  }
}

/** The value of the one word that a core function has answered. */
export const ofFlat = (transfer: Transfer, type: ValueType, value: number | bigint): ComponentValue => {
  const { callee } = transfer
  switch (type.kind) {
    case 'number': return ofWord(callee, type.name, value)
    case 'flags': return flagNames(type.names, Number(value))
    case 'record': case 'tuple': return fieldsOf(type, 0, (field) => ofFlat(transfer, field, value))
    case 'string': case 'list': return callee.trap('a string as one word')
    default:
      return type.cases[Number(value)] === undefined
        ? callee.trap('no such case')
        : caseValue(type, Number(value), null)
  }
}

const fieldOf = (value: ComponentValue, name: string, kind: string): ComponentValue => {
  const isObject = typeof value === 'object' && value !== null
  if (!isObject || !Object.hasOwn(value, name)) throw wrong(value, `${kind} with \`${name}\``)
  return (value as { readonly [name: string]: ComponentValue })[name]!
}

type FieldsOf = Extract<ValueType, { kind: 'record' | 'tuple' }>

const fieldsOf = (
  { kind, fields }: FieldsOf, at: number, each: (type: ValueType, at: number, name: string) => ComponentValue,
): ComponentValue => {
  let place = at
  const pairs = fields.map(([name, field]) => {
    place = aligned(place, alignOf(field))
    const value = each(field, place, name)
    place += sizeOf(field)
    return [name, value] as const
  })
  return kind === 'tuple' ? pairs.map(([, value]) => value) : Object.fromEntries(pairs)
}

const flagNames = (names: readonly string[], bits: number): string[] => names.filter((_, i) => (bits & (1 << i)) !== 0)

/** A word in the place of one that is wider, or of another kind: its bits. */
const coerced = (value: number | bigint, from: CoreType, to: CoreType): number | bigint => {
  if (from === to) return value
  const bits = new DataView(new ArrayBuffer(8))
  if (from === 'f32') bits.setFloat32(0, value as number, true)
  else if (from === 'f64') bits.setFloat64(0, value as number, true)
  else bits.setInt32(0, value as number, true)
  return to === 'i64' ? bits.getBigInt64(0, true) : bits.getInt32(0, true)
}
