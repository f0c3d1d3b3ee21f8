/** Splits the C text of a row into tokens: names, numbers, strings, characters and punctuation. */
import { ownValue } from '@lsmkit/abi'

export type TokenKind = 'name' | 'number' | 'string' | 'punct' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Value of a number or a character; bytes of a string are in `text`, one character each. */
  readonly value: number
}

const PUNCTUATION = [
  '<<=',
  '>>=',
  '...',
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
  '|=',
  '&=',
  '^=',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '.',
  '&',
  '*',
  '+',
  '-',
  '~',
  '!',
  '/',
  '%',
  '<',
  '>',
  '^',
  '|',
  '?',
  ':',
  '=',
]
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

/** The text between quotes with its escapes resolved, and where it ends. */
const quoted = (text: string, from: number, quote: string): [string, number] => {
  let out = ''
  let at = from
  while (at < text.length && text[at] !== quote) {
    if (text[at] !== '\\') {
      out += text[at++]
      continue
    }
    const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))
    if (octal !== null) {
      out += String.fromCharCode(Number.parseInt(octal[0], 8))
      at += 1 + octal[0].length
    } else {
      out += ownValue(ESCAPES, text[at + 1]!) ?? text[at + 1]
      at += 2
    }
  }
  return [out, at + 1]
}

const numberAt = (text: string): [number, number] | null => {
  const match = /^(0[xX][0-9a-fA-F]+|\d+)[uUlL]*/.exec(text)
  if (match === null) return null
  const digits = match[1]!
  const base = /^0[xX]/.test(digits) ? 16 : digits.startsWith('0') ? 8 : 10
  return [Number.parseInt(base === 16 ? digits.slice(2) : digits, base), match[0].length]
}

export const lex = (text: string): Token[] => {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const blank = /^(\s+|\/\*.*?\*\/)/s.exec(rest)
    if (blank !== null) {
      at += blank[0].length
      continue
    }
    const name = /^[A-Za-z_]\w*/.exec(rest)
    const number = numberAt(rest)
    if (name !== null) {
      tokens.push({ kind: 'name', text: name[0], value: 0 })
      at += name[0].length
    } else if (number !== null) {
      tokens.push({ kind: 'number', text: rest.slice(0, number[1]), value: number[0] })
      at += number[1]
    } else if (rest[0] === '"') {
      const [string, end] = quoted(text, at + 1, '"')
      tokens.push({ kind: 'string', text: string, value: 0 })
      at = end
    } else if (rest[0] === "'") {
      const [char, end] = quoted(text, at + 1, "'")
      tokens.push({ kind: 'number', text: char, value: char.charCodeAt(0) })
      at = end
    } else {
      const punct = PUNCTUATION.find((one) => rest.startsWith(one))
      if (punct === undefined) throw new Error(`stray \`${rest[0]}\``)
      tokens.push({ kind: 'punct', text: punct, value: 0 })
      at += punct.length
    }
  }
  tokens.push({ kind: 'end', text: '', value: 0 })
  return tokens
}
