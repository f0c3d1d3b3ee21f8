import { assert, integer, property, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Ebitmap } from './ebitmap.ts'

const bits = uniqueArray(integer({ min: 0, max: 700 }), { maxLength: 60 })
const ascending = (values: Iterable<number>) => [...values].sort((a, b) => a - b)

describe('a set of bits', () => {
  test('is what it was made of', () => {
    assert(property(bits, (values) => {
      const set = Ebitmap.of(values)
      expect([...set]).toEqual(ascending(values))
      expect(set.size).toBe(values.length)
      expect(set.max).toBe(Math.max(-1, ...values))
      expect(set.isEmpty).toBe(values.length === 0)
      expect(set.highbit).toBe(values.length === 0 ? 0 : ((set.max >>> 6) + 1) * 64)
      for (let bit = 0; bit < 720; bit++) expect(set.has(bit)).toBe(values.includes(bit))
    }))
  })

  test('compares like a Set', () => {
    assert(property(bits, bits, (some, others) => {
      const [a, b] = [Ebitmap.of(some), Ebitmap.of(others)]
      const common = some.filter((bit) => others.includes(bit))
      expect([...a.intersection(b)]).toEqual(ascending(common))
      expect(a.intersects(b)).toBe(common.length > 0)
      expect(a.contains(b)).toBe(common.length === others.length)
      expect(a.equals(b)).toBe(common.length === some.length && some.length === others.length)
      expect(a.equals(Ebitmap.of([...some].reverse()))).toBe(true)
    }))
  })

  test('fills words, and no further than they go', () => {
    const words = new Uint32Array(2)
    Ebitmap.of([0, 31, 32, 63, 64, 200]).copyInto(words)
    expect([...words]).toEqual([0x80000001, 0x80000001])
  })
})
