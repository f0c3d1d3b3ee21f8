/** Hints for misspelt names. */

/** `did you mean …?`, or null when no name is near. */
export const nearest = (word: string, names: readonly string[]): string | null => {
  const limit = Math.max(2, Math.floor(word.length / 3))
  let best: string | null = null
  let least = limit + 1
  for (const name of names) {
    const distance = editDistance(word, name)
    if (distance < least) {
      best = name
      least = distance
    }
  }
  return best === null ? null : `did you mean \`${best}\`?`
}

const editDistance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 1; at <= one.length; at++) {
    const next = [at]
    for (let to = 1; to <= other.length; to++) {
      const change = row[to - 1]! + (one[at - 1] === other[to - 1] ? 0 : 1)
      next.push(Math.min(row[to]! + 1, next[to - 1]! + 1, change))
    }
    row = next
  }
  return row.at(-1)!
}
