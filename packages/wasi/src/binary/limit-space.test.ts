import { describe, expect, test } from 'vitest'
import { i32, op, testModule } from '../testing/module.ts'
import { leb } from './leb128.ts'
import { limitSpace } from './limit-space.ts'

/** As many pages, and as much for tables. */
const limitMemory = (bytes: Uint8Array<ArrayBuffer>, pages: number) => limitSpace(bytes, pages * 65536, pages * 65536)

/** Exports `grow`: what memory.grow of so many pages answers. */
const growing = (initial: number, maximum?: number) =>
  testModule({
    memory: maximum === undefined ? [initial] : [initial, maximum],
    functions: { grow: { signature: 'i:i', code: [op.local_get, 0, op.memory_grow, 0] } },
  })

const growOf = (bytes: Uint8Array<ArrayBuffer>) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.grow as (pages: number) => number

test.each([
  { declared: [1], limit: 4, asked: 3, answer: 1, reason: 'up to the limit' },
  { declared: [1], limit: 4, asked: 4, answer: -1, reason: 'one page over' },
  { declared: [1, 100], limit: 4, asked: 4, answer: -1, reason: 'a higher maximum is lowered' },
  { declared: [1, 2], limit: 4, asked: 2, answer: -1, reason: 'a lower maximum stays' },
  { declared: [4], limit: 4, asked: 0, answer: 4, reason: 'all of it at once' },
])('$declared with $limit, grow $asked -> $answer: $reason', ({ declared, limit, asked, answer }) => {
  const [initial, maximum] = declared as [number, number?]
  expect(growOf(limitMemory(growing(initial, maximum), limit))(asked)).toBe(answer)
})

test('asking for more to begin with is refused', () => {
  expect(() => limitMemory(growing(5), 4)).toThrow(expect.objectContaining({ code: 'memory-limit' }))
})

test('a module without memory and tables comes back as it is', () => {
  const bytes = testModule({ functions: { f: { code: i32(1).concat(op.drop) } } })
  expect(limitMemory(bytes, 1)).toEqual(bytes)
})

test('more than addresses reach is all that they reach', () => {
  expect(growOf(limitMemory(growing(1), 1e9))(0)).toBe(1)
})

const FUNCREF = 0x70
const EXTERNREF = 0x6f
/** Exports `grow0`, `grow1`, …: what table.grow of so many entries answers. */
const tabled = (tables: readonly (readonly number[])[]) =>
  testModule({
    functions: Object.fromEntries(tables.map((table, i) => [`grow${i}`, {
      signature: 'i:i', code: [0xd0, table.find((byte) => byte !== 0x40 && byte !== 0) as number, op.local_get, 0,
        ...op.table_grow, i],
    }])),
    sections: { 4: [tables.length, ...tables.flat()] },
  })
const instanceOf = (bytes: Uint8Array<ArrayBuffer>) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<string, (entries: number) => number>

describe('tables: one page is 1638 entries', () => {
  test.each([
    { tables: [[FUNCREF, 0, 10]], grow: [1612], answers: [10], reason: 'all but 16 for the table itself' },
    { tables: [[FUNCREF, 0, 10]], grow: [1613], answers: [-1], reason: 'one over' },
    { tables: [[FUNCREF, 1, 10, 0x80, 0x80, 0x80, 4]], grow: [1613], answers: [-1], reason: 'a maximum is lowered' },
    { tables: [[FUNCREF, 1, 10, 12]], grow: [3], answers: [-1], reason: 'a lower maximum stays' },
    { tables: [[FUNCREF, 0, 0], [EXTERNREF, 0, 0]], grow: [803, 803], answers: [0, 0], reason: 'equal parts' },
    { tables: [[FUNCREF, 0, 0], [EXTERNREF, 0, 0]], grow: [804, 804], answers: [-1, -1], reason: 'and no more' },
    { tables: [[FUNCREF, 1, 6, 6], [EXTERNREF, 0, 0]], grow: [0, 1600], answers: [6, 0],
      reason: 'what one does not need goes to the next' },
    { tables: [[0x40, 0, FUNCREF, 0, 10, 0xd0, FUNCREF, 0x0b]], grow: [1613], answers: [-1],
      reason: 'a first value given' },
  ])('$tables, grow $grow -> $answers: $reason', ({ tables, grow, answers }) => {
    const exports = instanceOf(limitMemory(tabled(tables), 1))
    expect(grow.map((entries, i) => exports[`grow${i}`]!(entries))).toEqual(answers)
  })

  test('never more than 2^20, however much memory there may be', () => {
    const { grow0 } = instanceOf(limitMemory(tabled([[FUNCREF, 0, 0]]), 65536))
    expect([grow0!(2 ** 20), grow0!(2 ** 20 - 16)]).toEqual([-1, 0])
  })

  test.each([
    { what: 'more entries', tables: [[FUNCREF, 0, ...leb(1623)]] },
    { what: 'more tables', tables: Array.from({ length: 103 }, () => [FUNCREF, 0, 0]) },
  ])('$what than allowed are refused', ({ tables }) => {
    expect(() => limitMemory(tabled(tables), 1)).toThrow(expect.objectContaining({ code: 'memory-limit' }))
  })

  const firsts = (count: number) => Array<number>(count).fill(0)
  const nulls = (count: number) => Array.from({ length: count }, () => [0xd0, FUNCREF, 0x0b]).flat()
  test.each([
    { what: 'active', head: [0, ...i32(0), 0x0b], entries: firsts },
    { what: 'passive', head: [1, 0], entries: firsts },
    { what: 'active, of a table', head: [2, 0, ...i32(0), 0x0b, 0], entries: firsts },
    { what: 'passive, of expressions', head: [5, FUNCREF], entries: nulls },
    { what: 'active, of expressions', head: [6, 0, ...i32(0), 0x0b, FUNCREF], entries: nulls },
  ])('segments of elements count together: $what', ({ head, entries }) => {
    const module = (count: number) => testModule({
      functions: { f: { code: [] } },
      sections: { 4: [1, FUNCREF, 0, ...leb(1600)], 9: [2, 1, 0, ...leb(100), ...Array<number>(100).fill(0),
        ...head, ...leb(count), ...entries(count)] },
    })
    instanceOf(limitMemory(module(1538), 1))
    expect(() => limitMemory(module(1539), 1)).toThrow(expect.objectContaining({ code: 'memory-limit' }))
  })

  test.each([
    { what: 'a 64-bit table', table: [FUNCREF, 4, 0] },
    { what: 'a shared table', table: [FUNCREF, 2, 0] },
  ])('$what is refused', ({ table }) => {
    expect(() => limitMemory(tabled([table]), 1)).toThrow(expect.objectContaining({ code: 'unsupported-module' }))
  })
})

