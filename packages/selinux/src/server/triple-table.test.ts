import { array, assert, integer, oneof, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { TripleTable } from './triple-table.ts'

test('keeps what a Map keeps, however it grows', () => {
  const number = oneof(integer({ min: 0, max: 5 }), integer({ min: 0, max: 0xffff }))
  const entry = tuple(
    number, number, integer({ min: 1, max: 0xffff }), integer({ min: 0, max: 15 }),
    integer({ min: 1, max: 0x7fffffff }),
  )
  assert(property(array(entry, { maxLength: 400 }), (entries) => {
    const table = new TripleTable()
    const map = new Map<string, number>()
    for (const [source, target, tclass, kind, value] of entries) {
      const key = `${source} ${target} ${tclass} ${kind}`
      expect(table.set(source, target, tclass, kind, value)).toBe(map.get(key) ?? 0)
      map.set(key, value)
    }
    expect(table.size).toBe(map.size)
    for (const [source, target, tclass, kind] of entries) {
      expect(table.get(source, target, tclass, kind)).toBe(map.get(`${source} ${target} ${tclass} ${kind}`))
      expect(table.get(target, source, tclass, kind)).toBe(map.get(`${target} ${source} ${tclass} ${kind}`) ?? 0)
    }
  }))
})
