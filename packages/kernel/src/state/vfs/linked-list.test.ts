/** The list whose members know their place. */
import { expect, test } from 'vitest'
import { LinkedList } from './linked-list.ts'

test('keeps the order of coming, whoever goes', () => {
  const list = new LinkedList<number>()
  const nodes = [1, 2, 3, 4, 5].map((value) => list.add(value))
  for (const gone of [0, 2, 4]) list.remove(nodes[gone]!)
  list.add(6)
  expect([list.size, ...list]).toEqual([3, 2, 4, 6])
})

test('may lose what a walk stands on', () => {
  const list = new LinkedList<number>()
  const nodes = new Map([1, 2, 3].map((value) => [value, list.add(value)]))
  const seen: number[] = []
  for (const value of list) {
    seen.push(value)
    list.remove(nodes.get(value)!)
  }
  expect([seen, list.size, [...list]]).toEqual([[1, 2, 3], 0, []])
})
