/** Words, numbers, texts and signs of the policy language. An address is read only where one may stand. */
import type { Origin } from '../origin.ts'

export const END = 0
export const WORD = 1
/** Begins with a digit: a number, a version, an IPv4 address, a file system's name. */
export const NUMBER = 2
export const SIGN = 3
export const STRING = 4
export const PATH = 5

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
export const isLetter = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
const isAlphanumeric = (code: number): boolean => isLetter(code) || isDigit(code)

export const WORD_PART = 1
export const BLANK = 2
const kinds = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  if (isAlphanumeric(code) || code === 0x5f || code === 0x2d) kinds[code] = WORD_PART
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) kinds[code] = BLANK
}
export const kindOf = (code: number): number => (code < 128 ? kinds[code]! : 0)

export const pairs = new Set(['==', '!=', '&&', '||'])
export const signs = new Set([...',:;(){}[]-.~*!^&|=<>'])

/** Nothing is read before the first `next`. */
export class Lexer {
  readonly origin: Origin
  readonly #text: string
  kind = END
  start = 0
  end = 0

  constructor(origin: Origin) {
    this.origin = origin
    this.#text = origin.text.text
  }

  /** Of the token, without quotes. */
  get text(): string {
    const inside = this.kind === STRING ? 1 : 0
    return this.#text.slice(this.start + inside, this.end - inside)
  }

  next(): void {
    const text = this.#text
    let at = this.end
    for (;;) {
      const code = text.charCodeAt(at)
      if (kindOf(code) === BLANK) at++
      else if (code === 0x23) {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end + 1
      } else break
    }
    this.start = at
    if (at >= text.length) {
      this.kind = END
      this.end = at
      return
    }
    const code = text.charCodeAt(at)
    if (isLetter(code)) this.#word(at)
    else if (isDigit(code)) this.#number(at)
    else if (code === 0x22) this.#string(at)
    else if (code === 0x2f) this.#path(at)
    else this.#sign(at)
  }

  /** The token again, as an address with colons. */
  address(): string {
    let end = this.start
    while (end < this.#text.length && /[0-9A-Fa-f:.]/.test(this.#text[end]!)) end++
    this.end = end
    return this.#text.slice(this.start, end)
  }

  /** A dot may stand between parts of a word, not behind it. */
  #word(start: number): void {
    const text = this.#text
    let at = start + 1
    for (;;) {
      while (kindOf(text.charCodeAt(at)) === WORD_PART) at++
      if (text.charCodeAt(at) !== 0x2e || kindOf(text.charCodeAt(at + 1)) !== WORD_PART) break
      at++
    }
    this.kind = WORD
    this.end = at
  }

  #number(start: number): void {
    const text = this.#text
    let at = start
    while (isAlphanumeric(text.charCodeAt(at))) at++
    while (text.charCodeAt(at) === 0x2e && isAlphanumeric(text.charCodeAt(at + 1))) {
      at++
      while (isAlphanumeric(text.charCodeAt(at)) || text.charCodeAt(at) === 0x5f) at++
    }
    this.kind = NUMBER
    this.end = at
  }

  #string(start: number): void {
    const text = this.#text
    let at = start + 1
    while (at < text.length && text[at] !== '"' && text[at] !== '\n') at++
    if (text[at] !== '"') {
      this.origin.fail('bad-character', 'a text is not closed on its line', start, { hint: 'a `"` is missing' })
    }
    this.kind = STRING
    this.end = at + 1
  }

  #path(start: number): void {
    let at = start + 1
    while (at < this.#text.length && kindOf(this.#text.charCodeAt(at)) !== BLANK) at++
    this.kind = PATH
    this.end = at
  }

  #sign(start: number): void {
    const text = this.#text
    const length = pairs.has(text.slice(start, start + 2)) ? 2 : 1
    if (length === 1 && !signs.has(text[start]!)) {
      const character = String.fromCodePoint(text.codePointAt(start)!)
      const isQuote = character === '`' || character === '\''
      this.origin.fail('bad-character', `\`${character}\` begins no word`, start,
        { hint: isQuote ? 'a quote of m4 is open or closed once too often' : null })
    }
    this.kind = SIGN
    this.end = start + length
  }
}
