/** The parts of every statement: words, sets, lists, levels, contexts. */
import type { SourceErrorCode } from '../errors.ts'
import type { ContextText, LevelText, RangeText, Word, WordSet } from './ast.ts'
import { END, Lexer, NUMBER, SIGN, STRING, WORD } from './lex.ts'
import type { Origin } from '../origin.ts'
import { keywordOf } from './words.ts'

/** Blocks, brackets and expressions inside one another. */
const DEEPEST = 200

export class Parser {
  readonly origin: Origin
  readonly lexer: Lexer
  /** Where the statement begins that is read. */
  statement = 0
  /** Names of macros that exist, for hints. */
  readonly hintFor: (name: string) => string | null
  #depth = 0

  constructor(origin: Origin, hintFor: (name: string) => string | null, lexer = new Lexer(origin)) {
    this.origin = origin
    this.lexer = lexer
    this.hintFor = hintFor
    lexer.next()
  }

  fail(code: SourceErrorCode, message: string, at = this.lexer.start, hint: string | null = null): never {
    return this.origin.fail(code, message, at, { hint, statement: this.statement })
  }

  get isEnd(): boolean {
    return this.lexer.kind === END
  }

  /** Whether the next token is this sign. */
  isSign(sign: string): boolean {
    return this.lexer.kind === SIGN && this.lexer.text === sign
  }

  takeSign(sign: string): boolean {
    const is = this.isSign(sign)
    if (is) this.lexer.next()
    return is
  }

  expect(sign: string): void {
    if (!this.takeSign(sign)) this.unexpected(`\`${sign}\``)
  }

  unexpected(wanted: string): never {
    const { kind, text } = this.lexer
    const found = kind === END ? 'the end of the text' : kind === STRING ? `"${text}"` : `\`${text}\``
    return this.fail('bad-syntax', `${wanted} is expected, and ${found} follows`)
  }

  /** The keyword that comes next; null where none does. */
  get keyword(): string | null {
    return this.lexer.kind === WORD ? keywordOf(this.lexer.text) : null
  }

  takeKeyword(word: string): boolean {
    const is = this.keyword === word
    if (is) this.lexer.next()
    return is
  }

  /** A name: no keyword. */
  name(what: string): Word {
    const { kind, text, start } = this.lexer
    if (kind !== WORD) return this.unexpected(what)
    if (keywordOf(text) !== null) this.fail('bad-name', `\`${text}\` is a keyword, and ${what} is expected`)
    this.lexer.next()
    return { text, at: start }
  }

  /** A name that may begin with a digit, as those of file systems do. */
  freeName(what: string): Word {
    const { kind, text, start } = this.lexer
    if (kind !== NUMBER) return this.name(what)
    this.lexer.next()
    return { text, at: start }
  }

  text(what: string): Word {
    const { kind, text, start } = this.lexer
    if (kind !== STRING) return this.unexpected(what)
    this.lexer.next()
    return { text, at: start }
  }

  number(what: string): number {
    const { kind, text, start } = this.lexer
    if (kind !== NUMBER) return this.unexpected(what)
    const value = /^(\d+|0[xX][0-9A-Fa-f]+)$/.test(text) ? Number(/^0\d/.test(text) ? `0o${text}` : text) : Number.NaN
    if (!Number.isSafeInteger(value)) this.fail('bad-value', `\`${text}\` is not a number`, start)
    this.lexer.next()
    return value
  }

  /** `a, b, c`. */
  commaList(what: string): Word[] {
    const names = [this.name(what)]
    while (this.takeSign(',')) names.push(this.name(what))
    return names
  }

  /** `a` or `{ a b { c } }`, without the signs of a set. */
  plainList(what: string): Word[] {
    const { words, without, isAll, isComplement, at } = this.set(what)
    if (without.length > 0 || isAll || isComplement) this.fail('bad-syntax', `${what} cannot be left out here`, at)
    return [...words]
  }

  /** Names of any number, with what is left out of them. */
  set(what: string): WordSet {
    const at = this.lexer.start
    if (this.takeSign('*')) return { words: [], without: [], isAll: true, isComplement: false, at }
    const isComplement = this.takeSign('~')
    const [words, without]: [Word[], Word[]] = [[], []]
    if (this.isSign('{')) this.#braces(what, words, without)
    else {
      words.push(this.name(what))
      if (!isComplement && this.takeSign('-')) without.push(this.name(what))
    }
    return { words, without, isAll: false, isComplement, at }
  }

  #braces(what: string, words: Word[], without: Word[]): void {
    this.nested(() => {
      this.expect('{')
      while (!this.takeSign('}')) {
        if (this.isSign('{')) this.#braces(what, words, without)
        else if (this.takeSign('-')) without.push(this.name(what))
        else words.push(this.name(what))
      }
    })
  }

  nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) this.fail('too-deep', `more than ${DEEPEST} blocks inside one another`)
    const value = read()
    this.#depth--
    return value
  }

  /** `s0`, `s0:c0.c5,c7`. */
  level(): LevelText {
    const sensitivity = this.name('a sensitivity')
    return { sensitivity, categories: this.takeSign(':') ? this.commaList('a category') : [] }
  }

  range(): RangeText {
    const low = this.level()
    return { low, high: this.takeSign('-') ? this.level() : null }
  }

  context(): ContextText {
    const user = this.name('a user')
    this.expect(':')
    const role = this.name('a role')
    this.expect(':')
    const type = this.name('a type')
    return { user, role, type, range: this.takeSign(':') ? this.range() : null }
  }
}
