/** Path patterns: PCRE regular expressions as people write them in file_contexts, taken apart and matched by bytes. */

import { PairSet } from './pair-set.ts'

const META = new Set('.^$?*+|[({')
const none = PairSet.of('')
const QUANTIFIER = new Set('?*+{')
const ALPHANUMERIC = /[0-9A-Za-z]/

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', blank: ' \\t', cntrl: '\\x00-\\x1f\\x7f', digit: '0-9', graph: '!-~',
  lower: 'a-z', print: ' -~', punct: '!-\\/:-@\\[-`{-~', space: '\\s', upper: 'A-Z', word: '\\w', xdigit: '0-9A-Fa-f',
}

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

/** What a pattern begins with, and how the rest is matched. */
export interface Pattern {
  /** Characters that stand for themselves. */
  readonly prefix: string
  readonly rest: Rest
  /** Pairs of characters that must come somewhere behind the prefix. */
  readonly pairs: PairSet
}

/** `none`: the prefix is the whole path. `any`: whatever follows. `below`: nothing, or a slash and whatever follows. */
export type Rest = 'none' | 'any' | 'below' | RegExp

/** The characters a pattern begins with, and where in its text they end. */
const literalPrefix = (text: string): { prefix: string; end: number } => {
  let prefix = ''
  let end = 0
  while (end < text.length) {
    let char = text[end]!
    let next = end + 1
    if (char === '\\') {
      char = text[next] ?? ''
      next++
      if (char === '' || ALPHANUMERIC.test(char)) break
    } else if (META.has(char)) break
    if (QUANTIFIER.has(text[next] ?? '')) break
    prefix += char
    end = next
  }
  return { prefix, end }
}

/** The end of a group that begins at `from`, behind its parenthesis. */
const groupEnd = (text: string, from: number): number => {
  let depth = 0
  let inClass = false
  for (let i = from; i < text.length; i++) {
    const char = text[i]
    if (char === '\\') i++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return i + 1
  }
  return text.length
}

/**
 * The longest run of characters outside of groups that any match must have: looking for it is cheaper than matching.
 */
const longestRun = (text: string): string => {
  let longest = ''
  for (let at = 0; at < text.length; ) {
    const { prefix, end } = literalPrefix(text.slice(at))
    if (prefix.length > longest.length) longest = prefix
    at += end
    // Now an element that is no plain character, and what repeats it.
    if (text[at] === '(') at = groupEnd(text, at)
    else if (text[at] === '[') at = classEnd(text, at)
    else at += text[at] === '\\' ? 2 : 1
    const repeat = /^(?:[?*+]|\{[^}]*\})[?+]?/.exec(text.slice(at))
    if (repeat !== null) at += repeat[0].length
  }
  return longest
}

/** The end of a class that begins at `from`; a bracket that comes first is one of its members. */
const classEnd = (text: string, from: number): number => {
  let i = from + 1
  if (text[i] === '^') i++
  if (text[i] === ']') i++
  for (; i < text.length && text[i] !== ']'; i++) {
    if (text[i] === '\\') i++
    else if (text.startsWith('[:', i)) i = Math.max(i, text.indexOf(':]', i) + 1)
  }
  return i + 1
}

/** Has the pattern alternatives outside of any group? Then nothing that it begins with is sure to be there. */
const hasTopLevelAlternatives = (text: string): boolean => {
  let depth = 0
  let inClass = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '\\') i++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === '|' && depth === 0) return true
  }
  return false
}

/** From PCRE's syntax to JavaScript's: the POSIX classes; the rest that file_contexts use is the same. */
const translate = (text: string): string =>
  text.replace(/\[:([a-z]+):\]/g, (whole, name: string) => posixClasses[name] ?? whole)

/**
 * Takes a pattern apart; throws SyntaxError. libselinux puts `^` before and `$` behind the text as it is, and `$` also
 * matches before a newline at the end.
 */
export const parsePattern = (source: string): Pattern => {
  const text = byteText(source)
  const { prefix, end } = literalPrefix(text)
  if (hasTopLevelAlternatives(text)) {
    // Whatever the alternatives, libselinux looks in the directory that the text begins with.
    return {
      prefix: prefix.slice(0, prefix.lastIndexOf('/') + 1), rest: new RegExp(`^${translate(text)}\\n?$`, 's'),
      pairs: none,
    }
  }
  const rest = text.slice(end)
  if (rest === '') return { prefix, rest: 'none', pairs: none }
  if (rest === '.*') return { prefix, rest: 'any', pairs: none }
  if (rest === '(/.*)?') return { prefix, rest: 'below', pairs: none }
  return { prefix, rest: new RegExp(`${translate(rest)}\\n?$`, 'sy'), pairs: PairSet.of(longestRun(rest)) }
}

const SLASH = 0x2f

/** Does the pattern match a path, in bytes, that begins with its prefix and has these pairs of characters? */
export const matchesRest = ({ prefix, rest, pairs }: Pattern, path: string, has: PairSet): boolean => {
  if (rest === 'any') return true
  const at = prefix.length
  if (rest === 'none') return path.length === at
  if (rest === 'below') return path.length === at || path.charCodeAt(at) === SLASH
  if (!has.covers(pairs)) return false
  rest.lastIndex = at
  return rest.test(path)
}
