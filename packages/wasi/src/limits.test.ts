import { describe, expect, test } from 'vitest'
import { compileProgram, guestLimits, hostMemoryFor, limitNames, limitTable, readLimit } from './index.ts'
import type { LimitName } from './index.ts'
import { limitNumbers } from './limits.ts'

test.each<[LimitName, string | number, number]>([
  ['time', 1500, 1500], ['time', '1.5 s', 1500], ['time', '250', 250], ['time', '250ms', 250],
  ['time', '2min', 120_000],
  ['time', '1 h', 3_600_000], ['time', 'none', Infinity], ['time', Infinity, Infinity],
  ['memory', 65536, 65536], ['memory', '64 MiB', 2 ** 26], ['memory', '64MiB', 2 ** 26], ['memory', '1 MB', 1e6],
  ['files', '0', 0], ['output', '2 kib', 2048], ['inodes', '100', 100], ['processes', 3, 3],
])('%s: %j is %d', (name, value, is) => {
  expect(limitNumbers({ [name]: value })[name]).toBe(is)
})

test.each<[LimitName, unknown]>([
  ['time', '10 parsecs'], ['time', -1], ['time', Number.NaN], ['time', '-5 s'], ['memory', '64 s'], ['memory', ''],
  ['memory', 'MiB'], ['memory', '1 2'], ['memory', '1.2.3'], ['memory', '1.'], ['memory', '.5'], ['memory', '1  b'],
  ['memory', '1 \u212aiB'], ['inodes', 1.5], ['inodes', '1.5'], ['inodes', '3 MiB'], ['loops', 'on'],
  ['loops', 1], ['time', null], ['files', {}], ['files', '0x10'], ['files', '1e9'],
])('%s: %j is refused', (name, value) => {
  expect(() => compileProgram(new Uint8Array(0), { [name]: value as never }))
    .toThrow(expect.objectContaining({ code: 'bad-option' }))
})

describe('tables', () => {
  test('are as much as the memory, unless given', () => {
    expect(limitNumbers({ memory: '1 MiB' }).tables).toBe(2 ** 20)
    expect(limitNumbers({ memory: '1 MiB', tables: '2 KiB' }).tables).toBe(2048)
    expect(limitNumbers({}).tables).toBe(Infinity)
  })
})

test('a guest has every limit, and can be given all of them as text', () => {
  const numbers = limitNumbers(guestLimits)
  for (const name of limitNames) {
    expect([name, numbers[name]]).toEqual([name, name === 'loops' ? true : expect.any(Number)])
    expect(numbers[name]).not.toBe(Infinity)
    expect(readLimit(name, limitTable[name].guest)).toHaveProperty('value')
    expect(readLimit(name, 'none')).toHaveProperty('value')
    expect(readLimit(name, 'much')).toHaveProperty('must')
  }
})

test('the memory of the host grows with what files may take', () => {
  const usual = hostMemoryFor(guestLimits)
  expect(usual).toBe(512 * 2 ** 20)
  expect(hostMemoryFor({ ...guestLimits, files: '1 MiB', inodes: 10 })).toBe(usual)
  expect(hostMemoryFor({ ...guestLimits, files: '1 GiB' })).toBe(usual + 768 * 2 ** 20)
  expect(hostMemoryFor({ ...guestLimits, inodes: 2 ** 20 })).toBe(usual + 1536 * (2 ** 20 - 2 ** 16))
  expect(hostMemoryFor({ ...guestLimits, files: 'none' })).toBe(Infinity)
})
