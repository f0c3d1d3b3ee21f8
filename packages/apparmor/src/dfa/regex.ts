/**
 * Regular expressions over bytes as data, and the text form that rules are encoded in: `.`, `[…]`, `[^…]`, `(a|b)`,
 * `*`, `+` and backslash escapes. Each character of the text is one byte.
 */
import { ANY_BYTE, OUT_OF_BAND, setOf, setWithout, singleByte, type ByteSet } from './byte-set.ts'
import { readEscape } from './escape.ts'

export type Regex =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set', readonly set: ByteSet }
  | { readonly kind: 'cat', readonly parts: readonly Regex[] }
  | { readonly kind: 'alt', readonly options: readonly Regex[] }
  | { readonly kind: 'star' | 'plus', readonly of: Regex }

export const EMPTY: Regex = { kind: 'empty' }
const ANY: Regex = { kind: 'set', set: ANY_BYTE }
const literals: readonly Regex[] = Array.from({ length: OUT_OF_BAND + 1 }, (_, byte) => (
  { kind: 'set', set: singleByte(byte) }
))
/** The byte between the parts of a rule that is matched piece by piece. */
export const NUL: Regex = literals[0]!
/** The step that no byte of the text can take. */
export const OUT_OF_BAND_STEP: Regex = literals[OUT_OF_BAND]!

export const concat = (parts: readonly Regex[]): Regex => parts.length === 1 ? parts[0]! : { kind: 'cat', parts }

/** The text is not a pattern; `at` is the index in it. */
export class PatternError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.name = 'PatternError'
    this.at = at
  }
}

/** Characters that a backslash makes plain. */
const QUOTED = '*+.|^$-[](){}'
const OPERATORS = '*+.|^-[]()'
const MOST_NESTED = 200

interface Cursor {
  readonly text: string
  at: number
  /** Parentheses that are open. */
  nested: number
}

const peek = ({ text, at }: Cursor): string | null => at < text.length ? text[at]! : null

/** Reads one plain byte: a character, or a backslash and what it stands for. */
const takeByte = (cursor: Cursor): number => {
  const { text } = cursor
  const character = text[cursor.at++]!
  if (character !== '\\') return character.charCodeAt(0)
  const escape = readEscape(text, cursor.at, QUOTED)
  // A backslash before anything else is a byte of its own.
  if (escape === null) return 0x5c
  cursor.at = escape.end
  return escape.byte
}

const isPlain = (character: string | null, but: string): character is string =>
  character !== null && (!OPERATORS.includes(character) || but.includes(character))

const expect = (cursor: Cursor, character: string): void => {
  if (peek(cursor) !== character) throw new PatternError(`expected \`${character}\``, cursor.at)
  cursor.at++
}

const addRange = (bytes: Set<number>, from: number, to: number): void => {
  for (let byte = Math.min(from, to); byte <= Math.max(from, to); byte++) bytes.add(byte)
}

/** What is plain inside `[…]`; `]` and `-` only in the first place, `^` only after it. */
const CLASS = '[*+.|()'

const parseClass = (cursor: Cursor): Regex => {
  expect(cursor, '[')
  const bytes = new Set<number>()
  let negated = false
  let first = true
  if (peek(cursor) === '^') {
    negated = true
    cursor.at++
    if (peek(cursor) === '^') {
      bytes.add(0x5e)
      cursor.at++
      first = false
    }
  }
  while (first || peek(cursor) !== ']') {
    if (!isPlain(peek(cursor), first ? `${CLASS}]-` : `${CLASS}^`)) {
      throw new PatternError('a character class is not closed or has a misplaced `-`', cursor.at)
    }
    const from = takeByte(cursor)
    first = false
    if (peek(cursor) !== '-') {
      bytes.add(from)
      continue
    }
    cursor.at++
    if (!isPlain(peek(cursor), `${CLASS}^`)) throw new PatternError('a range has no end', cursor.at)
    addRange(bytes, from, takeByte(cursor))
  }
  cursor.at++
  return { kind: 'set', set: negated ? setWithout(bytes) : setOf(bytes) }
}

const parseTerm = (cursor: Cursor): Regex => {
  const character = peek(cursor)
  switch (character) {
    case '.':
      cursor.at++
      return ANY
    case '[':
      return parseClass(cursor)
    case '(': {
      if (++cursor.nested > MOST_NESTED) throw new PatternError('too many nested groups', cursor.at)
      cursor.at++
      const inner = parseAlternation(cursor)
      expect(cursor, ')')
      cursor.nested--
      return inner
    }
    default:
      if (!isPlain(character, '^-]')) throw new PatternError(`\`${character ?? ''}\` is misplaced`, cursor.at)
      return literals[takeByte(cursor)]!
  }
}

const parseSequence = (cursor: Cursor): Regex => {
  const parts: Regex[] = []
  for (let next = peek(cursor); next !== null && next !== '|' && next !== ')'; next = peek(cursor)) {
    const term = parseTerm(cursor)
    const repeat = peek(cursor)
    if (repeat !== '*' && repeat !== '+') {
      parts.push(term)
      continue
    }
    cursor.at++
    parts.push({ kind: repeat === '*' ? 'star' : 'plus', of: term })
  }
  return parts.length === 0 ? EMPTY : concat(parts)
}

const parseAlternation = (cursor: Cursor): Regex => {
  const options = [parseSequence(cursor)]
  while (peek(cursor) === '|') {
    cursor.at++
    options.push(parseSequence(cursor))
  }
  return options.length === 1 ? options[0]! : { kind: 'alt', options }
}

/** Throws `PatternError`. A NUL in the text ends it. */
export const parsePattern = (text: string): Regex => {
  const end = text.indexOf('\0')
  const cursor = { text: end < 0 ? text : text.slice(0, end), at: 0, nested: 0 }
  const regex = parseAlternation(cursor)
  if (cursor.at < cursor.text.length) throw new PatternError('a group is closed that was not opened', cursor.at)
  return regex
}

/** No star, no `.` and no negated class: such a rule outranks others in how a program is executed. */
export const isExact = (regex: Regex): boolean => {
  switch (regex.kind) {
    case 'empty': return true
    case 'set': return !regex.set.wide
    case 'cat': return regex.parts.every(isExact)
    case 'alt': return regex.options.every(isExact)
    default: return false
  }
}

const containsWide = (regex: Regex): boolean => {
  switch (regex.kind) {
    case 'empty': return false
    case 'set': return regex.set.wide || regex.set.symbols[0] === OUT_OF_BAND
    case 'cat': return regex.parts.some(containsWide)
    case 'alt': return regex.options.some(containsWide)
    default: return containsWide(regex.of)
  }
}

/**
 * The length that an attachment counts with: the fewest bytes that match, up to the first negated class. Characters
 * behind one are not counted, as in apparmor_parser 4.1.
 */
export const minimumLength = (regex: Regex): number => {
  switch (regex.kind) {
    case 'empty': return 0
    case 'set': return 1
    case 'alt': return Math.min(...regex.options.map(minimumLength))
    case 'star': return 0
    case 'plus': return minimumLength(regex.of)
    case 'cat': {
      const last = regex.parts.findIndex(containsWide)
      const counted = last < 0 ? regex.parts : regex.parts.slice(0, last + 1)
      return counted.reduce((sum, part) => sum + minimumLength(part), 0)
    }
  }
}
