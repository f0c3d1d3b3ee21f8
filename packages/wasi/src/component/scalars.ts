/** Numbers, characters, cases and flags: how JavaScript has them, and as which words they are passed. */
import { ownValue } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import type { ComponentStream } from './async/streams.ts'
import type { Callee } from './callee.ts'
import type { CoreType } from './layout.ts'
import type { ComponentResource } from './resources.ts'
import type { ValueType } from './value-types.ts'

/**
 * A value as JavaScript has it: integers of 64 bits are bigints, a character is a string, a list of bytes a Uint8Array,
 * an option the value or null, a result `{ ok }` or `{ error }`, a variant `{ case, value }`, an enum its name, flags
 * the names of those that are set, a map a list of pairs, a resource of the component's a ComponentResource, a stream
 * or a future a ComponentStream.
 */
export type ComponentValue =
  | number | bigint | boolean | string | null | Uint8Array | ComponentResource | ComponentStream
  | readonly ComponentValue[]
  | { readonly [name: string]: ComponentValue }

export type Word = number | bigint

const RANGES: Readonly<Record<string, readonly [least: number | bigint, most: number | bigint]>> = {
  s8: [-128, 127], u8: [0, 255], s16: [-32768, 32767], u16: [0, 65535], s32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1], s64: [-(2n ** 63n), 2n ** 63n - 1n], u64: [0n, 2n ** 64n - 1n],
}

export const wrong = (value: ComponentValue | undefined, type: string): ProgramError =>
  new ProgramError('bad-value', `${typeof value === 'object' ? 'an object' : String(value)} is not a ${type}`)

const isCharacter = (code: number): boolean => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)

/** A number as a word. Throws `bad-value` for what is not of the type. */
export const toWord = (name: string, value: ComponentValue | undefined): Word => {
  if (name === 'bool' && typeof value === 'boolean') return Number(value)
  if (name === 'char' && typeof value === 'string' && [...value].length === 1) {
    const code = value.codePointAt(0)!
    if (isCharacter(code)) return code
  }
  if ((name === 'f32' || name === 'f64') && typeof value === 'number') return value
  const range = ownValue(RANGES, name)
  const isInteger = typeof value === 'bigint' || Number.isInteger(value)
  if (range === undefined || !isInteger || typeof value !== typeof range[0]) throw wrong(value, name)
  const number = value as number
  if (number < range[0] || number > range[1]) throw wrong(value, name)
  return number
}

/** A word as the number that it is: what lies beyond its size is nothing. */
export const ofWord = (callee: Callee, name: string, value: Word): ComponentValue => {
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
      return isCharacter(code) ? String.fromCodePoint(code) : callee.trap('a character that is not one')
    }
    default: return value
  }
}

type CaseOf = Extract<ValueType, { cases: unknown }>

/** Which case a value is, and what it carries. */
export const chosen = (
  { kind, cases }: CaseOf, value: ComponentValue,
): readonly [index: number, value: ComponentValue] => {
  if (kind === 'option') return value === null ? [0, null] : [1, value]
  const isObject = typeof value === 'object' && value !== null
  const fields = (isObject ? value : {}) as { readonly [name: string]: ComponentValue }
  const name = kind === 'enum' ? value : kind === 'variant' ? fields.case : 'ok' in fields ? 'ok' : 'error'
  const index = cases.findIndex(([one]) => one === name)
  if (index < 0 || (kind === 'result' && !('ok' in fields) && !('error' in fields))) throw wrong(value, kind)
  return [index, (kind === 'variant' ? fields.value : kind === 'result' ? fields[name as string] : null) ?? null]
}

export const caseValue = ({ kind, cases }: CaseOf, index: number, value: ComponentValue): ComponentValue => {
  if (kind === 'option') return value
  const name = cases[index]![0]
  return kind === 'enum' ? name : kind === 'result' ? { [name]: value } : { case: name, value }
}

/** Flags as words of 32, or as the number that all of them fit in. */
export const flagBits = (names: readonly string[], value: ComponentValue, words: number): number[] => {
  if (!Array.isArray(value)) throw wrong(value, 'list of flags')
  const bits = Array.from({ length: words }, () => 0)
  for (const one of value as readonly ComponentValue[]) {
    const at = names.indexOf(one as string)
    if (at < 0) throw wrong(one, 'flag')
    bits[at >>> 5]! |= 1 << (at & 31)
  }
  return bits
}

export const flagNames = (names: readonly string[], bits: readonly number[]): string[] =>
  names.filter((_, i) => (bits[i >>> 5]! & (1 << (i & 31))) !== 0)

const scratch = new DataView(new ArrayBuffer(8))

/** A word in the place of one that is wider, or of another kind: its bits. */
export const widened = (value: Word, from: CoreType, to: CoreType): Word => {
  if (from === to) return value
  scratch.setBigInt64(0, 0n, true)
  if (from === 'f32') scratch.setFloat32(0, value as number, true)
  else if (from === 'f64') scratch.setFloat64(0, value as number, true)
  else scratch.setInt32(0, value as number, true)
  return to === 'i64' ? scratch.getBigInt64(0, true) : scratch.getInt32(0, true)
}

/** The word that was widened. */
export const narrowed = (value: Word, from: CoreType, to: CoreType): Word => {
  if (from === to) return value
  if (from === 'i64') scratch.setBigInt64(0, value as bigint, true)
  else scratch.setInt32(0, value as number, true)
  if (to === 'f32') return scratch.getFloat32(0, true)
  return to === 'f64' ? scratch.getFloat64(0, true) : scratch.getInt32(0, true)
}
