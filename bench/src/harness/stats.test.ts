import { expect, test } from 'vitest'
import { cellsOf } from './compare.ts'
import { target } from './result.ts'
import { figure, median } from './stats.ts'

test.each([
  { values: [3], is: 3 },
  { values: [4, 1], is: 2.5 },
  { values: [9, 1, 5], is: 5 },
])('median of $values is $is', ({ values, is }) => expect(median(values)).toBe(is))

test('the interval of a median leaves out the outermost samples', () => {
  const { value, low, high, n } = figure(Array.from({ length: 25 }, (_, i) => i))
  expect({ value, low, high, n }).toEqual({ value: 12, low: 7, high: 17, n: 25 })
})

test('cells of a table, in the unit asked for', () => {
  const samples = new Map([['a', [1e6, 3e6, 2e6]], ['b', [5e6]]])
  expect(cellsOf(samples, 'ms', 1e-6)).toEqual([
    { name: 'a', unit: 'ms', value: 2, low: 1, high: 3, n: 3 },
    { name: 'b', unit: 'ms', value: 5, low: 5, high: 5, n: 1 },
  ])
})

test('few samples: the interval is their range', () => {
  expect(figure([1, 2, 3])).toMatchObject({ low: 1, high: 3 })
})

test.each([
  { why: 'met outright', at: { value: 1, low: 0.9, high: 1.1, n: 20 }, ok: true },
  { why: 'median within 2 %, better end below', at: { value: 1.06, low: 1.04, high: 1.2, n: 20 }, ok: true },
  { why: 'median too far', at: { value: 1.08, low: 1.0, high: 1.2, n: 20 }, ok: false },
  { why: 'whole interval above', at: { value: 1.06, low: 1.055, high: 1.07, n: 20 }, ok: false },
])('a ratio target of 1.05: $why', ({ at, ok }) => expect(target('t', at, '<=', 1.05).ok).toBe(ok))
