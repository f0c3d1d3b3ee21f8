/** Damages texts and bytes: pieces cut, doubled, moved and put in. */
import type { Random } from './random.ts'

const ODD = [
  '', ' ', '\n', '\0', '\t', ':', ',', '-', '--', '[', ']', '{', '}', '"', '\'', '&', '*', '|', '#', '%', '%00', 'é',
  '0', '-1', '1e9', '99999999999999999999', '0x', 'null', '~', '__proto__', 'constructor', '$x', '../', '/', '\r',
  '\u{1f600}', '\ud800', 'x'.repeat(300),
]
const CHANGES = 6

/** One to a few changes; `pieces` are put in as often as what is odd anywhere. */
export const damagedText = (text: string, random: Random, pieces: readonly string[] = []): string => {
  let changed = text
  for (let left = 1 + random.below(CHANGES); left > 0; left--) {
    const at = random.below(changed.length + 1)
    const end = Math.min(changed.length, at + random.below(24))
    const piece = random.pick(random.oneIn(2) && pieces.length > 0 ? pieces : ODD)
    switch (random.below(5)) {
      case 0: changed = changed.slice(0, at) + changed.slice(end); break
      case 1: changed = changed.slice(0, end) + changed.slice(at); break
      case 2: changed = changed.slice(0, at) + piece + changed.slice(at); break
      case 3: changed = changed.slice(0, at) + piece + changed.slice(end); break
      default: {
        const from = random.below(changed.length + 1)
        changed = changed.slice(0, at) + changed.slice(from, from + random.below(60)) + changed.slice(at)
      }
    }
  }
  return changed
}

export const damagedBytes = (bytes: Uint8Array, random: Random): Uint8Array => {
  const changed = bytes.slice()
  for (let left = 1 + random.below(CHANGES); left > 0; left--) {
    changed[random.below(changed.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
  }
  return random.oneIn(10) ? changed.slice(0, random.below(changed.length)) : changed
}
