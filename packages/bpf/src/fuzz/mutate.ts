/** Damages an object file where it hurts: headers, symbols, relocations, types, instructions. */
import type { Random } from '../testing/random.ts'

/** Numbers at the edges of what fields hold. */
const EDGES = [
  0, 1, 2, 3, 4, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0xffffff, 0x7fffffff, 0x80000000, 0xffffffff,
]

/** A range of bytes of a file. */
interface Part {
  readonly from: number
  readonly size: number
}

/** The header, the section headers, and the contents of each section: small parts are hit as often as large ones. */
export const partsOf = (bytes: Uint8Array): Part[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const table = Number(view.getBigUint64(40, true))
  const count = view.getUint16(60, true)
  const parts: Part[] = [{ from: 0, size: 64 }, { from: table, size: count * 64 }]
  for (let index = 1; index < count; index++) {
    const at = table + index * 64
    const from = Number(view.getBigUint64(at + 24, true))
    const size = Number(view.getBigUint64(at + 32, true))
    if (view.getUint32(at + 4, true) !== 8 && size > 0) parts.push({ from, size })
  }
  return parts
}

/** One to eight changes, sometimes an end that is missing. */
export const mutate = (bytes: Uint8Array, parts: readonly Part[], random: Random): Uint8Array => {
  const changed = new Uint8Array(bytes)
  const view = new DataView(changed.buffer)
  for (let rest = 1 + random.below(8); rest > 0; rest--) {
    const { from, size } = random.pick(parts)
    const at = from + random.below(size)
    const word = Math.min(at - (at % 4), changed.length - 4)
    switch (random.below(6)) {
      case 0: changed[at]! ^= 1 << random.below(8); break
      case 1: changed[at] = random.below(256); break
      case 2: view.setUint32(word, random.pick(EDGES), true); break
      case 3: view.setUint32(word, view.getUint32(word, true) + random.pick([1, 4, 8, -1, -4, -8]), true); break
      case 4: view.setUint16(Math.min(at, changed.length - 2), random.pick(EDGES), true); break
      default: {
        // bytes of another place of the same part
        const other = from + random.below(size)
        changed.copyWithin(at, other, Math.min(other + 8, from + size, changed.length - at + other))
      }
    }
  }
  return random.below(20) === 0 ? changed.slice(0, random.below(changed.length)) : changed
}
