import { expect, test } from 'vitest'
import { hexText, joinedBytes } from './bytes.ts'

test('bytes as hexadecimal digits', () => {
  expect(hexText(Uint8Array.of(0, 9, 255))).toBe('0009ff')
  expect(hexText(new Uint8Array(0))).toBe('')
})

test('parts become one, which is no view of them', () => {
  const part = Uint8Array.of(1, 2)
  const all = joinedBytes([part, new Uint8Array(0), Uint8Array.of(3)])
  part[0] = 9
  expect(all).toEqual(Uint8Array.of(1, 2, 3))
  expect(joinedBytes([])).toEqual(new Uint8Array(0))
})
