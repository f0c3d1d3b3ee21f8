/** The same as a Map, below and above the number up to which attributes are chained. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { SimpleXattrs } from './simple-xattrs.ts'

test.each([4, 8, 9, 20])('%i names at most: the same as a Map', (most) => {
  const step = fc.record({ name: fc.nat(most - 1), value: fc.option(fc.uint8Array({ maxLength: 3 })) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const xattrs = new SimpleXattrs()
      const model = new Map<string, Uint8Array>()
      for (const { name, value } of steps) {
        const text = `user.${name}`
        if (value === null) {
          xattrs.delete(text)
          model.delete(text)
        } else {
          xattrs.set(text, value)
          model.set(text, value)
        }
        expect(xattrs.get(text)).toBe(model.get(text) ?? null)
      }
      expect(xattrs.names()).toEqual([...model.keys()])
      for (const [name, value] of model) expect(xattrs.get(name)).toBe(value)
    }),
  )
})
