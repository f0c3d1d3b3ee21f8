/** Conditions of `if`: they ask for variables, and are decided at once. */
import type { Parser } from './parser.ts'
import { wordOf } from './parse-prefix.ts'
import type { Scanner } from './scan.ts'
import { bareName } from './symbols.ts'

/** A condition on variables, which is decided at once. */
export const parseTest = (parser: Parser, scanner: Scanner): boolean => {
  let negated = false
  while (wordOf(scanner) === 'not') {
    scanner.next('rule')
    negated = !negated
  }
  return parsePlainTest(parser, scanner) !== negated
}

const parsePlainTest = (parser: Parser, scanner: Scanner): boolean => {
  const token = scanner.next('rule')
  const place = scanner.place(token.start)
  if (token.kind === 'boolean') return parser.symbols.boolean(bareName(token.text), place)
  if (token.kind !== 'word' || token.text !== 'defined') throw scanner.wants('a variable, `not` or `defined`', token)
  const variable = scanner.next('rule')
  const name = bareName(variable.text)
  if (variable.kind === 'set-variable') return parser.symbols.isDeclared(name, place)
  // As apparmor_parser: `defined` before a boolean asks for its value.
  if (variable.kind === 'boolean') return parser.symbols.boolean(name, place)
  throw scanner.wants('a variable', variable)
}
