/**
 * `cap_from_text` of libcap 2.75: `cap_net_raw,cap_chown=ep cap_kill+i`.
 *
 * A text is clauses between white space. A clause is an optional list, one operator with its flags, and after a list
 * more of them; `=` comes first or not at all, and clears the listed capabilities in all sets before it adds.
 */
import { capAssign, capByName, CAP_FULL_SET, capRaise, CapSet, capTable, ownValue } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import { addTo, emptyCapState, FLAG_E, FLAG_I, FLAG_P, setsOf, takeFrom } from './cap-state.ts'
import type { CapState } from './cap-state.ts'
import { CapsError } from './errors.ts'
import type { CapsCode } from './errors.ts'

const SPACE = /[ \t\n\v\f\r]*/y
/** A list element: what a name or number may consist of. */
const WORD = /[A-Za-z0-9_]+/y
/** What strtoul of a current C library takes with base 0. */
const NUMBER = /^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/
const FLAGS = /[A-Za-z]*/y
const flagBits: Readonly<Record<string, number>> = { e: FLAG_E, i: FLAG_I, p: FLAG_P }

/** A place in the text that moves forward. */
class Reader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  peek(): string {
    return this.text[this.at] ?? ''
  }

  /** Takes what the sticky `pattern` matches here, '' when nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  /** Whether a clause ends here. */
  atEnd(): boolean {
    return this.at >= this.text.length || /[ \t\n\v\f\r]/.test(this.peek())
  }

  fail(code: CapsCode, message: string, hint: string | null = null, at = this.at): never {
    throw new CapsError(code, message, `at ${at}`, hint)
  }
}

/** null stands for `all`. */
const readElement = (reader: Reader): number | null => {
  const at = reader.at
  const word = reader.take(WORD)
  if (word === '') return reader.fail('empty-element', 'a name or number is missing in the list')
  if (/^all$/i.test(word)) return null
  if (/^[0-9]/.test(word)) return readNumber(reader, word, at)
  const cap = /^cap_/i.test(word) ? capByName(word) : undefined
  return cap ?? reader.fail('unknown-name', `\`${word}\` is not a capability`, nameHint(word), at)
}

const readNumber = (reader: Reader, word: string, at: number): number => {
  if (!NUMBER.test(word)) return reader.fail('unknown-name', `\`${word}\` is not a capability`, null, at)
  const octal = /^0[0-7]+$/.test(word)
  const cap = octal ? parseInt(word, 8) : Number(word)
  return cap <= 63 ? cap : reader.fail('number-range', `\`${word}\` is above 63`, null, at)
}

const nameHint = (word: string): string | null => {
  const name = word.toLowerCase().replace(/^cap_/, '')
  return name.length < 3 ? null : didYouMean(`cap_${name}`, capTable.entries().map(([known]) => known.toLowerCase()))
}

/** The listed capabilities, or null when the clause begins with its operator. `all` drops what was listed before it. */
const readList = (reader: Reader): CapSet | null => {
  if (!/[A-Za-z0-9_]/.test(reader.peek())) return null
  const listed = new CapSet()
  for (;;) {
    const cap = readElement(reader)
    if (cap === null) capAssign(listed, CAP_FULL_SET)
    else capRaise(listed, cap)
    if (reader.peek() !== ',') return listed
    reader.at++
  }
}

const readFlags = (reader: Reader): number => {
  const at = reader.at
  let flags = 0
  for (const [i, letter] of [...reader.take(FLAGS)].entries())
    flags |= ownValue(flagBits, letter) ?? reader.fail('unknown-flag', `\`${letter}\` is not e, i or p`, null, at + i)
  return flags
}

const readClause = (reader: Reader, state: CapState): void => {
  const list = readList(reader)
  const listed = list ?? CAP_FULL_SET
  let first = true
  do {
    const operator = reader.peek()
    if (operator === '' || !'=+-'.includes(operator)) reader.fail('no-operator', 'expected `=`, `+` or `-`')
    if (list === null && (operator !== '=' || !first)) reader.fail('no-list', `\`${operator}\` needs a list before it`)
    if (operator === '=' && !first) reader.fail('second-assignment', '`=` may only be the first operator')
    reader.at++
    const flags = readFlags(reader)
    if (flags === 0 && operator !== '=') reader.fail('no-flags', `\`${operator}\` needs flags after it`)
    if (operator === '=') for (const set of setsOf(state, FLAG_E | FLAG_P | FLAG_I)) takeFrom(set, listed)
    for (const set of setsOf(state, flags)) (operator === '-' ? takeFrom : addTo)(set, listed)
    first = false
  } while (!reader.atEnd())
}

/** Throws CapsError where libcap answers EINVAL; `place` is an offset in UTF-16 units. */
export const capFromText = (text: string): CapState => {
  const state = emptyCapState()
  const reader = new Reader(text)
  for (;;) {
    reader.take(SPACE)
    if (reader.at >= text.length) return state
    readClause(reader, state)
  }
}
