/** Rules: what is allowed and audited, which types and roles things get. */
import type { AccessKind, Statement, TypeRuleKind, Word, WordSet, XpermKind } from './ast.ts'
import { STRING } from './lex.ts'
import type { Parser } from './parser.ts'

export const accessRule = (parser: Parser, kind: AccessKind, at: number): Statement => {
  const sources = parser.set('a source')
  const targets = parser.set('a target')
  if (kind === 'allow' && parser.takeSign(';')) return { kind: 'role_allow', roles: sources, newRoles: targets, at }
  parser.expect(':')
  const classes = parser.set('a class')
  const permissions = parser.set('a permission')
  parser.expect(';')
  return { kind, sources, targets, classes, permissions, at }
}

export const xpermRule = (parser: Parser, kind: XpermKind, at: number): Statement => {
  const [sources, targets] = [parser.set('a source'), parser.set('a target')]
  parser.expect(':')
  const classes = parser.set('a class')
  const operation = parser.name('an operation')
  const isComplement = parser.takeSign('~')
  const ranges: [number, number][] = []
  xpermNumbers(parser, ranges)
  parser.expect(';')
  return { kind, sources, targets, classes, operation, ranges, isComplement, at }
}

const xpermNumbers = (parser: Parser, ranges: [number, number][]): void => {
  if (!parser.isSign('{')) {
    const low = parser.number('a number')
    ranges.push([low, low])
    return
  }
  parser.nested(() => {
    parser.expect('{')
    while (!parser.takeSign('}')) {
      if (parser.isSign('{')) xpermNumbers(parser, ranges)
      else {
        const low = parser.number('a number')
        ranges.push([low, parser.takeSign('-') ? parser.number('a number') : low])
      }
    }
  })
}

export const typeRule = (parser: Parser, kind: TypeRuleKind, at: number): Statement => {
  const [sources, targets] = [parser.set('a source'), parser.set('a target')]
  parser.expect(':')
  const classes = parser.set('a class')
  const type = parser.name('a type')
  const name = kind === 'type_transition' && parser.lexer.kind === STRING ? parser.text('a name') : null
  parser.expect(';')
  return { kind, sources, targets, classes, type, name, at }
}

const classesBehindColon = (parser: Parser): WordSet | null => (parser.takeSign(':') ? parser.set('a class') : null)

export const roleTransition = (parser: Parser, at: number): Statement => {
  const [roles, types] = [parser.set('a role'), parser.set('a type')]
  const classes = classesBehindColon(parser)
  const newRole = parser.name('a role')
  parser.expect(';')
  return { kind: 'role_transition', roles, types, classes, newRole, at }
}

export const rangeTransition = (parser: Parser, at: number): Statement => {
  const [sources, targets] = [parser.set('a source'), parser.set('a target')]
  const classes = classesBehindColon(parser)
  const range = parser.range()
  parser.expect(';')
  return { kind: 'range_transition', sources, targets, classes, range, at }
}

/** Names up to `;`. */
export const listStatement = (parser: Parser): { name: Word; names: Word[] } => {
  const name = parser.name('a name')
  const names = parser.commaList('a name')
  parser.expect(';')
  return { name, names }
}
