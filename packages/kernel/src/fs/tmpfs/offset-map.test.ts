/** The map by position finds what a plain search finds. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { OffsetMap } from './offset-map.ts'

const at = fc.oneof(fc.nat(70), fc.nat(40_000), fc.nat(2 ** 31 - 1), fc.constantFrom(31, 32, 1023, 1024, 2 ** 31 - 1))

test('the highest that is not beyond', () => {
  const step = fc.record({ at, kind: fc.constantFrom('set', 'set', 'delete', 'ask') })
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const map = new OffsetMap<{ at: number }>()
    const plain = new Map<number, { at: number }>()
    for (const { at: here, kind } of steps) {
      const value = { at: here }
      if (kind === 'set') {
        map.set(here, value)
        plain.set(here, value)
      } else if (kind === 'delete') {
        map.delete(here)
        plain.delete(here)
      }
      const best = [...plain.keys()].filter((key) => key <= here).reduce((most, key) => Math.max(most, key), -1)
      expect(map.atOrBelow(here)).toBe(plain.get(best) ?? null)
    }
  }), { numRuns: 300 })
})
