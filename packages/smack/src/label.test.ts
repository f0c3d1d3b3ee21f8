/** Labels: every byte value, every length around the limits, and what an import makes of a text. */
import { EINVAL, ENOMEM } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { isLabelByte, labelEnd, parseLabel } from './label.ts'
import { FLOOR, HAT, HUH, LabelTable, STAR, WEB } from './label-table.ts'

const every = Array.from({ length: 256 }, (_, byte) => byte)
const forbidden = new Set('"\'/\\'.split('').map((char) => char.charCodeAt(0)))
const allowed = (byte: number): boolean => byte >= 0x21 && byte <= 0x7e && !forbidden.has(byte)

test.each(every)('byte %i', (byte) => {
  const char = String.fromCharCode(byte)
  expect(isLabelByte(byte)).toBe(allowed(byte))
  expect(parseLabel(`ab${char}c`)).toBe(allowed(byte) ? `ab${char}c` : 'ab')
  expect(parseLabel(`${char}c`)).toBe(allowed(byte) && char !== '-' ? `${char}c` : null)
})

test.each([
  { text: 'x'.repeat(255), len: 0, end: 255 },
  { text: 'x'.repeat(256), len: 0, end: -EINVAL },
  { text: 'x'.repeat(300), len: 255, end: 255 },
  { text: 'x'.repeat(300), len: 256, end: -EINVAL },
  { text: 'x'.repeat(300), len: 1000, end: -EINVAL },
  { text: 'x'.repeat(24), len: 24, end: 24 },
  { text: 'abc', len: -1, end: 3 },
  { text: '', len: 0, end: -EINVAL },
  { text: 'é', len: 0, end: -EINVAL },
  { text: '\u{100}', len: 0, end: -EINVAL },
])('$text.length characters, at most $len: $end', ({ text, len, end }) => {
  expect(labelEnd(text, 0, len)).toBe(end)
})

describe('the table', () => {
  test('starts with five labels, listed newest first', () => {
    const labels = new LabelTable(10)
    expect([...labels.newestFirst()].map((label) => labels.text(label))).toEqual(['@', '_', '*', '^', '?'])
    expect(['?', '^', '*', '_', '@'].map((text) => labels.find(text))).toEqual([HUH, HAT, STAR, FLOOR, WEB])
  })

  test('numbers count up from 10, and stay', () => {
    const labels = new LabelTable(10)
    expect([labels.import('A'), labels.import('B/x'), labels.import('A"')]).toEqual([10, 11, 10])
    expect(labels.text(11)).toBe('B')
    expect([...labels.newestFirst()].slice(0, 3)).toEqual([11, 10, WEB])
  })

  test('an unknown number is `?`, an unknown text is 0', () => {
    const labels = new LabelTable(10)
    expect([0, 1, 6, 8, 9, 10, 4096, -1].map((label) => labels.text(label))).toEqual(Array(8).fill('?'))
    expect([0, 1, 6, 8, 9, 10].filter((label) => labels.has(label))).toEqual([])
    expect(labels.find('A')).toBe(0)
  })

  test('is bounded', () => {
    const labels = new LabelTable(2)
    expect([labels.import('A'), labels.import('B'), labels.import('C'), labels.import('A')]).toEqual([
      10,
      11,
      -ENOMEM,
      10,
    ])
    expect(labels.import('-x')).toBe(-EINVAL)
  })

  test('names of JavaScript objects are labels like others', () => {
    const labels = new LabelTable(10)
    expect(labels.find('__proto__')).toBe(0)
    expect(labels.text(labels.import('constructor'))).toBe('constructor')
  })
})
