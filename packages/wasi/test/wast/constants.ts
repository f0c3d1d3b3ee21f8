/** Values as wast files write them, `(u32.const 1)`, and whether a value is one of them. */
import type { ComponentValue } from '@lsmkit/wasi'
import { isList, textOf } from './sexpr.ts'
import type { List, Node } from './sexpr.ts'

const integer = (text: string): bigint => {
  const digits = text.replaceAll('_', '').replace(/^\+/, '')
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits)
}

const float = (text: string): number => {
  const digits = text.replaceAll('_', '')
  if (/nan/.test(digits)) return Number.NaN
  if (/inf/.test(digits)) return digits.startsWith('-') ? -Infinity : Infinity
  const hex = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i.exec(digits)
  if (hex === null) return Number(digits)
  const [, sign, whole = '', part = '', power = '0'] = hex
  const value = Number.parseInt(`${whole}${part}` || '0', 16) * 2 ** (Number(power) - 4 * part.length)
  return sign === '-' ? -value : value
}

const lists = (items: readonly Node[]): readonly List[] => items.filter(isList)
const inner = (items: readonly Node[]): ComponentValue => (isList(items[0]) ? constant(items[0]) : null)

const MAKERS: Readonly<Record<string, (items: readonly Node[]) => ComponentValue>> = {
  'bool.const': ([value]) => value === 'true',
  'str.const': ([value]) => textOf(value),
  'char.const': ([value]) => textOf(value),
  'f32.const': ([value]) => Math.fround(float(value as string)),
  'f64.const': ([value]) => float(value as string),
  's64.const': ([value]) => BigInt.asIntN(64, integer(value as string)),
  'u64.const': ([value]) => BigInt.asUintN(64, integer(value as string)),
  'list.const': (items) => lists(items).map(constant),
  'tuple.const': (items) => lists(items).map(constant),
  'record.const': (items) => Object.fromEntries(
    lists(items).map(({ items: [, name, value] }) => [textOf(name), constant(value as List)])),
  'variant.const': ([name, ...rest]) => ({ case: textOf(name), value: inner(rest) }),
  'enum.const': ([name]) => textOf(name),
  'flags.const': (items) => items.map(textOf),
  'option.none': () => null,
  'option.some': (items) => inner(items),
  'result.ok': (items) => ({ ok: inner(items) }),
  'result.err': (items) => ({ error: inner(items) }),
}

/** The value of `(u32.const 1)` and its like. */
export const constant = ({ items: [name, ...rest] }: List): ComponentValue => {
  const kind = String(name)
  if (Object.hasOwn(MAKERS, kind)) return MAKERS[kind]!(rest)
  if (/^[us](?:8|16|32)\.const$/.test(kind)) return Number(integer(rest[0] as string))
  throw new Error(`a value that is not known: ${kind}`)
}

/** Whether a value is what was expected: lists of bytes are the same as lists of numbers, and every NaN is one. */
export const isSame = (value: unknown, expected: ComponentValue): boolean => {
  if (expected === null || typeof expected !== 'object') return Object.is(value, expected)
  if (value instanceof Uint8Array) return isSame([...value], expected)
  if (typeof value !== 'object' || value === null) return false
  const [own, other] = [Object.entries(value), Object.entries(expected)]
  return own.length === other.length &&
    other.every(([name, one]) => isSame((value as Record<string, unknown>)[name], one as ComponentValue))
}
