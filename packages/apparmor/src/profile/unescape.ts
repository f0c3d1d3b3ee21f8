/**
 * Identifiers as they are written to what they mean: quotes come off, escapes are resolved where no pattern needs them.
 */
import { readEscape } from '../dfa/escape.ts'

/** Bytes that mean something to patterns: an escaped one stays escaped. */
const OF_PATTERNS = '*?[]{}^,\\'

const unescape = (text: string): string => {
  let meant = ''
  for (let at = 0; at < text.length;) {
    const escape = text[at] === '\\' ? readEscape(text, at + 1) : null
    if (escape === null) {
      meant += text[at++]!
      continue
    }
    const character = String.fromCharCode(escape.byte)
    // A NUL cannot be in a string of the parser's: the pattern resolves it.
    if (escape.byte === 0) meant += text.slice(at, escape.end)
    else meant += OF_PATTERNS.includes(character) ? `\\${character}` : character
    at = escape.end
  }
  return meant
}

/** The meaning of an identifier or a quoted string. */
export const meaningOf = (written: string): string => {
  const quoted = written.length > 1 && written.startsWith('"') && written.endsWith('"')
  const text = quoted ? written.slice(1, -1) : written
  return text.includes('\\') ? unescape(text) : text
}
