/** The parser of the policy language on unexpanded text: it takes `gen_context` and arguments of macros as words. */
import type { ContextText, RangeText, Word } from '../te/ast.ts'
import { END, SIGN, STRING, WORD } from '../te/lex.ts'
import { Parser } from '../te/parser.ts'
import type { Argument } from './ast.ts'
import { SourceLexer } from './lex.ts'
import type { Origin } from '../origin.ts'

export class SourceParser extends Parser {
  readonly source: SourceLexer

  constructor(origin: Origin) {
    const lexer = new SourceLexer(origin)
    super(origin, () => null, lexer)
    this.source = lexer
  }

  /** Where the last token ended. */
  get before(): number {
    return this.source.before
  }

  isWord(word: string): boolean {
    return this.lexer.kind === WORD && this.lexer.text === word
  }

  /** Whether a `(` stands right behind the word that comes next. */
  get isCall(): boolean {
    return this.lexer.kind === WORD && /^[ \t]*\(/.test(this.origin.text.text.slice(this.lexer.end, this.lexer.end + 20))
  }

  word(what: string): Word {
    const { kind, text, start } = this.lexer
    if (kind === END || kind === SIGN) return this.unexpected(what)
    this.lexer.next()
    return { text, at: start }
  }

  override context(): ContextText {
    if (!this.isWord('gen_context') || !this.isCall) return super.context()
    this.lexer.next()
    this.expect('(')
    const found = super.context()
    const range: RangeText | null = this.takeSign(',') ? this.range() : found.range
    if (this.takeSign(',') && !this.isSign(')')) this.range()
    this.expect(')')
    return { ...found, range }
  }

  /** From the `(`, up to the `)`. */
  arguments(): Argument[] {
    this.expect('(')
    const args: Argument[] = []
    if (this.takeSign(')')) return args
    for (;;) {
      args.push(this.#argument())
      if (this.takeSign(')')) return args
      this.expect(',')
    }
  }

  #argument(): Argument {
    const { start } = this.lexer
    const words: Word[] = []
    let end = start
    let groups = 0
    for (let depth = 0; depth > 0 || !(this.isSign(',') || this.isSign(')'));) {
      const { kind, text, start: at } = this.lexer
      if (kind === END) return this.unexpected('`)`')
      if (kind !== SIGN) {
        if (depth === 0) groups++
        words.push({ text: kind === STRING ? `"${text}"` : text, at })
      } else if ('`{('.includes(text)) {
        if (depth++ === 0) groups++
      } else if ('\'})'.includes(text)) depth--
      else if (text === '-') {
        this.lexer.next()
        const next = this.lexer
        if (next.kind === SIGN || next.kind === END) continue
        if (depth === 0) groups++
        words.push({ text: `-${next.text}`, at })
      }
      end = this.lexer.end
      this.lexer.next()
    }
    return { start, end, words, isLoose: groups > 1 }
  }

  /** Passes over what cannot be read: behind the next `;`, or up to what closes the block. */
  recover(): void {
    const { source } = this
    let depth = 0
    for (;;) {
      if (this.isEnd) return
      const text = source.kind === SIGN ? source.text : ''
      if (depth === 0 && text === ';') return this.skip()
      if (text !== '' && '`{('.includes(text)) depth++
      else if (text !== '' && '\'})'.includes(text)) {
        if (depth === 0) return
        depth--
      }
      this.skip()
    }
  }

  /** The next token that can be read. */
  skip(): void {
    for (;;) {
      try {
        this.lexer.next()
        return
      } catch {
        // The lexer stands behind what it refused.
      }
    }
  }
}
