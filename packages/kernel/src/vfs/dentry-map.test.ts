/** The map by dentry does what the Map of the language does, and its chains stay short. */
import * as fc from 'fast-check'
import type { Dentry, Inode } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { DentryMap } from './dentry-map.ts'
import { LinkedList } from './linked-list.ts'

/** A name; many may share an inode number, as on different file systems. */
const dentry = (i_ino: number): Dentry => ({ d_inode: { i_ino } as Inode }) as Dentry

test('the same as a Map, in content and in order', () => {
  const keys = Array.from({ length: 24 }, (_, i) => dentry(i % 9))
  const step = fc.record({ key: fc.nat(keys.length - 1), value: fc.option(fc.nat(99)) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const map = new DentryMap<number>()
      const model = new Map<Dentry, number>()
      for (const { key, value } of steps) {
        const at = keys[key]!
        if (value === null) {
          map.delete(at)
          model.delete(at)
        } else {
          map.set(at, value)
          model.set(at, value)
        }
        expect([map.size, map.has(at), map.get(at)]).toEqual([model.size, model.has(at), model.get(at) ?? null])
      }
      expect([...map.values()]).toEqual([...model.values()])
      for (const key of keys) expect(map.get(key)).toBe(model.get(key) ?? null)
    }),
  )
})

describe('a list', () => {
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
})
