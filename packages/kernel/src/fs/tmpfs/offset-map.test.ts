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

test('a few that move on to ever higher positions, over every level of the tree', () => {
  const map = new OffsetMap<{ at: number }>()
  const width = 3
  let plain: { at: number }[] = []
  for (let step = 0; step < 3000; step++) {
    // every step of its own, so that branches are left and taken again at each height
    const next = { at: (plain.at(-1)?.at ?? 0) + 1 + (step % 7 === 0 ? 31 * step : 0) }
    map.set(next.at, next)
    plain.push(next)
    for (const { at: gone } of plain.slice(0, -width)) map.delete(gone)
    plain = plain.slice(-width)
    const found = [...plain, { at: next.at + 40 }].map(({ at: here }) => map.atOrBelow(here))
    if (found.some((value, i) => value !== plain[Math.min(i, plain.length - 1)])) expect.fail(`step ${step}`)
    if (map.atOrBelow(plain[0]!.at - 1) !== null) expect.fail(`step ${step}: something is left`)
  }
})
