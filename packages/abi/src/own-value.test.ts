/** Names that every object literal has are names like others. */
import { expect, test } from 'vitest'
import { dictionary, ownValue } from './index.ts'

const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']

test.each(NAMES)('%s is in no table that does not have it', (name) => {
  expect(ownValue({ a: 1 }, name)).toBeUndefined()
  expect(ownValue(undefined, name)).toBeUndefined()
  expect(ownValue({ a: 1 }, 'a')).toBe(1)
  expect(ownValue(JSON.parse(`{ "${name}": 7 }`) as Record<string, number>, name)).toBe(7)
})

test.each(NAMES)('%s fills a dictionary', (name) => {
  const filled = dictionary<number>()
  expect(filled[name]).toBeUndefined()
  filled[name] = 7
  expect(Object.entries(filled)).toEqual([[name, 7]])
  expect(Object.getPrototypeOf(filled)).toBeNull()
})
