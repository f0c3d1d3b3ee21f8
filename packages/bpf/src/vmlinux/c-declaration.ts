/** C declarations of the plain sort, as text: what field tables and prototypes are written in. */

export type CType =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'struct' | 'union' | 'enum'; readonly name: string }
  | { readonly kind: 'const' | 'volatile'; readonly of: CType }
  /** `__user`, `__rcu`: stand before the star, and are a tag on what is pointed to. */
  | { readonly kind: 'tag'; readonly name: string; readonly of: CType }
  | { readonly kind: 'pointer'; readonly of: CType }
  | { readonly kind: 'array'; readonly of: CType; readonly length: number }
  | {
    readonly kind: 'function'
    readonly returns: CType
    readonly params: readonly CDeclaration[]
    readonly isVariadic: boolean
  }

export interface CDeclaration {
  readonly name: string
  readonly type: CType
}

const qualifiers = new Set(['const', 'volatile'])
const tags = new Set(['__user', '__rcu', '__percpu'])
const words = new Set(['unsigned', 'signed', 'char', 'short', 'int', 'long', 'void', 'bool', '_Bool', '__int128'])

/** Throws SyntaxError: the texts are ours. Declarations share one type if their texts are the same without the name. */
export const parseDeclaration = (text: string): CDeclaration => {
  const bracket = text.search(/[[(]/)
  const isFunction = text[bracket] === '('
  // inner parentheses, of pointers to functions, are the parser's
  if (isFunction && (text.indexOf('(', bracket + 1) !== -1 || !text.endsWith(')'))) return parseWhole(text)
  const end = bracket === -1 ? text.length : bracket
  const start = Math.max(text.lastIndexOf(' ', end - 1), text.lastIndexOf('*', end - 1)) + 1
  const name = text.slice(start, end)
  const key = text.slice(0, start) + text.slice(end)
  const known = words.has(name) ? undefined : types.get(key)
  if (known !== undefined) return { name, type: known }
  const parsed = isFunction ? parseFunction(text, bracket) : parseWhole(text)
  if (parsed.name === name) types.set(key, parsed.type)
  return parsed
}

/** Types by the text of a declaration without its name. */
const types = new Map<string, CType>()

/** A function whose parameters are one declaration each between commas. */
const parseFunction = (text: string, bracket: number): CDeclaration => {
  const { name, type: returns } = parseDeclaration(text.slice(0, bracket))
  const params = text.slice(bracket + 1, -1).split(',').map((param) => param.trim())
  const isVariadic = params.at(-1) === '...'
  if (isVariadic) params.pop()
  const isEmpty = params.length === 1 && (params[0] === '' || params[0] === 'void')
  return { name, type: { kind: 'function', returns, params: isEmpty ? [] : params.map(parseDeclaration), isVariadic } }
}

const parseWhole = (text: string): CDeclaration => {
  const parser = new Parser(text)
  const declaration = parser.declaration()
  parser.end()
  return declaration
}

export interface CMember {
  readonly declaration: CDeclaration
  /** Byte offset when it is given, else where the compiler puts it; `end`: behind all before it. */
  readonly at: number | 'end' | null
  /** Of a bit field: how many; 0 for others. */
  readonly bits: number
}

/** `int a; struct b *c; @6 u8 d; u8 e:3`: `d` lies at byte 6, over whatever is there; `e` has three bits. */
export const parseMembers = (text: string): CMember[] =>
  text.split(';').map((one) => one.trim()).filter((one) => one !== '').map((one) => {
    const space = one.startsWith('@') ? one.indexOf(' ') : -1
    const at = space === -1 ? null : one.slice(1, space)
    const colon = one.lastIndexOf(':')
    return {
      declaration: parseDeclaration(one.slice(space + 1, colon === -1 ? undefined : colon)),
      at: at === null || at === 'end' ? at : Number(at),
      bits: colon === -1 ? 0 : Number(one.slice(colon + 1)),
    }
  })

class Parser {
  readonly #text: string
  readonly #tokens: string[]
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = text.match(/\w+|\.\.\.|[^\s\w]/g) ?? []
  }

  declaration(): CDeclaration {
    const base = this.#specifiers()
    return this.#declarator(base)
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.#bad()
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? ''
  }

  #accept(token: string): boolean {
    if (this.#peek() !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    if (!this.#accept(token)) this.#bad()
  }

  #specifiers(): CType {
    const around: string[] = []
    const names: string[] = []
    let type: CType | null = null
    for (;;) {
      const token = this.#peek()
      if (qualifiers.has(token) || tags.has(token)) around.push(token)
      else if (token === 'struct' || token === 'union' || token === 'enum') {
        this.#at++
        type = { kind: token, name: this.#peek() }
      } else if (words.has(token)) names.push(token)
      else if (!type && names.length === 0 && /^\w+$/.test(token)) type = { kind: 'name', name: token }
      else break
      this.#at++
    }
    type ??= { kind: 'name', name: names.join(' ') }
    if (type.kind === 'name' && type.name === '') this.#bad()
    return around.reduceRight<CType>(wrap, type)
  }

  #declarator(base: CType): CDeclaration {
    let type = base
    for (;;) {
      const token = this.#peek()
      if (token === '*') type = { kind: 'pointer', of: type }
      else if (qualifiers.has(token) || tags.has(token)) type = wrap(type, token)
      else break
      this.#at++
    }
    if (this.#accept('(')) {
      const isPointer = this.#accept('*')
      const name = this.#name()
      this.#expect(')')
      this.#expect('(')
      const called = this.#params(type)
      // a function as a parameter is a pointer to it, star or none
      return { name, type: isPointer || called.kind === 'function' ? { kind: 'pointer', of: called } : called }
    }
    const name = this.#name()
    if (this.#accept('(')) return { name, type: this.#params(type) }
    const lengths: number[] = []
    while (this.#accept('[')) {
      lengths.push(this.#peek() === ']' ? 0 : Number(this.#tokens[this.#at++]))
      this.#expect(']')
    }
    return { name, type: lengths.reduceRight<CType>((of, length) => ({ kind: 'array', of, length }), type) }
  }

  #name(): string {
    return /^\w+$/.test(this.#peek()) ? this.#tokens[this.#at++]! : ''
  }

  #params(returns: CType): CType {
    const params: CDeclaration[] = []
    let isVariadic = false
    if (this.#accept(')')) return { kind: 'function', returns, params, isVariadic }
    do {
      if (this.#accept('...')) isVariadic = true
      else params.push(this.declaration())
    } while (this.#accept(','))
    this.#expect(')')
    const [only] = params
    const isVoid = params.length === 1 && only!.name === '' && only!.type.kind === 'name' && only!.type.name === 'void'
    return { kind: 'function', returns, params: isVoid ? [] : params, isVariadic }
  }

  #bad(): never {
    throw new SyntaxError(`C declaration \`${this.#text}\`, near \`${this.#peek()}\``)
  }
}

const wrap = (of: CType, word: string): CType =>
  tags.has(word) ? { kind: 'tag', name: word.replace(/^__/, ''), of } : { kind: word as 'const' | 'volatile', of }
