import { expect, test } from 'vitest'
import { addedRatio, cellsOf, more, ratio } from './compare.ts'
import { target } from './result.ts'
import { figure, figureOf, median } from './stats.ts'

test.each([
  { values: [3], is: 3 },
  { values: [4, 1], is: 2.5 },
  { values: [9, 1, 5], is: 5 },
])('median of $values is $is', ({ values, is }) => expect(median(values)).toBe(is))

test('the interval of a median leaves out the outermost samples', () => {
  const { value, low, high, n } = figure(Array.from({ length: 25 }, (_, i) => i))
  expect({ value, low, high, n }).toEqual({ value: 12, low: 7, high: 17, n: 25 })
})

test.each([
  // outside: k with 2 P(at most k of n) <= 0.05, by the binomial distribution
  { n: 5, outside: 0 }, { n: 6, outside: 0 }, { n: 8, outside: 0 }, { n: 9, outside: 1 }, { n: 12, outside: 2 },
  { n: 15, outside: 3 }, { n: 48, outside: 16 }, { n: 100, outside: 39 }, { n: 900, outside: 420 },
  { n: 1100, outside: 517 },
])('of $n samples the interval leaves out $outside at either end', ({ n, outside }) => {
  const { low, high } = figure(Array.from({ length: n }, (_, i) => i))
  expect([low, high]).toEqual([outside, n - 1 - outside])
})

test('the samples of one process count as one where there are others', () => {
  const steady = [1, 1.01, 1, 0.99, 1, 1.01, 1, 0.99, 1]
  const processes = [steady, steady.map((value) => value * 2), steady.map((value) => value * 3)]
  expect(figureOf(processes)).toEqual({ value: 2, low: 1, high: 3, n: 27, processes: 3 })
  // many passes of few processes make nothing surer, and one slow pass is not a slow process
  expect(figureOf(processes.map((process) => [...process, ...process, 9]))).toMatchObject({ value: 2, low: 1, high: 3 })
  expect(figureOf([steady])).toEqual({ value: 1, low: 0.99, high: 1.01, n: 9, processes: 1 })
})

test('cells of a table, in the unit asked for', () => {
  const samples = new Map([['a', [[1e6], [3e6], [2e6]]], ['b', [[5e6]]]])
  expect(cellsOf(samples, 'ms', 1e-6)).toEqual([
    { name: 'a', unit: 'ms', value: 2, low: 1, high: 3, n: 3, processes: 3 },
    { name: 'b', unit: 'ms', value: 5, low: 5, high: 5, n: 1, processes: 1 },
  ])
})

test('pairs are made pass by pass, in each pair of processes', () => {
  const samples = new Map([['a', [[2, 4], [30, 60]]], ['b', [[1, 2], [10, 20]]], ['none', [[0, 0], [0, 0]]]])
  expect(ratio(samples, 'a', 'b')).toEqual({ value: 2.5, low: 2, high: 3, n: 4, processes: 2 })
  expect(more(samples, 'a', 'b')).toEqual({ value: 15.75, low: 1.5, high: 30, n: 4, processes: 2 })
  expect(addedRatio(samples, 'a', 'b', 'none', 1)).toMatchObject({ value: 17 / 6, low: 2, high: 3 })
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
