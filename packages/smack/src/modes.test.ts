/** Modes and their letters. */
import { MAY_APPEND, MAY_READ, MAY_WRITE } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { ALL_MODES, modesText, parseModes } from './modes.ts'

test.each([
  { text: 'rwxatlb', modes: ALL_MODES },
  { text: 'RWXATLB', modes: ALL_MODES },
  { text: '', modes: 0 },
  { text: '-', modes: 0 },
  { text: 'r-w', modes: MAY_READ | MAY_WRITE },
  { text: '--a', modes: MAY_APPEND },
  { text: 'rzw', modes: MAY_READ },
  { text: 'r w', modes: MAY_READ },
  { text: 'r\0w', modes: MAY_READ },
  { text: 'w,r', modes: MAY_WRITE },
  { text: 'réw', modes: MAY_READ },
  { text: 'ſw', modes: 0 },
])('`$text`', ({ text, modes }) => {
  expect(parseModes(text)).toBe(modes)
})

test('every set of letters comes back', () => {
  const letters = [...'rwxatlb']
  for (let set = 0; set < 128; set++) {
    const text = letters.filter((_, bit) => set & (1 << bit)).join('')
    expect(modesText(parseModes(text))).toBe(text)
  }
})
