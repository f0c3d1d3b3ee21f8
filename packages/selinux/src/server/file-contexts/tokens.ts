/**
 * The parts of a regular expression of PCRE, each as JavaScript writes it. Expressions that only PCRE has, or that mean
 * another thing in JavaScript, are refused: a label must not depend on which of them reads the file.
 */

export interface Token {
  readonly kind: 'char' | 'repeat' | 'open' | 'close' | 'bar' | 'other'
  /** The source for JavaScript. */
  readonly js: string
  /** Of a `char`: what it stands for. */
  readonly char: string
}

const ALPHANUMERIC = /[0-9A-Za-z]/

const posixClasses: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'], ['alpha', 'A-Za-z'], ['blank', ' \\t'], ['cntrl', '\\x00-\\x1f\\x7f'], ['digit', '0-9'],
  ['graph', '!-~'], ['lower', 'a-z'], ['print', ' -~'], ['punct', '!-\\/:-@\\[-`{-~'], ['space', '\\t-\\r '],
  ['upper', 'A-Z'], ['word', '\\w'], ['xdigit', '0-9A-Fa-f'],
])

/** Escapes of letters that stand for sets, as members of a class. JavaScript's own \s has more blanks. */
const sets: ReadonlyMap<string, string> = new Map([
  ['d', '\\d'], ['D', '\\D'], ['w', '\\w'], ['W', '\\W'], ['s', '\\t-\\r '], ['S', '\\x00-\\x08\\x0e-\\x1f!-\\xff'],
])
/** Those that stand for one character, the same in both. */
const controls = new Set('nrtf')

const refuse = (what: string): never => {
  throw new SyntaxError(`${what} is not the same in JavaScript`)
}

/** One part of an expression or of a class, and where the next begins. */
interface Part {
  readonly js: string
  readonly end: number
  /** More than one character. */
  readonly isSet: boolean
}

/** A backslash and what it escapes. */
const escapeAt = (text: string, at: number, inClass: boolean): Part => {
  const letter = text[at + 1]
  if (letter === undefined) throw new SyntaxError('a backslash at the end')
  const end = at + 2
  const set = sets.get(letter)
  if (set !== undefined) return { js: inClass ? set : `[${set}]`, end, isSet: true }
  if (!ALPHANUMERIC.test(letter) || controls.has(letter)) return { js: `\\${letter}`, end, isSet: false }
  // in a class it is a backspace
  if (letter === 'b' || (letter === 'B' && !inClass)) return { js: `\\${letter}`, end, isSet: false }
  const code = /^[\da-f]{2}/i.exec(text.slice(end))?.[0]
  return letter === 'x' && code !== undefined
    ? { js: `\\x${code}`, end: end + 2, isSet: false }
    : refuse(`\`\\${letter}\``)
}

const POSIX = /^\[[:.=](.*?)[:.=]\]/
/** Longer ones are no names, and looking for the end of each would take the square of the text. */
const LONGEST_POSIX = 64

const memberAt = (text: string, at: number): Part => {
  const char = text[at]
  if (char === undefined) throw new SyntaxError('a class is not closed')
  if (char === '\\') return escapeAt(text, at, true)
  const [whole, name] = POSIX.exec(text.slice(at, at + LONGEST_POSIX)) ?? []
  if (whole === undefined) return { js: char === '-' ? '\\-' : char, end: at + 1, isSet: false }
  const posix = whole.startsWith('[:') ? posixClasses.get(name!) : undefined
  return { js: posix ?? refuse(`\`${whole}\``), end: at + whole.length, isSet: true }
}

/** A class, from its bracket on. A bracket that comes first is one of its members. */
const classAt = (text: string, from: number): Part => {
  const negated = text[from + 1] === '^'
  let js = negated ? '[^' : '['
  let at = from + (negated ? 2 : 1)
  let before: 'nothing' | 'character' | 'set' | 'dash' = 'nothing'
  if (text[at] === ']') {
    js += '\\]'
    at++
    before = 'character'
  }
  while (text[at] !== ']') {
    const isDash = text[at] === '-' && text[at + 1] !== ']'
    if (isDash && before === 'set') refuse('a range that begins with a set')
    if (isDash && before === 'character') {
      js += '-'
      at++
      before = 'dash'
      continue
    }
    const member = memberAt(text, at)
    if (member.isSet && before === 'dash') refuse('a range that ends with a set')
    js += member.js
    at = member.end
    before = member.isSet ? 'set' : before === 'dash' ? 'nothing' : 'character'
  }
  return { js: `${js}]`, end: at + 1, isSet: true }
}

const REPEAT = /^(?:[?*+]|\{\d+(?:,\d*)?\})([?+]?)/
/** Groups that catch, groups that do not, and looks ahead and behind. */
const OPEN = /^\((?:\?(?::|=|!|<=|<!))?/

const otherAt = (text: string, at: number): Omit<Token, 'char'> & { readonly end: number } => {
  const rest = text.slice(at)
  const [repeat, mode] = REPEAT.exec(rest) ?? []
  if (repeat !== undefined) {
    return mode === '+' ? refuse(`\`${repeat}\``) : { kind: 'repeat', js: repeat, end: at + repeat.length }
  }
  switch (text[at]) {
    case '\\':
      return { kind: 'other', ...escapeAt(text, at, false) }
    case '[':
      return { kind: 'other', ...classAt(text, at) }
    case '(': {
      const [js] = OPEN.exec(rest)!
      return rest[js.length] === '?' ? refuse(`\`${rest.slice(0, 3)}\``) : { kind: 'open', js, end: at + js.length }
    }
    case ')':
      return { kind: 'close', js: ')', end: at + 1 }
    case '|':
      return { kind: 'bar', js: '|', end: at + 1 }
    case '$':
      // a newline at the end may follow
      return { kind: 'other', js: END, end: at + 1 }
    default:
      return { kind: 'other', js: text[at]!, end: at + 1 }
  }
}

/** The meaning of `$` in PCRE. */
export const END = '(?=\\n?$)'
const META = new Set('.^$?*+|[({)')

/** Throws SyntaxError. */
export const tokensOf = (text: string): Token[] => {
  const tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    const escaped = text[at] === '\\'
    const char = text[escaped ? at + 1 : at] ?? ''
    const isPlain = escaped ? char !== '' && !ALPHANUMERIC.test(char) : !META.has(char)
    if (isPlain) {
      tokens.push({ kind: 'char', js: escaped ? `\\${char}` : char, char })
      at += escaped ? 2 : 1
      continue
    }
    if (/^\{,\d+\}/.test(text.slice(at))) refuse('`{,n}`')
    const { kind, js, end } = otherAt(text, at)
    // a brace that repeats nothing is a character
    tokens.push(kind === 'other' && char === '{' ? { kind: 'char', js: '\\{', char } : { kind, js, char: '' })
    at = end
  }
  return tokens
}
