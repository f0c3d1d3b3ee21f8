import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { NameTransitions } from './name-transitions.ts'

const TYPES = 200
const type = integer({ min: 1, max: TYPES })
const transition = record({
  name: constantFrom('a', 'b', ''), target: integer({ min: 1, max: 3 }), tclass: integer({ min: 1, max: 2 }),
  results: array(record({
    sources: uniqueArray(type, { minLength: 1, maxLength: 80 }).map((values) => Ebitmap.of(values.map((v) => v - 1))),
    type,
  }), { minLength: 1, maxLength: 4 }),
})

test('a source gets the type of the first rule that names it, as from a plain list', () => {
  let found = 0
  assert(property(array(transition, { maxLength: 12 }), (transitions) => {
    const plain = new Map<string, number>()
    for (const { name, target, tclass, results } of transitions) {
      for (const { sources, type: given } of results) {
        for (const bit of sources) {
          const key = `${bit + 1} ${target} ${tclass} ${name}`
          if (!plain.has(key)) plain.set(key, given)
        }
      }
    }
    const table = new NameTransitions(transitions)
    found += plain.size
    for (let source = 1; source <= TYPES; source += 3) {
      for (const name of ['a', 'b', '', 'c']) {
        for (const target of [1, 2, 3]) {
          expect(table.find(source, target, 2, name)).toBe(plain.get(`${source} ${target} 2 ${name}`) ?? 0)
        }
      }
    }
  }), { numRuns: 30 })
  expect(found).toBeGreaterThan(300)
})
