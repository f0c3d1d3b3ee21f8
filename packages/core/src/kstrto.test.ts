import { EINVAL, ERANGE } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { kstrtoint, kstrtou32, kstrtoull } from './kstrto.ts'

test.each([
  ['0', 0], ['1000', 1000], ['+7', 7], ['0x10', 16], ['0X1f', 31], ['010', 8], ['00', 0], ['7\n', 7],
  ['4294967295', 0xffffffff], ['0xffffffff', 0xffffffff], ['037777777777', 0xffffffff],
  ['4294967296', -ERANGE], ['18446744073709551616', -ERANGE], ['18446744073709551616x', -ERANGE],
  ['18446744073709551615x', -EINVAL], ['4294967296x', -EINVAL],
  ['', -EINVAL], ['+', -EINVAL], ['-1', -EINVAL], [' 1', -EINVAL], ['1 ', -EINVAL], ['08', -EINVAL], ['0x', -EINVAL],
  ['1\n\n', -EINVAL], ['a', -EINVAL], ['0xg', -EINVAL], ['1\0', -EINVAL],
])('kstrtou32(%j) -> %i', (text, value) => {
  expect(kstrtou32(text)).toBe(value)
})

test('64 bits', () => {
  expect(kstrtoull('4294967296')).toBe(2 ** 32)
  expect(kstrtoull('0x10000000000000000')).toBe(-ERANGE)
})

test.each([
  ['1', 1], ['-1', -1], ['-0', 0], ['0x7fffffff', 0x7fffffff], ['-2147483648', -0x80000000], ['2147483648', null],
  ['-2147483649', null], ['-+1', null], ['--1', null], ['', null], ['yes', null],
])('kstrtoint(%j) -> %j', (text, value) => {
  expect(kstrtoint(text)).toBe(value)
})
