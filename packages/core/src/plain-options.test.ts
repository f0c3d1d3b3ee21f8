/** Options copied once: no getter is read twice, and nothing but own fields with names is taken. */
import { describe, expect, test } from 'vitest'
import { aBoolean, anything, listOf, aString, OptionError, recordOf, wholeNumber } from './option-rules.ts'
import { plainCopy, plainOptions } from './plain-options.ts'
import type { OptionShape } from './plain-options.ts'

interface Options {
  readonly port?: number
  readonly names?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly any?: unknown
}
const shape: OptionShape<Options> = {
  takes: { port: wholeNumber(0), names: listOf(aString), env: recordOf(aString), any: anything },
  refuses: { path: 'nobody is asked', shell: { why: 'names are looked up', but: [false] } },
}
const take = (given: unknown): Options => plainOptions(given as Options, shape, 'connect')

/** Answers 1, 2, 3 … to whoever reads it. */
const counter = (): { reads: number; get port(): number } => ({
  reads: 0,
  get port() {
    return ++this.reads
  },
})

describe('what is copied', () => {
  test('each getter is read once, and the copy answers the same ever after', () => {
    const given = counter()
    Object.defineProperty(given, 'reads', { enumerable: false, value: 0, writable: true })
    const copy = plainOptions(given, { takes: { port: wholeNumber(0), reads: wholeNumber(0) } }, 'x')
    expect([copy.port, copy.port, given.reads]).toEqual([1, 1, 1])
  })

  test('every trap of a proxy is asked once for a key, at every depth', () => {
    const reads: string[] = []
    const watched = (value: object, path: string): object => new Proxy(value, {
      get: (target, key) => {
        const name = `${path}.${String(key)}`
        reads.push(name)
        const one = Reflect.get(target, key) as unknown
        return typeof one === 'object' && one !== null ? watched(one, name) : one
      },
    })
    const copy = take(watched({ port: 1, names: ['a', 'b'], env: { A: 'b' } }, ''))
    expect(copy).toEqual({ port: 1, names: ['a', 'b'], env: { A: 'b' } })
    expect(reads.length).toBe(new Set(reads).size)
    const before = reads.length
    expect(JSON.stringify(copy)).toBe('{"port":1,"names":["a","b"],"env":{"A":"b"}}')
    expect(reads).toHaveLength(before)
  })

  test('objects of a class stay as they are, fields have no prototype', () => {
    const [bytes, date] = [new Uint8Array(2), new Date()]
    const { any, env } = take({ any: { bytes, date }, env: JSON.parse('{"__proto__":"x"}') as object })
    expect([(any as { bytes: unknown }).bytes, (any as { date: unknown }).date]).toEqual([bytes, date])
    expect((any as { bytes: unknown }).bytes).toBe(bytes)
    expect(Object.getPrototypeOf(env)).toBeNull()
    expect(Object.entries(env!)).toEqual([['__proto__', 'x']])
  })

  test.each([[undefined], [null]])('%j gives none', (given) => expect(Object.keys(take(given))).toEqual([]))
})

const cycle: Record<string, unknown> = {}
cycle['any'] = cycle
class Subclass {
  readonly port = 1
}

test.each<[string, unknown, string, string]>([
  ['a misspelt name', { prot: 1 }, 'unknown-option', 'there is no option `prot`'],
  ['a refused name', { path: '/x' }, 'refused-option', '`path` is not taken: nobody is asked'],
  ['a refused name that is null', { path: null }, 'refused-option', '`path` is not taken'],
  ['a refused value', { shell: true }, 'refused-option', '`shell` is not taken: names are looked up'],
  ['a refused value that is empty', { shell: '' }, 'refused-option', '`shell` is not taken'],
  ['a refused name that cannot be seen', Object.defineProperty({}, 'path', { value: 'x' }), 'refused-option', 'path'],
  ['a symbol', { [Symbol.iterator]: 1 }, 'unknown-option', 'there is no option `Symbol(Symbol.iterator)`'],
  ['a symbol inside', { any: { [Symbol('s')]: 1 } }, 'unknown-option', 'there is no option `any.Symbol(s)`'],
  ['inherited fields', Object.create({ port: 1 }), 'bad-option', 'options are inherited'],
  ['inherited fields behind nothing', Object.create(Object.create(null, { port: { value: 1, enumerable: true } })),
    'bad-option', 'options are inherited'],
  ['a class', new Subclass(), 'bad-option', 'options are inherited'],
  ['a map', new Map([['port', 1]]), 'bad-option', 'options are inherited'],
  ['a list', [1], 'bad-option', '`connect` takes one object'],
  ['a text', '/path', 'bad-option', '`connect` takes one object'],
  ['a number', 80, 'bad-option', '`connect` takes one object'],
  ['a wrong type', { port: '1' }, 'bad-option', '`port` is not a whole number'],
  ['a number that is an object', { port: { valueOf: () => 1 } }, 'bad-option', '`port` is not a whole number'],
  ['a cycle', cycle, 'bad-option', 'levels'],
  ['a list without an end', { names: new Proxy([], { get: () => Infinity }) }, 'bad-option', 'entries'],
])('%s is an error', (_, given, code, message) => {
  expect(() => take(given)).toThrow(OptionError)
  expect(() => take(given)).toThrow(expect.objectContaining({
    code, place: 'connect', message: expect.stringContaining(message),
  }))
})

test.each([[{ shell: false }], [{ shell: undefined, path: undefined }]])('%j says nothing', (given) =>
  expect(Object.keys(take(given))).toEqual([]))

test('a copy of what is not an object is itself', () => {
  expect(plainCopy('x', 'p')).toBe('x')
  expect(plainOptions({ a: true }, { takes: { a: aBoolean } }, 'p')).toEqual({ a: true })
})
