/** Numbers and scanned lines, with the kernel's ways of wrapping, cutting and giving up. */
import { EINVAL, ERANGE } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { isSpace, skipSpaces, textOf } from './bytes.ts'
import { parseNumber, S32, U32, U8 } from './number.ts'
import { sscanf } from './sscanf.ts'

test.each([
  { text: '5', kind: U8, value: 5 },
  { text: '+5\n', kind: U8, value: 5 },
  { text: '255', kind: U8, value: 255 },
  { text: '256', kind: U8, rc: -ERANGE },
  { text: '-1', kind: U8, rc: -EINVAL },
  { text: '-0', kind: U8, rc: -EINVAL },
  { text: '-0', kind: S32, value: 0 },
  { text: '', kind: U8, rc: -EINVAL },
  { text: '\n', kind: U8, rc: -EINVAL },
  { text: '5\n\n', kind: U8, rc: -EINVAL },
  { text: ' 5', kind: U8, rc: -EINVAL },
  { text: '5 ', kind: U8, rc: -EINVAL },
  { text: '0x5', kind: U8, rc: -EINVAL },
  { text: '5\0junk', kind: U8, value: 5 },
  // ten characters are looked at for eight bits, thirty-four for thirty-two
  { text: '00000000055', kind: U8, value: 5 },
  { text: '0000000005junk', kind: U8, value: 5 },
  { text: '4294967295', kind: U32, value: 4294967295 },
  { text: '4294967296', kind: U32, rc: -ERANGE },
  { text: '4294967296x', kind: U32, rc: -EINVAL },
  { text: '99999999999999999999x', kind: U32, rc: -ERANGE },
  { text: '-2147483648', kind: S32, value: -2147483648 },
  { text: '-2147483649', kind: S32, rc: -ERANGE },
  { text: '2147483648', kind: S32, rc: -ERANGE },
  { text: '+-1', kind: S32, rc: -EINVAL },
])('number $text', ({ text, kind, value, rc }) => {
  expect(parseNumber(text, kind)).toEqual(value === undefined ? rc : { value })
})

test.each([
  { text: '10.1.2.3/8 X', format: '%hhd.%hhd.%hhd.%hhd/%u %s', found: [10, 1, 2, 3, 8, 'X'] },
  { text: '300.1.1.1 S', format: '%hhd.%hhd.%hhd.%hhd %s', found: [44, 1, 1, 1, 'S'] },
  { text: '-1.1.1.1 S', format: '%hhd.%hhd.%hhd.%hhd %s', found: [-1, 1, 1, 1, 'S'] },
  { text: '1. 2.3.4X Y', format: '%hhd.%hhd.%hhd.%hhd %s', found: [1, 2, 3, 4, 'X'] },
  { text: '1.2.3', format: '%hhd.%hhd.%hhd.%hhd %s', found: [1, 2, 3] },
  { text: '1.2.3.4 ', format: '%hhd.%hhd.%hhd.%hhd %s', found: [1, 2, 3, 4] },
  { text: '  7 ', format: '%d', found: [7] },
  { text: '- 7', format: '%d', found: [] },
  { text: '-7', format: '%u', found: [] },
  { text: '4294967296', format: '%u', found: [0] },
  { text: '18446744073709551621', format: '%d', found: [5] },
  { text: '', format: '%d', found: [] },
  { text: 'ff:0x10:0x', format: '%x:%x:%x', found: [255, 16, 0] },
  { text: 'g', format: '%x', found: [] },
  { text: 'x1', format: '%x', found: [] },
  { text: 'a\u00a0b', format: '%s%s', found: ['a', 'b'] },
])('scan `$text` by `$format`', ({ text, format, found }) => {
  expect(sscanf(text, format)).toEqual(found)
})

test('white space is that of the kernel: Latin-1 with its no-break space', () => {
  const spaces = Array.from({ length: 256 }, (_, byte) => byte).filter(isSpace)
  expect(spaces).toEqual([9, 10, 11, 12, 13, 32, 160])
  expect(isSpace(Number.NaN)).toBe(false)
  expect(skipSpaces(' \t\n', 0)).toBe(3)
})

test('every byte is one character, also in long data', () => {
  const data = Uint8Array.from({ length: 20_000 }, (_, i) => i)
  const text = textOf(data)
  expect(text.length).toBe(data.length)
  expect(Array.from(text, (char) => char.charCodeAt(0))).toEqual([...data])
})
