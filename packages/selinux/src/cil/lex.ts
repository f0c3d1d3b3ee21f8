/** Bytes to tokens: parentheses, symbols, strings. Comments and the line marks of generated files are passed over. */

export const TOKEN_END = 0
export const TOKEN_OPEN = 1
export const TOKEN_CLOSE = 2
/** A symbol, or a string without its quotes. */
export const TOKEN_WORD = 3
/** A byte that begins no token. */
export const TOKEN_BAD = 4
/** `;;*` and the rest of the line. */
export const TOKEN_MARK = 5

const NEWLINE = 0x0a
const RETURN = 0x0d
const QUOTE = 0x22
const STAR = 0x2a
const SEMICOLON = 0x3b

const BLANK = 1
const LINE_END = 2
const SYMBOL = 3
const OPEN = 4
const CLOSE = 5
const STRING = 6
const COMMENT = 7

const classes = new Uint8Array(256)
const symbolCharacters =
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[].@=/*-_$%+!|&^:~`#{}\'<>?,'
for (const character of symbolCharacters) classes[character.charCodeAt(0)] = SYMBOL
for (const [character, kind] of [[' ', BLANK], ['\t', BLANK], ['\n', LINE_END], ['\r', LINE_END], ['(', OPEN],
  [')', CLOSE], ['"', STRING], [';', COMMENT]] as const) classes[character.charCodeAt(0)] = kind

export class Lexer {
  readonly #bytes: Uint8Array
  #at = 0
  /** The bytes of the last token. */
  start = 0
  end = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The kind of the next token; `start` and `end` are the place of its text. */
  next(): number {
    const bytes = this.#bytes
    for (;;) {
      if (this.#at >= bytes.length) {
        this.start = this.end = bytes.length
        return TOKEN_END
      }
      const start = this.start = this.#at
      switch (classes[bytes[start]!]) {
        case BLANK:
        case LINE_END:
          this.#at++
          break
        case OPEN:
          this.end = ++this.#at
          return TOKEN_OPEN
        case CLOSE:
          this.end = ++this.#at
          return TOKEN_CLOSE
        case SYMBOL: {
          let end = start + 1
          while (classes[bytes[end]!] === SYMBOL) end++
          this.#at = this.end = end
          return TOKEN_WORD
        }
        case STRING:
          return this.#string(start + 1)
        case COMMENT:
          if (this.#comment(start)) return TOKEN_MARK
          break
        default:
          this.end = ++this.#at
          return TOKEN_BAD
      }
    }
  }

  #string(start: number): number {
    const bytes = this.#bytes
    let end = start
    // No name has a NUL in it.
    while (end < bytes.length && bytes[end] !== QUOTE && bytes[end] !== NEWLINE && bytes[end] !== 0) end++
    if (bytes[end] !== QUOTE) {
      this.end = this.#at = start
      return TOKEN_BAD
    }
    this.start = start
    this.end = end
    this.#at = end + 1
    return TOKEN_WORD
  }

  /** Passes over a comment; true when it is a line mark, which the token then spans. */
  #comment(start: number): boolean {
    const bytes = this.#bytes
    let end = start
    while (end < bytes.length && bytes[end] !== NEWLINE && bytes[end] !== RETURN) end++
    this.#at = this.end = end
    const atLineStart = start === 0 || bytes[start - 1] === NEWLINE || bytes[start - 1] === RETURN
    return atLineStart && bytes[start + 1] === SEMICOLON && bytes[start + 2] === STAR
  }
}
