/** Modules of more things than any program has are refused before anything is made of them. */
import { describe, expect, test } from 'vitest'
import { compileProgram } from '../compile.ts'
import { leb } from './leb128.ts'
import { assertFew } from './counts.ts'
import { joinSections } from './sections.ts'

/** A section of so many entries that are all the same. */
const many = (id: number, count: number, entry: readonly number[]) => {
  const body = new Uint8Array(leb(count).length + count * entry.length)
  body.set(leb(count))
  for (let i = 0; i < count; i++) body.set(entry, body.length - (count - i) * entry.length)
  return { id, body }
}
const TYPES = many(1, 1, [0x60, 0, 0])

describe.each([
  { what: 'types', id: 1, most: 100_000, entry: [0x60, 0, 0], before: [] },
  { what: 'imports', id: 2, most: 100_000, entry: [0, 0, 0, 0], before: [TYPES] },
  { what: 'functions', id: 3, most: 250_000, entry: [0], before: [TYPES] },
  { what: 'globals', id: 6, most: 100_000, entry: [0x7f, 0, 0x41, 0, 0x0b], before: [] },
  { what: 'exports', id: 7, most: 100_000, entry: [0, 0, 0], before: [TYPES] },
  { what: 'kinds of exceptions', id: 13, most: 100_000, entry: [0, 0], before: [TYPES] },
])('$what', ({ what, id, most, entry, before }) => {
  test('as many as there may be, and one more', () => {
    assertFew(joinSections([...before, many(id, most, entry)]))
    const more = joinSections([...before, many(id, most + 1, entry)])
    const refused = expect.objectContaining({
      code: 'unsupported-module', message: `the program has ${most + 1} ${what}, ${most} are allowed`,
    })
    expect(() => compileProgram(more)).toThrow(refused)
    expect(() => compileProgram(more, { memory: 1 })).toThrow(refused)
  })
})

test('sections that engines pass over', () => {
  const of = (count: number) => joinSections(Array.from({ length: count }, () => ({ id: 0, body: Uint8Array.of(0) })))
  compileProgram(of(10_000), { loops: true })
  expect(() => compileProgram(of(10_001), { loops: true })).toThrow('the program has more than 10000 sections')
})
