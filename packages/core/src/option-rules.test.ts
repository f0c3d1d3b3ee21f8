import { describe, expect, test } from 'vitest'
import { LsmkitError } from './errors.ts'
import {
  aBoolean, aFunction, aNumber, anything, aString, bytes, checkOptions, either, instanceOf, listOf, nameOf, oneOf,
  OptionError, optionsOf, orNull, recordOf, required, wholeNumber,
} from './option-rules.ts'
import type { OptionRule } from './option-rules.ts'

const told = (value: unknown, rule: OptionRule): string | null => {
  try {
    checkOptions({ it: value }, { it: rule }, 'make')
    return null
  } catch (error) {
    return String(error)
  }
}
const nested = optionsOf({ size: wholeNumber(1), names: listOf(aString) })

describe('a value that is right', () => {
  test.each<[unknown, OptionRule]>([
    [undefined, aString], ['', aString], [false, aBoolean], [() => 0, aFunction], [Infinity, aNumber(0)],
    [3, wholeNumber(3, 3)], [new Uint8Array(0), bytes], [null, orNull(aString)], ['b', oneOf('a', 'b')],
    ['file_open', nameOf(['file_open'], 'hook')], [new Date(), instanceOf(Date, Map)], [['a'], listOf(aString)],
    [{ a: 1 }, recordOf(wholeNumber(0))], [{ size: 1, names: [] }, nested], [Symbol('x'), anything],
    [{ size: 1 }, either(aString, nested)],
  ])('%j', (value, rule) => expect(told(value, rule)).toBeNull())
})

describe('a value that is not', () => {
  test.each<[unknown, OptionRule, string]>([
    [null, aString, 'make: `it` is not a string'],
    [undefined, required(aString, 'make({ it: "x" })'), 'make: `it` is not a string (make({ it: "x" }))'],
    [NaN, aNumber(0), 'make: `it` is not a number of at least 0'],
    [1.5, wholeNumber(1), 'make: `it` is not a whole number of at least 1'],
    [4, wholeNumber(1, 3), 'make: `it` is not a whole number from 1 to 3'],
    ['c', oneOf('a', 'b'), 'make: `it` is not one of a, b'],
    ['file_opne', nameOf(['file_open'], 'hook'), 'make: `it` is not a hook (did you mean `file_open`?)'],
    [{}, instanceOf(Date, Map), 'make: `it` is not a Date or a Map'],
    [['a', 1], listOf(aString), 'make: `it[1]` is not a string'],
    [{ a: 'x' }, recordOf(wholeNumber(0)), 'make: `it.a` is not a whole number of at least 0'],
    [[], nested, 'make: `it` is not an object'],
    [{ siez: 1 }, nested, 'make: it: there is no option `siez` (did you mean `size`?)'],
    [{ size: 0 }, either(aString, nested), 'make: it: `size` is not a whole number of at least 1'],
    [{ names: ['a', null] }, nested, 'make: it: `names[1]` is not a string'],
    [[{}, { siez: 1 }], listOf(nested), 'make: it[1]: there is no option `siez` (did you mean `size`?)'],
  ])('%j', (value, rule, text) => expect(told(value, rule)).toBe(text))
})

test('names that every object has are no options', () => {
  expect(() => checkOptions({ toString: () => '' }, { it: aString }, 'make')).toThrow(OptionError)
  expect(() => checkOptions(JSON.parse('{"__proto__": 1}'), { it: aString }, 'make')).toThrow(OptionError)
})

test.each<[what: string, given: object]>([
  ['enumerable', Object.defineProperty({}, 'zzz', { value: 1 })],
  ['its own, but of a prototype', Object.create({ zzz: 1 })],
])('a field that is not %s is looked at', (_what, given) => {
  expect(() => checkOptions(given, { it: aString }, 'make')).toThrow('there is no option `zzz`')
})

test('what somebody has put on the prototype of all objects is not', () => {
  Reflect.defineProperty(Object.prototype, 'zzz', { value: 1, enumerable: true, configurable: true, writable: true })
  try {
    expect(() => checkOptions({ it: 'a' }, { it: aString }, 'make')).not.toThrow()
  } finally {
    delete (Object.prototype as { zzz?: unknown }).zzz
  }
})

test.each([new Map([['it', 'a']]), new Set(), Promise.resolve({}), new Date(), new Error('x'), [], new Uint8Array(1)])(
  'the fields of %s are never looked at: it is refused',
  (given) => {
    expect(() => checkOptions(given, { it: aString }, 'make')).toThrow('`make` takes one object')
    expect(told(given, optionsOf({ it: aString }))).toBe('make: `it` is not an object')
    expect(told(given, recordOf(aString))).toBe('make: `it` is not an object')
  },
)

test('a class of yours may hold options, and so may an object without a prototype', () => {
  class Options { it = 'a'; method(): void {} }
  expect(() => checkOptions(new Options(), { it: aString }, 'make')).not.toThrow()
  expect(() => checkOptions(Object.assign(Object.create(null), { it: 'a' }), { it: aString }, 'make')).not.toThrow()
})

test('the error is one of lsmkit, and safe to print', () => {
  const act = () => checkOptions({ '\x1b[2J': 1 }, { it: aString }, 'make')
  expect(act).toThrow(LsmkitError)
  expect(act).toThrow('there is no option `\\x1b[2J`')
})
