/** Words in the text of a level: where a group's words stand. */
import type { Word, WordGroup } from './configuration.ts'

const isWordLetter = (char: string | undefined): boolean => char !== undefined && /\w/.test(char)
const isBoundary = (text: string, at: number): boolean => isWordLetter(text[at - 1]) !== isWordLetter(text[at])

/** Longest first; of one length by their text. */
export const sortedWords = ({ words }: WordGroup): Word[] => [...words].sort((a, b) =>
  b.text.length - a.text.length || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))

/** Ends of what may stand at a place, the first one preferred. */
const endsAt = (text: string, lower: string, at: number, words: readonly string[], whitespace: string): number[] => {
  const ends: number[] = []
  if (isBoundary(text, at)) {
    for (const word of words) {
      const end = at + word.length
      if (lower.startsWith(word, at) && isBoundary(text, end)) ends.push(end)
    }
  }
  let end = at
  while (end < text.length && whitespace.includes(text[end]!)) end++
  if (end > at) ends.push(end)
  return ends
}

/** The span of words and blanks: from the start if `fromStart`, up to the end if `toEnd`. Null if there is none. */
export const spanOfWords = (
  text: string, group: WordGroup, sorted: readonly Word[], fromStart: boolean, toEnd: boolean,
): readonly [start: number, end: number] | null => {
  const words = sorted.map((word) => word.text.toLowerCase())
  const lower = text.toLowerCase()
  const ends = (at: number): number[] => endsAt(text, lower, at, words, group.whitespace)
  if (toEnd) {
    const reaches: boolean[] = []
    for (let at = text.length; at >= 0; at--) {
      reaches[at] = at < text.length && ends(at).some((end) => end === text.length || reaches[end]!)
    }
    const start = fromStart ? (reaches[0] ? 0 : -1) : reaches.indexOf(true)
    return start < 0 ? null : [start, text.length]
  }
  for (let start = 0; start < (fromStart ? 1 : text.length); start++) {
    let end = start
    for (let next = ends(end)[0]; next !== undefined; next = ends(end)[0]) end = next
    if (end > start) return [start, end]
  }
  return null
}
