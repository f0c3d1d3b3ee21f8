/** Damages bytes and texts: a few small changes each time, of the kinds that parsers trip over. */
import type { Random } from './random.ts'

const WORDS = [
  0, 1, 2, 7, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
]

/** One change in place, or a file of another length. */
const change = (bytes: Uint8Array, random: Random): Uint8Array => {
  if (bytes.length < 8) return bytes
  const at = random.below(bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const aligned = Math.min(at, bytes.length - 4)
  switch (random.below(8)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8)
      return bytes
    case 1:
      bytes[at] = random.below(256)
      return bytes
    case 2:
      view.setUint32(aligned, random.pick(WORDS), true)
      return bytes
    case 3:
      view.setUint32(aligned, view.getUint32(aligned, true) + random.below(5) - 2, true)
      return bytes
    case 4: {
      const from = random.below(bytes.length)
      bytes.copyWithin(at, from, from + 1 + random.below(48))
      return bytes
    }
    case 5:
      return bytes.slice(0, at)
    case 6: {
      const gone = 1 + random.below(16)
      const shorter = new Uint8Array(Math.max(0, bytes.length - gone))
      shorter.set(bytes.subarray(0, Math.min(at, shorter.length)))
      if (at + gone < bytes.length) shorter.set(bytes.subarray(at + gone), at)
      return shorter
    }
    default: {
      const more = 1 + random.below(16)
      const longer = new Uint8Array(bytes.length + more)
      longer.set(bytes.subarray(0, at))
      for (let i = 0; i < more; i++) longer[at + i] = random.below(256)
      longer.set(bytes.subarray(at), at + more)
      return longer
    }
  }
}

/** A damaged copy; mostly one change, so that many get past the first check. */
export const mutateBytes = (bytes: Uint8Array, random: Random): Uint8Array => {
  let damaged: Uint8Array = bytes.slice()
  for (let left = 1 + (random.below(3) === 0 ? random.below(6) : 0); left > 0; left--) damaged = change(damaged, random)
  return damaged
}

/** A text with pieces taken out, doubled, swapped, or put in from `pieces`. */
export const mutateText = (text: string, pieces: readonly string[], random: Random): string => {
  let damaged = text
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(damaged.length + 1)
    const end = Math.min(damaged.length, at + random.below(12))
    const kind = random.below(5)
    const piece = kind === 0 ? '' : kind === 1 ? damaged.slice(at, end).repeat(2) : random.pick(pieces)
    damaged = damaged.slice(0, at) + piece + damaged.slice(kind === 2 ? at : end)
  }
  return damaged
}
