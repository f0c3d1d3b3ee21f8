/** A link's decision is found, whenever it comes, between whichever two looks. */
import { expect, test } from 'vitest'
import { feed } from './feed.ts'
import { anything, Matches } from './filter.ts'
import { PickSearch } from './pick-search.ts'
import { DecisionStore } from './store.ts'

const name = (number: number): string => (number === 3 ? 'wanted' : 'other')
const four = Array.from({ length: 4 }, () => ({ verdict: 1 }))

test('what arrives after the list was updated is found by the next search', () => {
  const store = new DecisionStore()
  const matches = new Matches(store, anything)
  const search = new PickSearch()
  matches.update()
  feed(store, four)
  expect(search.find(matches, name, 'wanted')).toBe(null)
  matches.update()
  expect(search.find(matches, name, 'wanted')).toBe(3)
})

test('another list and another name are searched from their beginning', () => {
  const store = new DecisionStore()
  const matches = new Matches(store, anything)
  const search = new PickSearch()
  feed(store, four)
  matches.update()
  expect(search.find(matches, name, 'nothing')).toBe(null)
  expect(search.find(matches, name, 'wanted')).toBe(3)
  const wider = new Matches(store, anything)
  wider.update()
  expect(search.find(wider, name, 'wanted')).toBe(3)
})

test('a decision is compared once', () => {
  const store = new DecisionStore()
  const matches = new Matches(store, anything)
  const search = new PickSearch()
  const compared: number[] = []
  for (let round = 0; round < 3; round++) {
    feed(store, [{ verdict: 1 }])
    matches.update()
    search.find(matches, (number) => (compared.push(number), 'other'), 'wanted')
  }
  expect(compared).toEqual([0, 1, 2])
})
