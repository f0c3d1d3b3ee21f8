/** Parses the C of the rows: declarations with initialisers, expressions, if, for and while. */
import { ownValue } from '@lsmkit/abi'
import type { Expr, Init, Statement } from './ast.ts'
import { lex } from './lex.ts'
import type { Token } from './lex.ts'
import { CHAR, INT, int, layOut, LONG, pointerTo, TYPEDEFS, VOID } from './types.ts'
import type { CType, Struct } from './types.ts'

/** Struct and union types by name, across all texts of one program. */
export type Tags = Map<string, Struct>

const QUALIFIERS = new Set(['static', 'const', 'volatile', 'extern', 'register', 'inline'])
const BASIC = new Set(['int', 'long', 'short', 'char', 'unsigned', 'signed', 'void', 'struct', 'union', 'enum'])
const LEVELS: readonly (readonly string[])[] = [
  ['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '>', '<=', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%'],
]
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '|=', '&=', '^=', '<<=', '>>='])

export class Parser {
  #at = 0
  readonly #tokens: readonly Token[]
  readonly #tags: Tags
  /** Constant expressions (array lengths) are worked out at once. */
  readonly #constant: (expr: Expr) => number

  constructor(text: string, tags: Tags, constant: (expr: Expr) => number) {
    this.#tokens = lex(text)
    this.#tags = tags
    this.#constant = constant
  }

