/** The tokens of a regular expression as a tree: what it is made of, without how it is written. */
import { ownValue } from '@lsmkit/abi'
import type { Token } from './tokens.ts'

export type Expression =
  /** One byte, of those that `js` matches. */
  | { readonly kind: 'byte'; readonly js: string }
  | { readonly kind: 'all' | 'either'; readonly parts: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly part: Expression; readonly least: number; readonly most: number }
  /** What follows, or went before, and is not read: `isWanted` is false of `(?!` and `(?<!`. */
  | { readonly kind: 'ahead' | 'behind'; readonly part: Expression; readonly isWanted: boolean }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'inside' }

/** Groups inside one another, as many as PCRE2 takes. */
const DEEPEST = 250

const looks: Readonly<Record<string, { readonly kind: 'ahead' | 'behind'; readonly isWanted: boolean }>> = {
  '(?=': { kind: 'ahead', isWanted: true }, '(?!': { kind: 'ahead', isWanted: false },
  '(?<=': { kind: 'behind', isWanted: true }, '(?<!': { kind: 'behind', isWanted: false },
}

const bounds = (js: string): { least: number; most: number } => {
  if (js.startsWith('*')) return { least: 0, most: Infinity }
  if (js.startsWith('+')) return { least: 1, most: Infinity }
  if (js.startsWith('?')) return { least: 0, most: 1 }
  const [, least = '', comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(js)!
  return { least: Number(least), most: comma === '' ? Number(least) : most === '' ? Infinity : Number(most) }
}

const places: Readonly<Record<string, 'start' | 'boundary' | 'inside'>> = {
  '^': 'start', '\\b': 'boundary', '\\B': 'inside',
}

/** Throws SyntaxError for groups too deep. The tokens are those of an expression that JavaScript takes. */
export const expressionOf = (tokens: readonly Token[], end: string): Expression => {
  let at = 0
  const either = (depth: number): Expression => {
    if (depth > DEEPEST) throw new SyntaxError(`more than ${DEEPEST} groups inside one another`)
    const parts = [all(depth)]
    while (tokens[at]?.kind === 'bar') {
      at++
      parts.push(all(depth))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'either', parts }
  }
  const all = (depth: number): Expression => {
    const parts: Expression[] = []
    for (; at < tokens.length && tokens[at]!.kind !== 'bar' && tokens[at]!.kind !== 'close';) {
      const token = tokens[at++]!
      if (token.kind === 'repeat') parts.push({ kind: 'repeat', part: parts.pop()!, ...bounds(token.js) })
      else if (token.kind !== 'open') parts.push(single(token.js))
      else {
        const part = either(depth + 1)
        at++
        const look = ownValue(looks, token.js)
        parts.push(look === undefined ? part : { ...look, part })
      }
    }
    return parts.length === 1 ? parts[0]! : { kind: 'all', parts }
  }
  const single = (js: string): Expression => {
    const kind = js === end ? 'end' : ownValue(places, js)
    return kind === undefined ? { kind: 'byte', js } : { kind }
  }
  return either(0)
}

/** Instructions that the expression takes when its repetitions are written out. */
export const sizeOf = (expression: Expression): number => {
  switch (expression.kind) {
    case 'all': case 'either': return expression.parts.reduce((sum, part) => sum + 1 + sizeOf(part), 0)
    case 'repeat': {
      const { part, least, most } = expression
      return (most === Infinity ? least + 1 : most) * (1 + sizeOf(part)) + 1
    }
    case 'ahead': case 'behind': return 2 + sizeOf(expression.part)
    default: return 1
  }
}
