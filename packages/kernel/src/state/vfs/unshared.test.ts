import { expect, test } from 'vitest'
import { decodeName } from './names.ts'
import { unshared } from './unshared.ts'

const text = new TextEncoder().encode('a\u00e4')
const shared = new Uint8Array(new SharedArrayBuffer(text.length))
shared.set(text)

test('what is shared is copied, and nothing else', () => {
  expect(unshared(text)).toBe(text)
  const copy = unshared(shared)
  expect(copy.buffer).toBeInstanceOf(ArrayBuffer)
  expect([...copy]).toEqual([...text])
  expect(decodeName(shared)).toBe('a\u00e4')
})
