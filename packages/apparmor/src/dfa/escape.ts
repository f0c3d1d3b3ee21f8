/**
 * Escapes after a backslash, which the profile language and its patterns share: octal, `\dNNN`, `\xHH`, and letters.
 */

const LETTERS: Readonly<Record<string, number>> = {
  '\\': 0x5c, '"': 0x22, a: 7, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 9,
}

export interface Escape {
  /** The byte it stands for. */
  readonly byte: number
  /** The index after it. */
  readonly end: number
}

const DIGITS = /[0-9a-f]/iu

/** A number of at most `most` digits that stays below 256; a digit that would make it larger is left for the text. */
const number = (text: string, at: number, base: number, most: number): Escape | null => {
  let byte = 0
  let end = at
  while (end < text.length && end - at < most && DIGITS.test(text[end]!)) {
    const digit = parseInt(text[end]!, 16)
    if (digit >= base || byte * base + digit > 255) break
    byte = byte * base + digit
    end++
  }
  return end === at ? null : { byte, end }
}

/**
 * The escape at `at`, the index after the backslash; `more` are characters that stand for themselves. `null`: no
 * escape.
 */
export const readEscape = (text: string, at: number, more = ''): Escape | null => {
  const character = text[at]
  if (character === undefined) return null
  if (character >= '0' && character <= '7') return number(text, at, 8, 3)
  if (character === 'd') return number(text, at + 1, 10, 3)
  if (character === 'x') return number(text, at + 1, 16, 2)
  const letter = Object.hasOwn(LETTERS, character) ? LETTERS[character]! : undefined
  if (letter !== undefined) return { byte: letter, end: at + 1 }
  return more.includes(character) ? { byte: character.charCodeAt(0), end: at + 1 } : null
}
