/** Hints for misspelt words: the known word that is nearest to what was written. */

/** Longer words are not slips of a letter, and comparing two words takes the product of their lengths. */
const LONGEST = 100

/** The candidate nearest to `word`, for hints; null when none is near enough to be meant. */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  if (word.length > LONGEST) return null
  let best: string | null = null
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, least)
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** `did you mean \`x\`?`, or null when nothing is near. */
export const didYouMean = (word: string, candidates: Iterable<string>): string | null => {
  const near = nearest(word, candidates)
  return near === null ? null : `did you mean \`${near}\`?`
}

/**
 * Insertions, deletions, changes and swaps of neighbours that turn one word into the other. `limit` stands for anything
 * from `limit` on.
 */
const editDistance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    before = above
    above = row
  }
  return Math.min(above[b.length]!, limit)
}
