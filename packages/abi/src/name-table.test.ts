import { expect, test } from 'vitest'
import { flagText, nameTable } from './name-table.ts'

const constants = { X_LOW: 1, X_HIGH: 0x80000000, X_BOTH: 3, X_TWO: 2, X_ALIAS: 2, X_TEXT: 'no', Y_OTHER: 4, X_NONE: 0 }
const table = nameTable(constants, /^X_/, ['X_ALIAS'])

test('numbers have one name, names of aliases have a number', () => {
  expect(table.nameOf(2)).toBe('X_TWO')
  expect(table.numberOf('X_ALIAS')).toBe(2)
  expect(table.nameOf(4)).toBeUndefined()
  expect(table.numberOf('Y_OTHER')).toBeUndefined()
  expect(table.numberOf('X_TEXT')).toBeUndefined()
})

test('entries rise and leave aliases out', () => {
  expect(table.entries()).toEqual([
    ['X_NONE', 0],
    ['X_LOW', 1],
    ['X_TWO', 2],
    ['X_BOTH', 3],
    ['X_HIGH', 0x80000000],
  ])
})

test.each([
  { mask: 0, text: '0', why: 'no bits' },
  { mask: 1, text: 'X_LOW', why: 'one bit' },
  { mask: 3, text: 'X_BOTH', why: 'the name with more bits wins' },
  { mask: 0x80000001, text: 'X_LOW|X_HIGH', why: 'bit 31 unsigned' },
  { mask: 0x80000001 | 0, text: 'X_LOW|X_HIGH', why: 'bit 31 signed' },
  { mask: 0x42, text: 'X_TWO|0x40', why: 'a bit without a name' },
  { mask: 0x40, text: '0x40', why: 'only bits without names' },
])('$mask is $text: $why', ({ mask, text }) => {
  expect(flagText(table, mask)).toBe(text)
})
