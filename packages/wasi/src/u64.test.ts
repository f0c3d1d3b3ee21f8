import { expect, test } from 'vitest'
import { getU64, setTimestamp, setU64 } from './u64.ts'

const view = new DataView(new ArrayBuffer(8))

test.each([0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER])('%d is stored exactly',
  (value) => {
    setU64(view, 0, value)
    expect(view.getBigUint64(0, true)).toBe(BigInt(value))
    expect(getU64(view, 0)).toBe(value)
  })

test.each([
  [0, 0], [0, 999_999_999], [1, 1], [65_535, 999_999_999], [65_536, 0], [1_732_464_000, 123_456_789], [2 ** 32, 5],
  [18_446_744_073, 709_551_615],
])('%d s %d ns', (sec, nsec) => {
  setTimestamp(view, 0, sec, nsec)
  expect(view.getBigUint64(0, true)).toBe(BigInt(sec) * 1_000_000_000n + BigInt(nsec))
})

test('a time before the epoch is 0', () => {
  setTimestamp(view, 0, -1, 500)
  expect(view.getBigUint64(0, true)).toBe(0n)
})
