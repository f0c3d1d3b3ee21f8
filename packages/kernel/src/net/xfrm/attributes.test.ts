/** Attributes of messages about IPsec, and the label among them. */
import { EINVAL } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { attributesOf, labelOf } from './attributes.ts'

/** `struct nlattr` and the value; `length` where it lies. */
const attribute = (type: number, value: readonly number[], length = value.length + 4): number[] =>
  [length & 0xff, length >> 8, type & 0xff, type >> 8, ...value, ...Array<number>((4 - value.length % 4) % 4).fill(0)]

test.each([
  { reason: 'none', bytes: [], found: [] },
  {
    reason: 'two, the first padded', bytes: [...attribute(1, [7]), ...attribute(2, [8, 9])],
    found: [[1, [7]], [2, [8, 9]]],
  },
  { reason: 'of a type the last counts', bytes: [...attribute(1, [7]), ...attribute(1, [8])], found: [[1, [8]]] },
  { reason: 'the top bits are flags', bytes: attribute(0x8003, [1]), found: [[3, [1]]] },
  { reason: 'one that is longer than what there is ends them', bytes: attribute(1, [7], 99), found: [] },
  {
    reason: 'so does one shorter than its head', bytes: [...attribute(1, [7]), ...attribute(2, [], 3)],
    found: [[1, [7]]],
  },
  { reason: 'a head that is cut off', bytes: [8, 0, 1], found: [] },
])('attributes: $reason', ({ bytes, found }) => {
  expect([...attributesOf(Uint8Array.from(bytes))].map(([type, value]) => [type, [...value]])).toEqual(found)
})

/** `struct xfrm_user_sec_ctx` with a text. */
const label = (text: string, whole = text.length + 8, length = text.length): Uint8Array =>
  Uint8Array.from([whole, 0, 0, 0, 1, 2, length, 0, ...new TextEncoder().encode(text)])

test.each([
  { reason: 'no label', value: null, label: null },
  { reason: 'a text', value: label('ab'), label: { ctx_alg: 1, ctx_doi: 2, ctx_str: 'ab' } },
  { reason: 'it ends at a NUL', value: label('a\0b'), label: { ctx_alg: 1, ctx_doi: 2, ctx_str: 'a' } },
  { reason: 'shorter than its head', value: label('').subarray(0, 7), label: -EINVAL },
  { reason: 'says that it is longer than it is', value: label('ab', 11, 3), label: -EINVAL },
  { reason: 'its two lengths differ', value: label('ab', 10, 1), label: -EINVAL },
])('the label: $reason', ({ value, label: expected }) => {
  expect(labelOf(new Map(value === null ? [] : [[8, value]]))).toEqual(expected)
})
