/** The expressions of constraints and of conditions. */
import type { Condition, Constraint, WordSet } from './ast.ts'
import { WORD } from './lex.ts'
import type { Parser } from './parser.ts'

const operators: Readonly<Record<string, string>> = { eq: 'eq', dom: 'dom', domby: 'domby', incomp: 'incomp' }
const signOperators: Readonly<Record<string, string>> = { '==': 'eq', '!=': 'neq' }

const operator = (parser: Parser): string => {
  const { keyword } = parser
  const text = parser.lexer.text
  const found = keyword === null ? Object.entries(signOperators).find(([sign]) => sign === text)?.[1]
    : Object.entries(operators).find(([word]) => word === keyword)?.[1]
  if (found === undefined) return parser.unexpected('`==`, `!=`, `eq`, `dom`, `domby` or `incomp`')
  parser.lexer.next()
  return found
}

/** The two-letter sides that may stand on the right of each. */
const rights: ReadonlyMap<string, readonly string[]> = new Map([
  ['u1', ['u2']], ['r1', ['r2']], ['t1', ['t2']], ['u2', []], ['r2', []], ['t2', []], ['u3', []], ['r3', []],
  ['t3', []], ['l1', ['l2', 'h2', 'h1']], ['h1', ['l2', 'h2']], ['l2', ['h2']],
])

const isNot = (parser: Parser): boolean => parser.takeKeyword('not') || parser.takeSign('!')
const isAnd = (parser: Parser): boolean => parser.takeKeyword('and') || parser.takeSign('&&')
const isOr = (parser: Parser): boolean => parser.takeKeyword('or') || parser.takeSign('||')

export const constraint = (parser: Parser): Constraint => parser.nested(() => {
  let left = conjunction(parser)
  while (isOr(parser)) left = { kind: 'or', left, right: conjunction(parser) }
  return left
})

const conjunction = (parser: Parser): Constraint => {
  let left = negation(parser)
  while (isAnd(parser)) left = { kind: 'and', left, right: negation(parser) }
  return left
}

const negation = (parser: Parser): Constraint => parser.nested(() => {
  if (isNot(parser)) return { kind: 'not', of: negation(parser) }
  if (!parser.takeSign('(')) return comparison(parser)
  const inside = constraint(parser)
  parser.expect(')')
  return inside
})

const comparison = (parser: Parser): Constraint => {
  const at = parser.lexer.start
  const left = parser.keyword
  if (left === 'sameuser') {
    parser.lexer.next()
    return { kind: 'pair', left: 'u1', operator: 'eq', right: 'u2', at }
  }
  if (left === 'source' || left === 'target') return oldComparison(parser, left, at)
  if (left === 'role') {
    parser.lexer.next()
    return { kind: 'pair', left: 'r1', operator: operator(parser), right: 'r2', at }
  }
  const allowed = rights.get(left ?? '')
  if (left === null || allowed === undefined) return parser.unexpected('`u1`, `r1`, `t1`, `l1` or the like')
  parser.lexer.next()
  const sign = operator(parser)
  const right = parser.keyword
  if (right !== null && allowed.includes(right)) {
    parser.lexer.next()
    return { kind: 'pair', left, operator: sign, right, at }
  }
  if (/^[lh]/.test(left)) return parser.unexpected(allowed.map((word) => `\`${word}\``).join(' or '))
  return { kind: 'names', left, operator: sign, names: names(parser), at }
}

const names = (parser: Parser): WordSet => parser.set('a name')

/** `source role r`, `target type t`. */
const oldComparison = (parser: Parser, side: 'source' | 'target', at: number): Constraint => {
  parser.lexer.next()
  const isRole = parser.takeKeyword('role')
  if (!isRole && !parser.takeKeyword('type')) parser.unexpected('`role` or `type`')
  const letter = isRole ? 'r' : 't'
  return { kind: 'names', left: `${letter}${side === 'source' ? 1 : 2}`, operator: 'eq', names: names(parser), at }
}

/** Of the conditions `or` is the weakest, then `xor`, `and`, `not`, and `==` the strongest. */
export const condition = (parser: Parser): Condition => parser.nested(() => {
  let left = exclusive(parser)
  while (isOr(parser)) left = { kind: 'or', left, right: exclusive(parser) }
  return left
})

const exclusive = (parser: Parser): Condition => {
  let left = both(parser)
  while (parser.takeKeyword('xor') || parser.takeSign('^')) left = { kind: 'xor', left, right: both(parser) }
  return left
}

const both = (parser: Parser): Condition => {
  let left = opposite(parser)
  while (isAnd(parser)) left = { kind: 'and', left, right: opposite(parser) }
  return left
}

const opposite = (parser: Parser): Condition => parser.nested(() => {
  if (isNot(parser)) return { kind: 'not', of: opposite(parser) }
  let left = operand(parser)
  for (;;) {
    const isEqual = parser.takeSign('==') || parser.takeKeyword('eq')
    if (!isEqual && !parser.takeSign('!=')) return left
    // A negation takes all that is compared behind it.
    const right = parser.isSign('!') || parser.keyword === 'not' ? opposite(parser) : operand(parser)
    left = { kind: isEqual ? 'eq' : 'neq', left, right }
  }
})

const operand = (parser: Parser): Condition => {
  if (parser.takeSign('(')) {
    const inside = condition(parser)
    parser.expect(')')
    return inside
  }
  if (parser.lexer.kind !== WORD) return parser.unexpected('a boolean')
  return { kind: 'bool', name: parser.name('a boolean') }
}
