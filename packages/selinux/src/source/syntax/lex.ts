/** Words and signs of sources as they are written: arguments of macros, quotes of m4, and comments, which are kept. */
import {
  BLANK, END, isDigit, isLetter, kindOf, Lexer, NUMBER, pairs, PATH, SIGN, STRING, WORD, WORD_PART,
} from '../te/lex.ts'

export interface Comment {
  readonly start: number
  readonly end: number
  /** Nothing stands before it on its line. */
  readonly isAlone: boolean
}

const QUOTE_OPEN = 0x60
const DOLLAR = 0x24
const STAR = 0x2a

/** A word may have `$1`, `$*` and `-` in it, and `.` between two parts. */
const wordEnd = (text: string, start: number): number => {
  let at = start
  for (;;) {
    const code = text.charCodeAt(at)
    if (kindOf(code) === WORD_PART || code === DOLLAR) at++
    else if (code === STAR && text.charCodeAt(at - 1) === DOLLAR) at++
    else if (code === 0x2e && at > start && kindOf(text.charCodeAt(at + 1)) === WORD_PART) at++
    else return at
  }
}

export class SourceLexer extends Lexer {
  readonly comments: Comment[] = []
  /** Where the token before ended. */
  before = 0

  override next(): void {
    const { text } = this.origin.text
    this.before = this.end
    const at = this.#behindBlanks(this.end)
    this.start = at
    if (at >= text.length) {
      this.kind = END
      this.end = at
      return
    }
    const code = text.charCodeAt(at)
    if (isLetter(code) || code === DOLLAR || code === 0x5f) {
      this.kind = WORD
      this.end = wordEnd(text, at)
    } else if (isDigit(code)) this.#number(at)
    else if (code === 0x22) this.#string(at)
    else if (code === 0x2f) this.#path(at)
    else {
      this.kind = SIGN
      this.end = at + (pairs.has(text.slice(at, at + 2)) ? 2 : 1)
    }
  }

  /** Goes on at another place. */
  seek(at: number): void {
    this.end = at
    this.next()
  }

  #behindBlanks(from: number): number {
    const { text } = this.origin.text
    let at = from
    for (;;) {
      const code = text.charCodeAt(at)
      if (kindOf(code) === BLANK) at++
      else if (code === 0x23 || this.#isDnl(at)) {
        const found = text.indexOf('\n', at)
        const end = found < 0 ? text.length : found
        const last = this.comments.at(-1)
        if (last === undefined || last.start < at) {
          const line = text.lastIndexOf('\n', at - 1) + 1
          this.comments.push({ start: at, end, isAlone: text.slice(line, at).trim() === '' })
        }
        at = end
      } else return at
    }
  }

  #isDnl(at: number): boolean {
    const { text } = this.origin.text
    if (!text.startsWith('dnl', at)) return false
    const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at + 3)]
    return kindOf(after) !== WORD_PART && after !== 0x28 && (at === 0 || kindOf(before) !== WORD_PART)
  }

  #number(start: number): void {
    const { text } = this.origin.text
    let at = wordEnd(text, start)
    // `1000-1001` is a range, and no word.
    const dash = text.slice(start, at).indexOf('-')
    if (dash > 0) at = start + dash
    this.kind = NUMBER
    this.end = at
  }

  #string(start: number): void {
    const { text } = this.origin.text
    let at = start + 1
    while (at < text.length && text[at] !== '"' && text[at] !== '\n') at++
    if (text[at] !== '"') {
      this.end = at
      this.origin.fail('bad-character', 'a text is not closed on its line', start, { hint: 'a `"` is missing' })
    }
    this.kind = STRING
    this.end = at + 1
  }

  /** Up to a blank, or to a sign of a macro that it is an argument of. */
  #path(start: number): void {
    const { text } = this.origin.text
    let at = start + 1
    while (at < text.length && kindOf(text.charCodeAt(at)) !== BLANK && text[at] !== '\'' && text[at] !== ')' &&
      text.charCodeAt(at) !== QUOTE_OPEN) at++
    this.kind = PATH
    this.end = at
  }
}
