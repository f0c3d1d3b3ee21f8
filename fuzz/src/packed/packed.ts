/** Packed policies of anybody: what comes out is bounded, or refused with a typed error, whatever they claim. */
import { deflateRawSync, gzipSync } from 'node:zlib'
import { mostOf, MOST_UNPACKED, PackedError, unpacked } from '@lsmkit/cli/unpack'
import { damagedBytes } from '../frame/damage.ts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'
import type { Random } from '../frame/random.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

/** Files of bzip2 1.0.8: a line, nothing, and 45 million zeros. */
const bzips = [
  'QlpoOTFBWSZTWYV0bkEAAALRAAAQQAACRKAAMMAEpphSDcKGF3JFOFCQhXRuQQ==',
  'QlpoORdyRThQkAAAAAA=',
  'QlpoOTFBWSZTWckBtsgBWKtAIMAAEAAACCAAMMwFKaZSSFJsVJIUni7kinChIZIDbZA=',
].map(bytes)

/** A text with runs, which both formats are best at. */
const textOf = (random: Random): Uint8Array => {
  const text = new Uint8Array(random.below(random.oneIn(300) ? 3 * 2 ** 20 : 4000))
  for (let at = 0; at < text.length;) {
    const end = Math.min(text.length, at + 1 + random.below(random.pick([2, 300, 100_000])))
    text.fill(random.below(256), at, end)
    at = end
  }
  return text
}

const packedOf = (random: Random): Uint8Array => {
  switch (random.below(4)) {
    case 0: return new Uint8Array(gzipSync(textOf(random)))
    case 1: return new Uint8Array(Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
      deflateRawSync(textOf(random)), Buffer.alloc(8)]))
    default: return random.pick(bzips)
  }
}

/** One file, or many behind one another; some whole, most of them damaged. */
const make = (random: Random): Uint8Array => {
  const count = random.oneIn(8) ? 1 + random.below(40) : 1
  const whole = new Uint8Array(Buffer.concat(Array.from({ length: count }, () => packedOf(random))))
  return random.oneIn(8) || whole.length === 0 ? whole : damagedBytes(whole, random)
}

export const packed = inputFuzzer({
  make,
  attempt(input, session) {
    // a small bound is met as often as the real one is not
    for (const most of [MOST_UNPACKED, 1000]) {
      try {
        const out = unpacked(input, most)
        if (out !== input && out.length > mostOf(input, most)) session.found('memory', input, `${out.length} bytes`)
      } catch (error) {
        if (!(error instanceof PackedError)) throw error
      }
    }
  },
})
