/** A text that is told piece by piece reads as the whole text would, and no more of it is made than is read. */
import { EACCES } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PieceReader } from './pieces.ts'

/** A reader of pieces that counts how many were made. */
const counting = (pieces: readonly (string | number)[]) => {
  let made = 0
  function* tell() {
    for (const piece of pieces) {
      made++
      yield piece
    }
  }
  const reader = new PieceReader(tell)
  const read = (pos: number, len: number): string | number => {
    const buf = new Uint8Array(len + 2)
    const n = reader.read(buf, 1, len, pos)
    return n < 0 ? n : new TextDecoder().decode(buf.subarray(1, 1 + n))
  }
  return { read, made: () => made }
}

test('any reads at any places', () => {
  const piece = fc.constantFrom('', 'a', 'bc', 'def\n', 'x'.repeat(20))
  const asked = fc.record({ pos: fc.nat(60), len: fc.nat(30) })
  fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), fc.array(asked, { maxLength: 12 }), (pieces, reads) => {
    const { read } = counting(pieces)
    const whole = pieces.join('')
    for (const { pos, len } of reads) expect(read(pos, len)).toBe(whole.slice(pos, pos + len))
  }))
})

describe('of many pieces', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `${String(i).padStart(9)}\n`)

  test('a reader makes as many as it reads', () => {
    const { read, made } = counting(many)
    for (let pos = 0; pos < 500; pos += 5) read(pos, 5)
    expect(made()).toBe(50)
  })

  test('who goes back begins anew', () => {
    const { read, made } = counting(many)
    read(0, 200)
    expect([read(5, 10), made()]).toEqual([`${many.join('').slice(5, 15)}`, 22])
  })
})

test('a refusal is the answer where nothing came before it, and the end otherwise', () => {
  expect(counting([-EACCES]).read(0, 9)).toBe(-EACCES)
  const { read } = counting(['abc', -EACCES, 'def'])
  expect([read(0, 9), read(3, 9)]).toEqual(['abc', ''])
})
