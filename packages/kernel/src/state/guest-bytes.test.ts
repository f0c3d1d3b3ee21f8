/** Memory of guests: copied once, and nobody looks into it but by these functions. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clear, copyIn, copyInto, copyOut, gather, partOf, scatter, totalOf } from './guest-bytes.ts'
import type { GuestBytes } from './guest-bytes.ts'

const SRC = join(import.meta.dirname, '..')

const shared = (...values: number[]): Uint8Array => {
  const bytes = new Uint8Array(new SharedArrayBuffer(values.length))
  bytes.set(values)
  return bytes
}

test('what is copied in is the kernel\'s own', () => {
  for (const bytes of [shared(1, 2, 3), Uint8Array.of(1, 2, 3), Buffer.from([1, 2, 3])]) {
    const copy = copyIn(bytes)
    const part = copyIn(bytes, 1, 9)
    bytes.fill(7)
    expect([[...copy], [...part]]).toEqual([[1, 2, 3], [2, 3]])
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer)
  }
})

test.each([4, 100])('%i bytes into memory that is there, and out again', (length) => {
  const from = shared(...Array.from({ length }, (_, i) => i))
  const to = new Uint8Array(length + 2)
  copyInto(from, 1, length - 1, to, 2)
  expect([...to.subarray(0, 4)]).toEqual([0, 0, 1, 2])
  copyOut(Uint8Array.of(9, 8), from, 1)
  clear(from, 2, 3)
  expect([...from.subarray(0, 4)]).toEqual([0, 9, 0, 3])
})

test('pieces in one, and one over pieces', () => {
  const pieces = [shared(1, 2), shared(), shared(3)]
  expect([totalOf(pieces), [...gather(pieces)], [...gather(pieces, 2)]]).toEqual([3, [1, 2, 3], [1, 2]])
  scatter(Uint8Array.of(5, 6, 7, 8), pieces)
  expect(pieces.map((piece) => [...piece])).toEqual([[5, 6], [], [7]])
  scatter(Uint8Array.of(1), pieces)
  expect([...copyIn(partOf(pieces[0]!, 0, 2))]).toEqual([1, 6])
})

test('nobody can look into it without a copy', () => {
  const take = (bytes: Uint8Array): Uint8Array => bytes
  const given = (bytes: GuestBytes): void => {
    // @ts-expect-error a hook, a driver or a queue takes no memory of guests
    take(bytes)
    // @ts-expect-error nor does anybody read a byte of it
    void bytes[0]
    take(copyIn(bytes))
  }
  given(shared(1))
})

/** Where bytes are told from other values for another reason, by file. */
const OTHERS = new Set(['state/guest-bytes.ts', 'state/vfs/unshared.ts', 'strace/strace.ts', 'strace/bytes.ts'])

test('no other file takes the type apart', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !OTHERS.has(file.replaceAll('\\', '/')))
  expect(files.length).toBeGreaterThan(300)
  const found = files.filter((file) => /instanceof Uint8Array|\b(buf|bytes|value|data|addr) as Uint8Array\b/
    .test(readFileSync(join(SRC, file), 'utf8')))
  expect(found).toEqual([])
})