const nothing = { f: { code: [] } }
test.each([
  { what: 'a struct', of: { functions: nothing, types: [[0x5f, 1, 0x7f, 1]] }, says: 'garbage-collected types' },
  { what: 'an array', of: { functions: nothing, types: [[0x5e, 0x7f, 1]] }, says: 'garbage-collected types' },
  { what: 'a group of types', of: { functions: nothing, types: [[0x4e, 1, 0x5f, 0]] },
    says: 'garbage-collected types' },
  { what: 'a type that others extend', of: { functions: nothing, types: [[0x50, 0, 0x5f, 0]] },
    says: 'garbage-collected types' },
  ...[[0x69], [0x6f], [0x63, 0x69]].map((type) => ({
    what: `an exception with a reference (${type})`,
    of: { functions: nothing, types: [[0x60, 1, ...type, 0]], sections: { 13: [1, 0, 1] } }, says: 'carry references',
  })),
  { what: 'an exception of many values',
    of: { functions: nothing, types: [[0x60, 17, ...Array<number>(17).fill(0x7e), 0]], sections: { 13: [1, 0, 1] } },
    says: 'carry more than 16 values' },
  ...[[0x69], [0x74], [0x63, 0x69], [0x64, 0xe9, 0x7f]].map((type) => ({
    what: `a table of exceptions (${type})`, of: { functions: nothing, sections: { 4: [1, ...type, 0, 1] } },
    says: 'lie in a table',
  })),
  { what: 'a global exception', of: { functions: nothing, sections: { 6: [1, 0x69, 1, 0xd0, 0x69, 0x0b] } },
    says: 'lie in a global' },
])('$what is refused with a sentence', ({ of, says }) => {
  expect(() => limitMemory(testModule(of), 1))
    .toThrow(expect.objectContaining({ code: 'unsupported-module', message: expect.stringContaining(says) }))
})

test('exceptions and globals of numbers stay', () => {
  const bytes = testModule({
    functions: { f: { code: [op.try, op.void, ...i32(1), 0x08, 0, op.catch_all, op.end] } },
    types: [[0x60, 1, 0x7f, 0]],
    sections: { 6: [1, 0x7f, 1, ...i32(3), 0x0b], 13: [1, 0, 1] },
  })
  expect(limitMemory(bytes, 1)).toEqual(bytes)
  expect(instanceOf(bytes).f!(0)).toBeUndefined()
})

test.each([
  { what: 'nothing', bytes: [], code: 'not-a-module' },
  { what: 'text', bytes: [0x23, 0x21, 0x2f, 0x62], code: 'not-a-module' },
  { what: 'a component', bytes: [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], code: 'not-a-module' },
  { what: 'a section longer than the file', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 0x7f, 1],
    code: 'malformed-module' },
  { what: 'an endless integer', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
    code: 'malformed-module' },
  { what: 'a cut memory section', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 2, 1, 1], code: 'malformed-module' },
  { what: 'a second memory', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 1, 0, 1],
    code: 'unsupported-module' },
  { what: 'a 64-bit memory', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 1], code: 'unsupported-module' },
])('$what is $code', ({ bytes, code }) => {
  expect(() => limitMemory(Uint8Array.from(bytes), 1)).toThrow(expect.objectContaining({ code }))
})

test('every truncation of a module is an error or a module, never a hang', () => {
  const whole = growing(1)
  const errors = Array.from({ length: whole.length }, (_, length) => {
    try {
      limitMemory(whole.slice(0, length), 1)
      return 'ProgramError'
    } catch (error) {
      return (error as Error).name
    }
  })
  expect(new Set(errors)).toEqual(new Set(['ProgramError']))
})
