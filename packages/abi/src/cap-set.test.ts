import { describe, expect, test } from 'vitest'
import {
  CAP_EMPTY_SET, CAP_FS_SET, CAP_FULL_SET, CAP_NFSD_SET, CapSet, capAssign, capCopy, capEqual, capFromBigInt,
  capFromHex, capHas, capIntersect, capIsEmpty, capIsSubset, capList, capLower, capRaise, capSetOf, capToBigInt,
  capToHex, capToShortHex, capUnion, capWithout,
} from './cap-set.ts'
import { capTable, capValid } from './capability-name.ts'

/** Sets that touch the word border, the sign bits and the ends. */
const samples = [
  CAP_EMPTY_SET,
  CAP_FULL_SET,
  CAP_FS_SET,
  CAP_NFSD_SET,
  capSetOf(0),
  capSetOf(31),
  capSetOf(32),
  capSetOf(63),
  capSetOf(31, 32, 40),
  new CapSet(-1, 0),
  new CapSet(0, -1),
  new CapSet(0x5a5a5a5a, 0x1a5),
]

test('the kernel has 41 capabilities, 0 to 40 without a gap', () => {
  expect(capTable.entries().map(([, cap]) => cap)).toEqual([...Array(41).keys()])
  expect([-1, 0, 40, 41].map(capValid)).toEqual([false, true, true, false])
})

test.each([
  { set: 'CAP_FULL_SET', words: CAP_FULL_SET, hex: '000001ffffffffff' },
  { set: 'CAP_EMPTY_SET', words: CAP_EMPTY_SET, hex: '0000000000000000' },
  { set: 'CAP_FS_SET', words: CAP_FS_SET, hex: '000000010800021f' },
  { set: 'CAP_NFSD_SET', words: CAP_NFSD_SET, hex: '000000010900001f' },
])('$set is $hex and frozen', ({ words, hex }) => {
  expect(capToHex(words)).toBe(hex)
  expect(Object.isFrozen(words)).toBe(true)
  expect(() => capRaise(words as CapSet, 5)).toThrow(TypeError)
})

test.each([...Array(64).keys()])('capability %i is one bit', (cap) => {
  const set = new CapSet()
  capRaise(set, cap)
  expect(capToBigInt(set)).toBe(1n << BigInt(cap))
  expect(capList(set)).toEqual([cap])
  capLower(set, cap)
  expect(capIsEmpty(set)).toBe(true)
})

test.each([-1, -64, 64, 95, 96, 2 ** 31])('number %d outside 0 to 63 is in no set and changes none', (number) => {
  const set = capCopy(CAP_FS_SET)
  expect(capHas(new CapSet(-1, -1), number)).toBe(false)
  capRaise(set, number)
  capLower(set, number)
  expect(capEqual(set, CAP_FS_SET)).toBe(true)
})

describe('set algebra agrees with 64-bit arithmetic', () => {
  const pairs = samples.flatMap((a) => samples.map((b) => [a, b] as const))

  test('union, intersection, difference', () => {
    for (const [a, b] of pairs) {
      const x = capToBigInt(a)
      const y = capToBigInt(b)
      expect(capToBigInt(capUnion(a, b))).toBe(x | y)
      expect(capToBigInt(capIntersect(a, b))).toBe(x & y)
      expect(capToBigInt(capWithout(a, b))).toBe(x & ~y & 0xffffffffffffffffn)
    }
  })

  test('subset, equality, emptiness', () => {
    for (const [a, b] of pairs) {
      const x = capToBigInt(a)
      const y = capToBigInt(b)
      expect(capIsSubset(a, b)).toBe((x & ~y) === 0n)
      expect(capEqual(a, b)).toBe(x === y)
      expect(capIsEmpty(a)).toBe(x === 0n)
    }
  })

  test('the operands stay as they were', () => {
    const before = samples.map(capToHex)
    for (const [a, b] of pairs) capUnion(capIntersect(a, b), capWithout(a, b))
    expect(samples.map(capToHex)).toEqual(before)
  })
})

test('words read as unsigned count the same', () => {
  const unsigned = { lo: 0xffffffff, hi: 0x80000000 }
  const signed = new CapSet(0xffffffff, 0x80000000)
  expect(signed.lo).toBe(-1)
  expect(capEqual(unsigned, signed)).toBe(true)
  expect(capIsSubset(unsigned, signed) && capIsSubset(signed, unsigned)).toBe(true)
  expect(capHas(unsigned, 63)).toBe(true)
})

test('a copy is a set of its own, an assignment copies the words', () => {
  const copy = capCopy(CAP_FULL_SET)
  capLower(copy, 0)
  expect(capHas(CAP_FULL_SET, 0)).toBe(true)
  const target = new CapSet()
  capAssign(target, copy)
  capRaise(target, 0)
  expect(capHas(copy, 0)).toBe(false)
  expect(capEqual(target, CAP_FULL_SET)).toBe(true)
})

test('hexadecimal and big integers round trip', () => {
  for (const set of samples) {
    expect(capEqual(capFromHex(capToHex(set))!, set)).toBe(true)
    expect(capEqual(capFromHex(capToShortHex(set))!, set)).toBe(true)
    expect(capEqual(capFromBigInt(capToBigInt(set)), set)).toBe(true)
  }
  expect(capToShortHex(CAP_EMPTY_SET)).toBe('0')
  expect(capToShortHex(CAP_FULL_SET)).toBe('1ffffffffff')
})

test.each(['', '0x', 'g', '12345678901234567', ' 1', '1 ', '-1', '1.0'])('%j is no set', (text) => {
  expect(capFromHex(text)).toBeUndefined()
})

test.each([
  ['0x3', [0, 1]],
  ['FF', [0, 1, 2, 3, 4, 5, 6, 7]],
  ['100000000', [32]],
])('%s is %j', (text, caps) => {
  expect(capList(capFromHex(text)!)).toEqual(caps)
})
