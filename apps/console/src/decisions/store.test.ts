/** The page's store: what makes room for what, and lists that follow it. */
import { expect, test } from 'vitest'
import { columnNames } from './batch.ts'
import type { Batch } from './batch.ts'
import { feed, textsOf } from './feed.ts'
import { anything, Matches } from './filter.ts'
import type { Filter } from './filter.ts'
import { Rates } from './rate.ts'
import { DecisionStore, KEPT } from './store.ts'

const flood = (store: DecisionStore, decisions: number, isRefused: (number: number) => boolean): void => {
  for (let made = 0; made < decisions; made += 10_000) {
    const length = Math.min(10_000, decisions - made)
    feed(store, Array.from({ length }, (_, row) => ({ verdict: isRefused(store.total + row) ? 1 : 0 })))
  }
}

const listed = (store: DecisionStore, filter: Filter): Matches => {
  const matches = new Matches(store, filter)
  matches.update()
  return matches
}

test('allowed ones make room first: of 150,000 every refusal is kept', () => {
  const store = new DecisionStore()
  const isRefused = (number: number): boolean => number % 1000 === 7
  flood(store, 150_000, isRefused)
  expect(store.leftOut).toEqual({ allowed: 150_000 - KEPT, refused: 0 })
  expect(store.first).toBe(7)
  for (let number = 7; number < 150_000; number += 1000) {
    expect(store.has(number)).toBe(true)
    expect(store.columns.serial[store.at(number)]).toBe(number)
  }
  expect(store.has(8)).toBe(false)
  expect(store.has(150_000)).toBe(false)
})

test.each([
  { what: 'refused alone', isRefused: () => true, leftOut: { allowed: 0, refused: 400_000 - KEPT } },
  { what: 'allowed alone', isRefused: () => false, leftOut: { allowed: 400_000 - KEPT, refused: 0 } },
  {
    what: 'half of them: the last allowed ones stay',
    isRefused: (number: number) => number % 2 === 0,
    // the newest comes on top of an eighth
    leftOut: { allowed: 199_999 - KEPT / 8, refused: 200_001 - (KEPT * 7) / 8 },
  },
  {
    what: 'allowed ones that are older than any refusal stay for nothing',
    isRefused: (number: number) => number > 20_000,
    leftOut: { allowed: 20_001, refused: 400_000 - 20_001 - KEPT },
  },
])('what has to go, $what', ({ isRefused, leftOut }) => {
  const store = new DecisionStore()
  flood(store, 400_000, isRefused)
  expect(store.leftOut).toEqual(leftOut)
  expect(store.allowed.length + store.refused.length).toBe(KEPT)
  expect(store.has(399_999)).toBe(true)
})

test.each([
  ['all', anything, () => true],
  ['refused', { ...anything, verdict: 'refused' }, (number: number) => number % 97 === 0],
  ['allowed', { ...anything, verdict: 'allow' }, (number: number) => number % 97 !== 0],
  ['a range', { ...anything, from: 80_000, to: 80_999 }, (number: number) => number >= 80_000 && number < 81_000],
] as const)('a list of %s has what the store has, newest first, and grows as a new one would', (_, filter, wanted) => {
  const store = new DecisionStore()
  const grown = new Matches(store, filter)
  for (let round = 0; round < 8; round++) {
    flood(store, 31_000, (number) => number % 97 === 0)
    grown.update()
  }
  const fresh = listed(store, filter)
  const expected: number[] = []
  for (let number = store.total - 1; number >= 0; number--) {
    if (wanted(number) && store.has(number)) expected.push(number)
  }
  for (const matches of [grown, fresh]) {
    expect(matches.length).toBe(expected.length)
    const spread = Array.from({ length: 200 }, (__, i) => Math.floor((i * expected.length) / 200))
    for (const place of [0, 1, 2, 96, 97, 98, expected.length - 2, expected.length - 1, ...spread]) {
      if (place < 0 || place >= expected.length) continue
      expect(matches.at(place)).toBe(expected[place])
      expect(matches.indexOf(expected[place]!)).toBe(place)
    }
  }
  expect(fresh.indexOf(1)).toBe(-1)
})

test('the rate counts each decision once, also those that have gone', () => {
  const store = new DecisionStore()
  const rates = new Rates(store)
  for (let round = 0; round < 20; round++) {
    flood(store, 10_000, (number) => number % 5 === 0)
    rates.update()
  }
  const { lines } = rates.series('hook', 199_999, 200)
  expect(lines.map(({ perSecond }) => perSecond.reduce((sum, one) => sum + one, 0))).toEqual([200_000])
})

test('what a call came to reaches its decisions of a batch before', () => {
  const store = new DecisionStore()
  feed(store, [{ verdict: 0 }, { verdict: 1 }])
  store.columns.callSerial.fill(4, 0, 2)
  const none = { count: 0, times: new Float64Array(0), calls: [], missed: 0 }
  const columns = Object.fromEntries(columnNames.map((name) => [name, new Int32Array(0)])) as Batch['columns']
  store.add({ ...none, columns, texts: textsOf([]), answers: [{ serial: 4, answer: -13 }] })
  expect([0, 1].map((number) => store.columns.answer[store.at(number)])).toEqual([-13, -13])
})
