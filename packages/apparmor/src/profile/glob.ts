/**
 * The globs of the profile language as regular expressions in text: `*`, `**`, `?`, `[…]`, `[^…]`, `{a,b}` and escapes.
 * In odd places (a star inside a class) the expression is the same as apparmor_parser's.
 */
import { readEscape } from '../dfa/escape.ts'

/** The text is not a glob; `message` says why. */
export class GlobError extends Error {}

const MOST_NESTED = 50

/** Whether a name may hold NULs, as abstract socket addresses and attributes do. */
export type GlobKind = 'name' | 'bytes'

interface Wildcards {
  /** One character but `/`. */
  readonly one: string
  readonly any: string
  readonly deep: string
}

const WILDCARDS: Readonly<Record<GlobKind, Wildcards>> = {
  name: { one: '[^/\\x00]', any: '[^/\\x00]*', deep: '[^\\x00]*' },
  bytes: { one: '[^/]', any: '[^/]*', deep: '.*' },
}

/** Plain in globs, special in expressions. */
const ALWAYS_QUOTED = '.+|()'

class Converter {
  readonly #glob: string
  readonly #wildcards: Wildcards
  #at = 0
  #out: string
  #inClass = false
  /** Commas of each open brace, outermost first. */
  readonly #commas: number[] = []
  isPlain = true

  constructor(glob: string, kind: GlobKind, prefix: string) {
    this.#glob = glob
    this.#wildcards = WILDCARDS[kind]
    this.#out = prefix
  }

  convert(): string {
    while (this.#at < this.#glob.length) this.#step(this.#glob[this.#at++]!)
    if (this.#commas.length > 0 || this.#inClass) throw new GlobError('a `{` or `[` is not closed')
    return this.#out
  }

  #step(character: string): void {
    switch (character) {
      case '\\':
        this.#escape()
        break
      case '*':
        this.#star()
        break
      case '?':
        this.isPlain = false
        this.#out += this.#wildcards.one
        break
      case '[':
        this.isPlain = false
        this.#inClass = true
        this.#out += character
        break
      case ']':
        if (!this.#inClass) throw new GlobError('a `]` closes nothing')
        this.#inClass = false
        this.#out += character
        break
      case '{': case '}': case ',':
        this.#brace(character)
        break
      default:
        this.#plain(character)
    }
  }

  #plain(character: string): void {
    const quoted = ALWAYS_QUOTED.includes(character) || ((character === '^' || character === '$') && !this.#inClass)
    this.#out += quoted ? `\\${character}` : character
  }

  #star(): void {
    this.isPlain = false
    const stars = /\**/y
    stars.lastIndex = this.#at - 1
    const after = this.#glob[this.#at - 1 + stars.exec(this.#glob)![0].length]
    // A whole part of a path has at least one character.
    if (this.#out.endsWith('/') && (after === '/' || after === undefined)) this.#out += this.#wildcards.one
    if (this.#glob[this.#at] === '*') {
      this.#at++
      this.#out += this.#wildcards.deep
    } else this.#out += this.#wildcards.any
  }

  #brace(character: string): void {
    if (this.#inClass) {
      this.#out += character
      return
    }
    if (character === '{') {
      this.isPlain = false
      if (this.#commas.push(0) >= MOST_NESTED) throw new GlobError('braces are nested too deep')
      this.#out += '('
    } else if (character === ',') {
      if (this.#commas.length === 0) {
        this.#out += character
        return
      }
      this.#commas[this.#commas.length - 1]!++
      this.#out += '|'
    } else this.#close()
  }

  #close(): void {
    const commas = this.#commas.pop()
    if (commas === undefined) throw new GlobError('a `}` closes nothing')
    if (commas === 0) throw new GlobError('braces hold at least two choices, with a comma between them')
    this.#out += ')'
  }

  #escape(): void {
    const character = this.#glob[this.#at]
    if (character === undefined) throw new GlobError('a backslash at the end takes the meaning off nothing')
    const escape = readEscape(this.#glob, this.#at)
    if (character !== '\\' && escape !== null) {
      this.#out += `\\${this.#glob.slice(this.#at, escape.end)}`
      this.#at = escape.end
      return
    }
    this.#at++
    if ('\\*[]{}'.includes(character)) this.#out += `\\${character}`
    else if (character === ',') this.#out += this.#inClass ? '\\,' : ','
    else if (character === '?') this.#out += '?'
    else this.#plain(character)
  }
}

/** A glob behind `prefix`, an expression in text. Throws `GlobError`. */
export const globPattern = (glob: string, kind: GlobKind = 'name', prefix = ''): string =>
  new Converter(glob, kind, prefix).convert()

/** No wildcard, class or brace. */
export const isPlainGlob = (glob: string): boolean => {
  const converter = new Converter(glob, 'name', '')
  converter.convert()
  return converter.isPlain
}
