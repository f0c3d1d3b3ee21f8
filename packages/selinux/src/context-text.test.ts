import { expect, test } from 'vitest'
import { contextBytes, contextText, StoredContexts } from './context-text.ts'

test('stored contexts are the bytes of the text, the same ones while they are kept', () => {
  const stored = new StoredContexts()
  const text = 'system_u:object_r:tmp_t:s0'
  const bytes = stored.bytes(text)
  expect(bytes).toEqual(contextBytes(text))
  expect(stored.bytes(text)).toBe(bytes)
  for (let i = 0; i < 2000; i++) expect(contextText(stored.bytes(`u:r:t${i}_t:s0`))).toBe(`u:r:t${i}_t:s0`)
  expect(stored.bytes(text)).toEqual(bytes)
})

test.each([
  { bytes: [0x61, 0x3a, 0x62, 0], text: 'a:b' },
  { bytes: [0x61, 0x3a, 0x62], text: 'a:b' },
  { bytes: [0x61, 0, 0x62], text: 'a' },
  { bytes: [], text: '' },
])('$bytes is `$text`', ({ bytes, text }) => {
  expect(contextText(Uint8Array.from(bytes))).toBe(text)
})
