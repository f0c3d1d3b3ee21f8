/** "did you mean": the known word closest to what was written. */

const distance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const below = [i]
    for (let j = 1; j <= b.length; j++) {
      below[j] = Math.min(row[j]! + 1, below[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = below
  }
  return row[b.length]!
}

/** Longer ones are nobody's slip of a letter, and comparing them takes the square of their length. */
const LONGEST = 100

/** A hint, or null when no word is near enough to be what was meant. */
export const nearest = (written: string, known: Iterable<string>): string | null => {
  if (written.length > LONGEST) return null
  let best: string | null = null
  let least = Math.max(2, Math.floor(written.length / 3)) + 1
  for (const word of known) {
    const far = distance(written, word, least)
    if (far >= least) continue
    least = far
    best = word
  }
  return best === null ? null : `did you mean \`${best}\`?`
}
