import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bunzip2 } from './bunzip2.ts'
import { PackedError } from './packed-error.ts'
import { MOST_UNPACKED, unpacked } from './unpack.ts'

const text = (packed: string): Uint8Array => Buffer.from(packed, 'base64')
const all = (packed: Uint8Array): string => Buffer.concat([...bunzip2(packed)]).toString('latin1')

/** Made with bzip2 1.0.8. */
const HELLO = 'QlpoOTFBWSZTWYV0bkEAAALRAAAQQAACRKAAMMAEpphSDcKGF3JFOFCQhXRuQQ=='
/** 45 million zeros. */
const BOMB = 'QlpoOTFBWSZTWckBtsgBWKtAIMAAEAAACCAAMMwFKaZSSFJsVJIUni7kinChIZIDbZA='
const EMPTY = 'QlpoORdyRThQkAAAAAA='

const LINE = 'hello hello\n'

const failure = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return error
  }
}

test.each([
  { what: 'a file', packed: text(HELLO), is: LINE },
  { what: 'nothing', packed: text(EMPTY), is: '' },
  { what: 'two files, one behind the other', packed: Buffer.concat([text(HELLO), text(HELLO)]), is: `${LINE}${LINE}` },
])('$what', ({ packed, is }) => {
  expect(all(packed)).toBe(is)
  expect(Buffer.from(unpacked(packed)).toString()).toBe(is)
})

test('what is not packed is itself', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  expect(unpacked(bytes)).toBe(bytes)
})

/** Every byte of a small file takes part in it. */
test('a file with any byte changed, or cut, is refused, and by a typed error', () => {
  const packed = text(HELLO)
  for (let i = 4; i < packed.length; i++) {
    for (const change of [0x01, 0x80, 0xff]) {
      const damaged = packed.slice()
      damaged[i]! ^= change
      const result = failure(() => all(damaged))
      // the last bits are padding
      if (typeof result === 'string') expect([i, result]).toEqual([packed.length - 1, LINE])
      else expect(result).toBeInstanceOf(PackedError)
    }
    expect(failure(() => all(packed.subarray(0, i)))).toMatchObject({ name: 'PackedError', code: 'damaged' })
  }
})

test('gzip that is damaged is refused alike', () => {
  const packed = gzipSync('policy')
  expect(failure(() => unpacked(packed.subarray(0, 12)))).toMatchObject({ name: 'PackedError', code: 'damaged' })
})

const stored = (size: number): Uint8Array => gzipSync(new Uint8Array(size), { level: 0 })
const megabytes = (count: number): Uint8Array => gzipSync(new Uint8Array(count * 2 ** 20))

test.each([
  { what: 'a megabyte, however small it was', packed: megabytes(1), fails: false },
  { what: 'more than a megabyte out of next to nothing', packed: megabytes(2), fails: true },
  { what: 'more than there may be', packed: stored(MOST_UNPACKED + 1), fails: true },
])('$what', ({ packed, fails }) => {
  const result = failure(() => unpacked(packed))
  const refusal = { name: 'PackedError', code: 'too-large', hint: expect.stringContaining('unpack it') }
  if (fails) expect(result).toMatchObject(refusal)
  else expect((result as Uint8Array).length).toBe(2 ** 20)
})

/** A thousand such files, one behind the other, are 45 gigabytes. */
test('bzip2 that would never end is refused within a moment', () => {
  const bomb = text(BOMB)
  const file = Buffer.concat(Array.from({ length: 1000 }, () => bomb))
  const before = process.cpuUsage().user
  expect(failure(() => unpacked(file))).toMatchObject({ name: 'PackedError', code: 'too-large' })
  expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(5)
})
