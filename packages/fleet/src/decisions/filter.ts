/**
 * The language in which decisions are chosen: `module = selinux and (verdict = deny or verdict = would-deny)`. A value
 * is a word, or stands in quotes; `like` takes `*` and `?`; `none` is a field that a decision does not have.
 */
import { FleetError } from '../fleet-error.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { fieldNames } from './decision.ts'
import type { DecisionFields, FieldName } from './decision.ts'

export type DecisionFilter = (fields: DecisionFields) => boolean

interface Token {
  readonly text: string
  /** In quotes: never a word of the language. */
  readonly isQuoted: boolean
  /** Column, from 1. */
  readonly at: number
}

const TOKEN = /\s+|(<=|>=|!=|[=<>(),])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s=<>!(),"']+)/y
/** Of a filter, and of what may stand within each other in it. */
const MOST_TEXT = 10_000
const MOST_DEPTH = 50

const bad = (message: string, at: number, hint: string | null = null): FleetError =>
  new FleetError('bad-filter', message, { place: `column ${at}`, hint })

const tokensOf = (text: string): Token[] => {
  if (text.length > MOST_TEXT) throw bad(`the filter has more than ${MOST_TEXT} characters`, MOST_TEXT)
  const tokens: Token[] = []
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) {
      throw bad(`\`${text.slice(at, at + 20)}\` cannot be read`, at + 1, 'a value may stand in quotes')
    }
    const [, sign, double, single, word] = match
    const quoted = double ?? single
    if (quoted !== undefined) tokens.push({ text: quoted.replace(/\\(.)/g, '$1'), isQuoted: true, at: at + 1 })
    else if (sign !== undefined || word !== undefined) {
      tokens.push({ text: (sign ?? word)!, isQuoted: false, at: at + 1 })
    }
  }
  return tokens
}

/** Whether a text is like a pattern, in steps of at most their lengths multiplied. */
export const isLike = (text: string, pattern: string): boolean => {
  let [t, p, star, from] = [0, 0, -1, 0]
  while (t < text.length) {
    if (p < pattern.length && pattern[p] !== '*' && (pattern[p] === '?' || pattern[p] === text[t])) {
      t += 1
      p += 1
    } else if (pattern[p] === '*') {
      star = p
      p += 1
      from = t
    } else if (star >= 0) {
      p = star + 1
      from += 1
      t = from
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}

type Value = string | number | null

/** Numbers for fields that are numbers; times may be written as dates. */
const numberOf = (name: FieldName, text: string): number => {
  const number = text.trim() === '' ? NaN : Number(text)
  return Number.isNaN(number) && name === 'time' ? Date.parse(text) : number
}

const isSame = (name: FieldName, value: Value, token: Token): boolean => {
  if (!token.isQuoted && token.text === 'none') return value === null
  return typeof value === 'number' ? value === numberOf(name, token.text) : value === token.text
}

const isLess = (name: FieldName, value: Value, text: string, allowsSame: boolean, isTurned: boolean): boolean => {
  if (value === null) return false
  const other = typeof value === 'number' ? numberOf(name, text) : text
  if (value === other) return allowsSame
  return isTurned ? value > other : value < other
}

const comparisons: ReadonlyMap<string, (name: FieldName, value: Value, token: Token) => boolean> = new Map([
  ['=', isSame],
  ['!=', (name: FieldName, value: Value, token: Token) => !isSame(name, value, token)],
  ['<', (name: FieldName, value: Value, { text }: Token) => isLess(name, value, text, false, false)],
  ['<=', (name: FieldName, value: Value, { text }: Token) => isLess(name, value, text, true, false)],
  ['>', (name: FieldName, value: Value, { text }: Token) => isLess(name, value, text, false, true)],
  ['>=', (name: FieldName, value: Value, { text }: Token) => isLess(name, value, text, true, true)],
  ['like', (_name: FieldName, value: Value, { text }: Token) => value !== null && isLike(String(value), text)],
])

class Reader {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
    this.#end = text.length + 1
  }

  #is(word: string): boolean {
    const token = this.#tokens[this.#at]
    return token !== undefined && !token.isQuoted && token.text === word
  }

  #takes(word: string): boolean {
    const is = this.#is(word)
    if (is) this.#at += 1
    return is
  }

  #next(what: string): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw bad(`${what} is missing at the end`, this.#end)
    this.#at += 1
    return token
  }

  #need(sign: string): void {
    if (!this.#takes(sign)) throw bad(`\`${sign}\` is missing`, this.#tokens[this.#at]?.at ?? this.#end)
  }

  whole(): DecisionFilter {
    const filter = this.#either(0)
    const token = this.#tokens[this.#at]
    if (token !== undefined) {
      throw bad(`\`${token.text}\` is one too many`, token.at, '`and` or `or` between comparisons')
    }
    return filter
  }

  #either(depth: number): DecisionFilter {
    const parts = [this.#all(depth)]
    while (this.#takes('or')) parts.push(this.#all(depth))
    return parts.length === 1 ? parts[0]! : (fields) => parts.some((part) => part(fields))
  }

  #all(depth: number): DecisionFilter {
    const parts = [this.#one(depth)]
    while (this.#takes('and')) parts.push(this.#one(depth))
    return parts.length === 1 ? parts[0]! : (fields) => parts.every((part) => part(fields))
  }

  #one(depth: number): DecisionFilter {
    if (depth > MOST_DEPTH) throw bad('the parentheses are too deep', this.#tokens[this.#at]?.at ?? this.#end)
    if (this.#takes('not')) {
      const inner = this.#one(depth + 1)
      return (fields) => !inner(fields)
    }
    if (!this.#takes('(')) return this.#comparison()
    const inner = this.#either(depth + 1)
    this.#need(')')
    return inner
  }

  #comparison(): DecisionFilter {
    const field = this.#next('a field')
    const name = fieldNames.find((one) => !field.isQuoted && one === field.text)
    if (name === undefined) {
      throw bad(`\`${field.text}\` is not a field`, field.at,
        didYouMean(field.text, fieldNames) ?? `fields: ${fieldNames.join(', ')}`)
    }
    const sign = this.#next('a comparison')
    if (!sign.isQuoted && sign.text === 'in') return this.#list(name)
    const compare = sign.isQuoted ? undefined : comparisons.get(sign.text)
    if (compare === undefined) {
      throw bad(`\`${sign.text}\` is not a comparison`, sign.at, `${[...comparisons.keys()].join(' ')} in`)
    }
    const value = this.#value(name)
    return (fields) => compare(name, fields[name], value)
  }

  #list(name: FieldName): DecisionFilter {
    this.#need('(')
    const values = [this.#value(name)]
    while (this.#takes(',')) values.push(this.#value(name))
    this.#need(')')
    return (fields) => values.some((value) => isSame(name, fields[name], value))
  }

  #value(name: FieldName): Token {
    const value = this.#next('a value')
    if (!value.isQuoted && /^[=<>(),!]/.test(value.text)) throw bad(`\`${value.text}\` is not a value`, value.at)
    if (name === 'time' && Number.isNaN(numberOf('time', value.text))) {
      throw bad(`\`${value.text}\` is not a time`, value.at, '2026-12-01T08:00:00Z')
    }
    return value
  }
}

/** Throws FleetError `bad-filter` with a column. A text without words chooses everything. */
export const parseFilter = (text: string): DecisionFilter =>
  (text.trim() === '' ? () => true : new Reader(text).whole())
