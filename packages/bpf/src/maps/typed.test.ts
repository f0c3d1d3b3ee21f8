/** Maps of an object with types: keys and values as JavaScript has them, and maps made together. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mapOf, openObject, resizeMap } from '../object/index.ts'
import { BpfMemory } from '../vm/memory.ts'
import { createMaps, MapHandle, MapSpace } from './index.ts'
import type { ArrayOfMaps, Pins, Value } from './index.ts'

const inner = { type: 2, keySize: 4, valueSize: 8, maxEntries: 2 }
const open = () =>
  openObject(readFileSync(new URL('../../objects/everything.o', import.meta.url)), { innerMaps: { told_later: inner } })
const newSpace = () => new MapSpace(new BpfMemory({ readOnly: 8 << 20, data: 16 << 20 }))

const made = () => {
  const object = open()
  const space = newSpace()
  const maps = createMaps(object, space)
  const handle = (name: string): MapHandle =>
    new MapHandle(maps[object.maps.indexOf(mapOf(object, name))]!, object.btf, space.memory)
  return { object, space, maps, handle }
}

test('structs are objects, bit-fields numbers, text text; what is left out is zero', () => {
  const table = made().handle('table')
  table.set({ pid: 1 }, { count: 5n, last: -3, rest: 1000, name: 'init', low: 7 })
  expect(table.get({ pid: 1, tag: [0, 0, 0, 0] })).toEqual(
    { count: 5n, last: -3, rest: 1000, name: 'init', low: 7, high: 0 },
  )
  expect(table.get({ pid: 2 })).toBeUndefined()
  expect([...table.keys()]).toEqual([{ pid: 1, tag: [0, 0, 0, 0] }])
})

test.each<[string, Value, Value, RegExp]>([
  ['a member there is none of', { pid: 1, tid: 2 }, {}, /key: `key` has no member `tid`/],
  ['a number that does not fit', { pid: 2 ** 32 }, {}, /key.pid: 4294967296 does not fit 32 bits/],
  ['text that is too long', { pid: 1 }, { name: 'x'.repeat(17) }, /value.name: text of 17 bytes for 16/],
  ['a number for a struct', 7, {}, /key: is not an object/],
  ['half a number', { pid: 1.5 }, {}, /is not an integer/],
  ['bytes of another size', { pid: 1 }, new Uint8Array(3), /3 bytes for a value of 32/],
])('%s is refused with its place', (_, key, value, message) => {
  expect(() => made().handle('table').set(key, value)).toThrow(message)
})

test('sections of data are one value of all their variables', () => {
  const { handle } = made()
  expect(handle('.data').get(0)).toEqual({ counter: 40n })
  expect(handle('.rodata').get(0)).toEqual({ limit: 7, greeting: 'hello' })
})

test('a variable of a section is changed alone', () => {
  const { handle } = made()
  handle('.bss').set(0, { zeroed: [1, 2, 3, 4] })
  handle('.data').set(0, {})
  expect([handle('.bss').get(0), handle('.data').get(0)]).toEqual([{ zeroed: [1, 2, 3, 4] }, { counter: 40n }])
  handle('.data').set(0, { counter: 41n })
  expect(handle('.data').get(0)).toEqual({ counter: 41n })
  expect(() => handle('.data').set(0, { hidden: 1n })).toThrow(/`.data` has no variable `hidden`/)
  expect(() => handle('.rodata').set(0, { limit: 1 })).toThrow(expect.objectContaining({ errno: -1 }))
})

test('inner maps are put where the file says', () => {
  const { object, maps, space } = made()
  const outer = maps[object.maps.indexOf(mapOf(object, 'outer'))] as ArrayOfMaps
  const key = space.memory.alloc(8)
  const names = [0, 1, 2].map((index) => {
    space.memory.view.setUint32(key, index, true)
    return space.at(outer.lookup(key))?.name ?? null
  })
  expect(names).toEqual(['first_inner', null, 'second_inner'])
})

test('pinned maps outlive their object, unless they differ', () => {
  const object = open()
  const pins: Pins = new Map()
  const space = newSpace()
  const pinned = { ...object, maps: object.maps.map((map) => (map.symbol === 'table' ? { ...map, pinning: 1 } : map)) }
  const index = pinned.maps.findIndex(({ symbol }) => symbol === 'table')
  const first = createMaps(pinned, space, pins)[index]!
  expect(pins.get('table') === first).toBe(true)
  expect(createMaps(pinned, space, pins)[index] === first).toBe(true)
  const used = space.used
  const larger = {
    ...pinned, maps: pinned.maps.map((map) => (map.symbol === 'table' ? { ...map, maxEntries: 65 } : map)),
  }
  expect(() => createMaps(larger, space, pins)).toThrow(/table: is pinned with other parameters/)
  expect(space.used).toBe(used)
})

test('when one map cannot be made, none is left', () => {
  const object = open()
  resizeMap(object, 'line', { maxEntries: 0 })
  const space = newSpace()
  expect(() => createMaps(object, space)).toThrow(expect.objectContaining({ code: 'bad-map', errno: -22 }))
  expect([space.used, [...space.all()]]).toEqual([0, []])
})
