/** Path patterns: PCRE regular expressions as people write them in file_contexts, taken apart and matched by bytes. */
import { Automaton } from './automaton.ts'
import { expressionOf, sizeOf } from './expression.ts'
import type { Expression } from './expression.ts'
import { PairSet } from './pair-set.ts'
import { END, tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'
import { programOf } from './program.ts'

const none = PairSet.of('')

const utf8 = new TextEncoder()
// oxlint-disable-next-line no-control-regex
const WIDE = /[^\x00-\x7f]/

/** A text as one character a byte of its UTF-8, which is what expressions are matched on. */
export const byteText = (text: string): string => {
  if (!WIDE.test(text)) return text
  let bytes = ''
  for (const byte of utf8.encode(text)) bytes += String.fromCharCode(byte)
  return bytes
}

/** The literal beginning of a pattern, and a matcher for the rest. */
export interface Pattern {
  /** Characters that stand for themselves. */
  readonly prefix: string
  readonly rest: Rest
  /** Pairs of characters that must come somewhere behind the prefix. */
  readonly pairs: PairSet
}

/** `none`: the prefix is the whole path. `any`: whatever follows. `below`: nothing, or a slash and whatever follows. */
export type Rest = 'none' | 'any' | 'below' | Matcher

/** Instructions of one pattern at most. */
const LARGEST = 1 << 12

/** An expression, made ready when a path first comes to it: of thousands few are ever asked. */
class Matcher {
  #expression: Expression | null
  #automaton: Automaton | null = null
  /** From anywhere to anywhere, not from the prefix to the end. */
  readonly #isSearch: boolean

  /** Throws SyntaxError for what JavaScript does not take either, and for what is too large. */
  constructor(tokens: readonly Token[], isSearch: boolean) {
    void new RegExp(sourceOf(tokens), 's')
    this.#expression = expressionOf(tokens, END)
    this.#isSearch = isSearch
    if (sizeOf(this.#expression) > LARGEST) throw new SyntaxError('its repetitions come to too much')
  }

  matches(path: string, from: number): boolean {
    let automaton = this.#automaton
    if (automaton === null) {
      automaton = this.#automaton = new Automaton(programOf(this.#expression!))
      this.#expression = null
    }
    return this.#isSearch ? automaton.finds(path) : automaton.matches(path, from)
  }
}

/** How many tokens stand for themselves and are not repeated, from `from` on. */
const literalLength = (tokens: readonly Token[], from: number): number => {
  let at = from
  while (tokens[at]?.kind === 'char' && tokens[at + 1]?.kind !== 'repeat') at++
  return at - from
}

const textOf = (tokens: readonly Token[]): string => tokens.map(({ char }) => char).join('')
const sourceOf = (tokens: readonly Token[]): string => tokens.map(({ js }) => js).join('')

const depthAfter = (depth: number, { kind }: Token): number =>
  kind === 'open' ? depth + 1 : kind === 'close' ? depth - 1 : depth

/**
 * The longest run of characters outside of groups that any match must have: looking for it is cheaper than matching.
 */
const longestRun = (tokens: readonly Token[]): string => {
  let longest = ''
  let depth = 0
  for (let at = 0; at < tokens.length;) {
    const length = depth === 0 ? literalLength(tokens, at) : 0
    if (length > longest.length) longest = textOf(tokens.slice(at, at + length))
    if (length === 0) depth = depthAfter(depth, tokens[at]!)
    at += Math.max(length, 1)
  }
  return longest
}

/** Has the pattern alternatives outside of any group? Then nothing that it begins with is sure to be there. */
const hasTopLevelAlternatives = (tokens: readonly Token[]): boolean => {
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'bar' && depth === 0) return true
    depth = depthAfter(depth, token)
  }
  return false
}

/**
 * Takes a pattern apart; throws SyntaxError. libselinux puts `^` before and `$` behind the text as it is.
 */
export const parsePattern = (source: string): Pattern => {
  const tokens = tokensOf(byteText(source))
  const end = literalLength(tokens, 0)
  const prefix = textOf(tokens.slice(0, end))
  if (hasTopLevelAlternatives(tokens)) {
    // Whatever the alternatives, libselinux looks in the directory that the text begins with.
    const whole = [{ kind: 'other', js: '^', char: '' }, ...tokens, { kind: 'other', js: END, char: '' }] as const
    return { prefix: prefix.slice(0, prefix.lastIndexOf('/') + 1), rest: new Matcher(whole, true), pairs: none }
  }
  const left = tokens.slice(end)
  const rest = sourceOf(left)
  if (rest === '') return { prefix, rest: 'none', pairs: none }
  if (rest === '.*') return { prefix, rest: 'any', pairs: none }
  if (rest === '(/.*)?') return { prefix, rest: 'below', pairs: none }
  return { prefix, rest: new Matcher(left, false), pairs: PairSet.of(longestRun(left)) }
}

const SLASH = 0x2f

/** Does the pattern match a path, in bytes, that begins with its prefix and has these pairs of characters? */
export const matchesRest = ({ prefix, rest, pairs }: Pattern, path: string, has: PairSet): boolean => {
  if (rest === 'any') return true
  const at = prefix.length
  if (rest === 'none') return path.length === at
  if (rest === 'below') return path.length === at || path.charCodeAt(at) === SLASH
  return has.covers(pairs) && rest.matches(path, at)
}