  program(): Statement[] {
    const statements: Statement[] = []
    while (this.#peek().kind !== 'end') statements.push(...this.#statement())
    return statements
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }
  #next(): Token {
    return this.#tokens[this.#at++] ?? this.#tokens.at(-1)!
  }
  #is(text: string): boolean {
    const token = this.#peek()
    return token.text === text && (token.kind === 'punct' || token.kind === 'name')
  }
  #take(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at++
    return true
  }
  #expect(text: string): void {
    if (!this.#take(text)) throw new Error(`expected \`${text}\` before \`${this.#peek().text}\``)
  }

  #startsType(ahead = 0): boolean {
    const { kind, text } = this.#peek(ahead)
    return kind === 'name' && (QUALIFIERS.has(text) || BASIC.has(text) || this.#named(text) !== undefined)
  }

  #named(text: string): CType | undefined {
    return ownValue(TYPEDEFS, text) ?? this.#tags.get(`typedef ${text}`)
  }

  #statement(): Statement[] {
    if (this.#take(';')) return []
    if (this.#take('{')) return this.#rest('}')
    if (this.#take('if')) {
      this.#expect('(')
      const test = this.expression()
      this.#expect(')')
      const then = this.#statement()
      return [{ kind: 'if', test, then, otherwise: this.#take('else') ? this.#statement() : [] }]
    }
    if (this.#take('while')) {
      this.#expect('(')
      const test = this.expression()
      this.#expect(')')
      return [{ kind: 'while', test, body: this.#statement() }]
    }
    if (this.#take('do')) {
      const body = this.#statement()
      this.#expect('while')
      const test = this.expression()
      this.#expect(';')
      return [{ kind: 'do', test, body }]
    }
    for (const kind of ['break', 'continue'] as const) {
      if (!this.#take(kind)) continue
      this.#expect(';')
      return [{ kind }]
    }
    if (this.#take('for')) return [this.#forStatement()]
    if (this.#take('typedef')) return this.#typedef()
    if (this.#startsType()) return this.#declaration()
    const expr = this.expression()
    if (this.#peek().kind !== 'end') this.#expect(';')
    return [{ kind: 'expression', expr }]
  }

  /** `typedef struct { … } name;`: kept beside the tags, whose names it cannot collide with. */
  #typedef(): Statement[] {
    const { name, type } = this.#declarator(this.baseType())
    if (type.kind !== 'struct') throw new Error(`typedef of \`${name}\``)
    this.#tags.set(`typedef ${name}`, type)
    this.#expect(';')
    return []
  }

  #rest(end: string): Statement[] {
    const statements: Statement[] = []
    while (!this.#take(end)) statements.push(...this.#statement())
    return statements
  }

  #forStatement(): Statement {
    this.#expect('(')
    const init = this.#statement()
    const test = this.#is(';') ? null : this.expression()
    this.#expect(';')
    const step = this.#is(')') ? null : this.expression()
    this.#expect(')')
    return { kind: 'for', init, test, step, body: this.#statement() }
  }

  /** `int a = 1, *b, c[2];` */
  #declaration(): Statement[] {
    const base = this.baseType()
    const found: Statement[] = []
    while (!this.#is(';')) {
      const { name, type } = this.#declarator(base)
      const init = this.#take('=') ? this.#initialiser() : null
      if (name !== '') found.push({ kind: 'declare', name, type: sized(type, init), init })
      if (!this.#take(',')) break
    }
    if (this.#peek().kind !== 'end') this.#expect(';')
    return found
  }

  /** The part of a type that stands before the names. */
  baseType(): CType {
    let words: string[] = []
    for (;;) {
      const { kind, text } = this.#peek()
      if (kind !== 'name') break
      if (QUALIFIERS.has(text)) this.#at++
      else if (text === 'struct' || text === 'union') return this.#structType()
      else if (BASIC.has(text)) words = [...words, this.#next().text]
      else if (words.length === 0 && this.#named(text) !== undefined) {
        this.#at++
        this.#skipQualifiers()
        return this.#named(text)!
      } else break
    }
    this.#skipQualifiers()
    const signed = !words.includes('unsigned')
    if (words.includes('void')) return VOID
    if (words.includes('char')) return signed ? CHAR : int(1, false)
    if (words.includes('short')) return int(2, signed)
    if (words.includes('long')) return signed ? LONG : int(8, false)
    return signed ? INT : int(4, false)
  }

  #skipQualifiers(): void {
    while (QUALIFIERS.has(this.#peek().text)) this.#at++
  }

  #structType(): CType {
    const isUnion = this.#next().text === 'union'
    // the only attribute that texts write here packs the members
    const isPacked = this.#is('__attribute__')
    this.#attributes()
    const name = this.#peek().kind === 'name' ? this.#next().text : ''
    let struct = name === '' ? undefined : this.#tags.get(name)
    if (struct === undefined) {
      struct = { kind: 'struct', fields: [], size: 0, align: 1 }
      if (name !== '') this.#tags.set(name, struct)
    }
    if (this.#take('{')) {
      // machines share the types of the headers: no text may change one
      if (struct.size !== 0) throw new Error(`\`${name}\` is defined twice`)
      const members: { name: string; type: CType }[] = []
      while (!this.#take('}')) {
        const base = this.baseType()
        do members.push(this.#declarator(base))
        while (this.#take(','))
        this.#expect(';')
      }
      layOut(struct, members, isUnion, isPacked)
    }
    this.#attributes()
    return struct
  }

  #declarator(base: CType): { name: string; type: CType } {
    let type = base
    while (this.#take('*')) {
      type = pointerTo(type)
      this.#skipQualifiers()
    }
    if (this.#is('(') && this.#peek(1).text === '*') return this.#functionPointer()
    const name = this.#peek().kind === 'name' ? this.#next().text : ''
    const lengths: number[] = []
    while (this.#take('[')) {
      lengths.push(this.#is(']') ? -1 : this.#constant(this.expression()))
      this.#expect(']')
    }
    for (const length of lengths.reverse()) type = { kind: 'array', of: type, length }
    this.#attributes()
    return { name, type }
  }

  #functionPointer(): { name: string; type: CType } {
    this.#expect('(')
    this.#expect('*')
    const name = this.#peek().kind === 'name' ? this.#next().text : ''
    this.#expect(')')
    this.#balanced()
    return { name, type: pointerTo(VOID) }
  }

  /** Skips a parenthesised list. */
  #balanced(): void {
    this.#expect('(')
    for (let depth = 1; depth > 0;) {
      const { text, kind } = this.#next()
      if (kind === 'end') throw new Error('unbalanced parentheses')
      if (kind === 'punct') depth += text === '(' ? 1 : text === ')' ? -1 : 0
    }
  }

  #attributes(): void {
    while (this.#take('__attribute__')) this.#balanced()
  }

  #initialiser(): Init {
    if (!this.#take('{')) return this.#assignment()
    const items: { field: string | null; value: Init }[] = []
    while (!this.#take('}')) {
      let field: string | null = null
      if (this.#take('.')) {
        field = this.#next().text
        this.#expect('=')
      }
      items.push({ field, value: this.#initialiser() })
      this.#take(',')
    }
    return { kind: 'list', items }
  }

  expression(): Expr {
    let left = this.#assignment()
    while (this.#take(',')) left = { kind: 'comma', left, right: this.#assignment() }
    return left
  }

  #assignment(): Expr {
    const to = this.#conditional()
    if (this.#peek().kind !== 'punct' || !ASSIGNMENTS.has(this.#peek().text)) return to
    const op = this.#next().text
    return { kind: 'assign', op, to, value: this.#assignment() }
  }

  #conditional(): Expr {
    const test = this.#binary(0)
    if (!this.#take('?')) return test
    if (this.#take(':')) return { kind: 'conditional', test, yes: test, no: this.#conditional() }
    const yes = this.expression()
    this.#expect(':')
    return { kind: 'conditional', test, yes, no: this.#conditional() }
  }

  #binary(level: number): Expr {
    if (level === LEVELS.length) return this.#unary()
    let left = this.#binary(level + 1)
    while (this.#peek().kind === 'punct' && LEVELS[level]!.includes(this.#peek().text)) {
      const op = this.#next().text
      left = { kind: 'binary', op, left, right: this.#binary(level + 1) }
    }
    return left
  }

  #unary(): Expr {
    const { kind, text } = this.#peek()
    if (text === 'sizeof' && kind === 'name') return this.#sizeofExpression()
    if (kind === 'punct' && ['&', '*', '-', '+', '!', '~', '++', '--'].includes(text)) {
      this.#at++
      return { kind: 'unary', op: text, of: this.#unary() }
    }
    if (this.#is('(') && this.#startsType(1)) return this.#castOrLiteral()
    return this.#postfix(this.#primary())
  }

  #sizeofExpression(): Expr {
    this.#at++
    if (!this.#is('(') || !this.#startsType(1)) return { kind: 'sizeof', of: this.#unary() }
    this.#expect('(')
    const type = this.#typeName()
    this.#expect(')')
    return { kind: 'sizeof', of: type }
  }

  #typeName(): CType {
    const base = this.baseType()
    if (this.#is('(')) {
      // A function type: only pointers to it occur.
      while (this.#is('(')) this.#balanced()
      return pointerTo(VOID)
    }
    return this.#declarator(base).type
  }

  #castOrLiteral(): Expr {
    this.#expect('(')
    const type = this.#typeName()
    this.#expect(')')
    if (!this.#is('{')) return { kind: 'cast', type, of: this.#unary() }
    const init = this.#initialiser()
    return this.#postfix({ kind: 'literal', type: sized(type, init), init })
  }

  #primary(): Expr {
    const token = this.#next()
    if (token.kind === 'number') return { kind: 'number', value: token.value }
    if (token.kind === 'string') {
      let { text } = token
      while (this.#peek().kind === 'string') text += this.#next().text
      return { kind: 'string', text }
    }
    if (token.kind === 'name') return this.#is('(') ? this.#call(token.text) : { kind: 'name', name: token.text }
    if (token.text !== '(') throw new Error(`unexpected \`${token.text}\``)
    const inner = this.expression()
    this.#expect(')')
    return inner
  }

  #call(name: string): Expr {
    this.#expect('(')
    const args: Expr[] = []
    while (!this.#take(')')) {
      args.push(this.#assignment())
      this.#take(',')
    }
    return { kind: 'call', name, args }
  }

  #postfix(of: Expr): Expr {
    for (;;) {
      if (this.#take('[')) {
        of = { kind: 'index', of, at: this.expression() }
        this.#expect(']')
      } else if (this.#take('.')) of = { kind: 'member', of, name: this.#next().text, arrow: false }
      else if (this.#take('->')) of = { kind: 'member', of, name: this.#next().text, arrow: true }
      else if (this.#is('++') || this.#is('--')) of = { kind: 'postfix', op: this.#next().text as '++' | '--', of }
      else return of
    }
  }
}

/** An array without a length has that of its initialiser. */
const sized = (type: CType, init: Init | null): CType => {
  if (type.kind !== 'array' || type.length >= 0 || init === null) return type
  const length = init.kind === 'list' ? init.items.length : init.kind === 'string' ? init.text.length + 1 : 0
  return { ...type, length }
}
