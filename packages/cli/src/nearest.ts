/** "did you mean": the known word closest to what was typed. */
import { distance } from 'fastest-levenshtein'

/** A hint, or nothing when no word is near enough to be what was meant. */
export const nearest = (typed: string, known: readonly string[]): string | undefined => {
  const best = known.map((word) => ({ word, far: distance(typed, word) })).sort((a, b) => a.far - b.far)[0]
  return best !== undefined && best.far <= Math.max(2, typed.length / 3) ? `did you mean \`${best.word}\`?` : undefined
}
