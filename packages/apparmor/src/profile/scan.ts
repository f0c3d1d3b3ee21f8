/** Reads one file token by token. */
import { oneLine } from '@lsmkit/abi'
import { ProfileError } from './errors.ts'
import { tokenAt, type Context, type Token, type TokenKind } from './lex.ts'
import { Place, type SourceText } from './place.ts'

const BLANKS = /(?:[ \t]+|\r?\n)*/y
const BLANKS_AND_COMMENTS = /(?:[ \t]+|\r?\n|#(?!include)[^\n]*)*/y
const LINE_BLANKS = /(?:[ \t]+|\\\n)*/y

export class Scanner {
  readonly source: SourceText
  at = 0
  #ahead: Token | null = null
  #aheadContext: Context | null = null

  constructor(source: SourceText) {
    this.source = source
  }

  place(offset = this.at): Place {
    return new Place(this.source, offset)
  }

  /** The next token, which stays; kind `end` at the end of the file. Comments are passed over where rules stand. */
  peek(context: Context): Token {
    if (this.#ahead !== null && this.#aheadContext === context && this.#ahead.start >= this.at) return this.#ahead
    this.#skip(context === 'rule' ? BLANKS_AND_COMMENTS : context === 'assignment' ? LINE_BLANKS : BLANKS)
    const { text } = this.source
    if (this.at >= text.length) return { kind: 'end', text: '', start: this.at }
    const token = tokenAt(context, text, this.at)
    if (token === null) throw this.unexpected(context)
    this.#ahead = token
    this.#aheadContext = context
    return token
  }

  next(context: Context): Token {
    const token = this.peek(context)
    this.at = token.start + token.text.length
    this.#ahead = null
    return token
  }

  /** The next token if it is of that kind. */
  take(context: Context, kind: TokenKind): Token | null {
    return this.peek(context).kind === kind ? this.next(context) : null
  }

  expect(context: Context, kind: TokenKind, wanted: string): Token {
    const token = this.peek(context)
    if (token.kind !== kind) throw this.wants(wanted, token)
    return this.next(context)
  }

  /** The character at the place where the scanner stands, blanks of the line passed over. */
  lineRest(): string {
    this.#skip(LINE_BLANKS)
    return this.source.text[this.at] ?? ''
  }

  skipLine(): void {
    const end = this.source.text.indexOf('\n', this.at)
    this.at = end < 0 ? this.source.text.length : end + 1
  }

  unexpected(context: Context): ProfileError {
    const character = this.source.text[this.at]!
    const what = character === '"' ? 'a quote that is not closed' : `unexpected \`${oneLine(character)}\``
    const hint = context === 'rule' ? null : 'does the rule before end with a comma?'
    return new ProfileError('bad-character', what, this.place(), { hint })
  }

  wants(wanted: string, token: Token): ProfileError {
    const got = token.kind === 'end' ? 'the file ends' : `got \`${shorten(token.text)}\``
    return new ProfileError('unexpected', `expected ${wanted}, ${got}`, this.place(token.start))
  }

  #skip(blanks: RegExp): void {
    blanks.lastIndex = this.at
    const { 0: skipped } = blanks.exec(this.source.text)!
    if (skipped.length === 0) return
    this.at += skipped.length
    this.#ahead = null
  }
}

const shorten = (text: string): string => text.length > 60 ? `${text.slice(0, 57)}...` : text
