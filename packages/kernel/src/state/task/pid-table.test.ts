/** The table does what a Map by number does, and lists by rising number. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { PidTable } from './pid-table.ts'

test('the same as a Map', () => {
  const nr = fc.oneof(fc.nat(200), fc.constantFrom(63, 64, 32767, 4194303))
  const step = fc.record({ nr, value: fc.option(fc.string({ minLength: 1 })) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const table = new PidTable<string>()
      const model = new Map<number, string>()
      for (const { nr: at, value } of steps) {
        if (value === null) {
          table.delete(at)
          model.delete(at)
        } else {
          table.set(at, value)
          model.set(at, value)
        }
        expect([table.get(at), table.has(at), table.size]).toEqual([model.get(at) ?? null, model.has(at), model.size])
      }
      const rising = [...model].sort(([a], [b]) => a - b).map(([, value]) => value)
      expect([...table.values()]).toEqual(rising)
    }),
  )
})

test.each([-1, -2147483648, 0, 1.5, NaN, Infinity, 2 ** 31, 2 ** 32 + 1, 2 ** 40])('nobody is %d', (nr) => {
  const table = new PidTable<string>()
  table.set(1, 'one')
  expect(table.get(nr)).toBeNull()
})
