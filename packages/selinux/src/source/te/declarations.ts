/** Declarations: types, attributes, roles, users, booleans, classes, levels. */
import type { Statement, Word } from './ast.ts'
import type { Parser } from './parser.ts'
import { listStatement } from './rules.ts'

const aliases = (parser: Parser): Word[] => (parser.takeKeyword('alias') ? parser.plainList('an alias') : [])
const attributes = (parser: Parser): Word[] => (parser.takeSign(',') ? parser.commaList('an attribute') : [])

type Named = 'attribute' | 'attribute_role' | 'policycap' | 'permissive' | 'neveraudit'

export const named = (parser: Parser, kind: Named, at: number): Statement => {
  const name = parser.name('a name')
  parser.expect(';')
  return { kind, name, at }
}

export const type = (parser: Parser, at: number): Statement => {
  const name = parser.name('a type')
  const also = aliases(parser)
  const of = attributes(parser)
  parser.expect(';')
  return { kind: 'type', name, aliases: also, attributes: of, at }
}

export const aliased = (parser: Parser, kind: 'typealias' | 'sensitivity' | 'category', at: number): Statement => {
  const name = parser.name('a name')
  const also = aliases(parser)
  if (kind === 'typealias' && also.length === 0) parser.unexpected('`alias`')
  parser.expect(';')
  return { kind, name, aliases: also, at }
}

export const members = (
  parser: Parser, kind: 'typeattribute' | 'roleattribute' | 'typebounds', at: number,
): Statement => ({ kind, ...listStatement(parser), at })

export const expandAttribute = (parser: Parser, at: number): Statement => {
  const names = parser.plainList('an attribute')
  const value = truth(parser)
  parser.expect(';')
  return { kind: 'expandattribute', names, value, at }
}

const truth = (parser: Parser): boolean => {
  if (parser.takeKeyword('true')) return true
  return parser.takeKeyword('false') ? false : parser.unexpected('`true` or `false`')
}

export const boolean = (parser: Parser, kind: 'bool' | 'tunable', at: number): Statement => {
  const name = parser.name('a boolean')
  const value = truth(parser)
  parser.expect(';')
  return { kind, name, value, at }
}

export const role = (parser: Parser, at: number): Statement => {
  const name = parser.name('a role')
  if (parser.takeKeyword('types')) {
    const types = parser.set('a type')
    parser.expect(';')
    return { kind: 'role_types', name, types, at }
  }
  const of = attributes(parser)
  parser.expect(';')
  return { kind: 'role', name, attributes: of, at }
}

export const user = (parser: Parser, at: number): Statement => {
  const name = parser.name('a user')
  if (!parser.takeKeyword('roles')) parser.unexpected('`roles`')
  const roles = parser.set('a role')
  const level = parser.takeKeyword('level') ? parser.level() : null
  if (level !== null && !parser.takeKeyword('range')) parser.unexpected('`range`')
  const range = level === null ? null : parser.range()
  parser.expect(';')
  return { kind: 'user', name, roles, level, range, at }
}

const braced = (parser: Parser, what: string): Word[] => {
  const names: Word[] = []
  parser.expect('{')
  while (!parser.takeSign('}')) names.push(parser.name(what))
  return names
}

export const common = (parser: Parser, at: number): Statement => {
  const name = parser.name('a common')
  return { kind: 'common', name, permissions: braced(parser, 'a permission'), at }
}

/** `class c` names a class, `class c inherits d { p }` gives it permissions. */
export const classStatement = (parser: Parser, at: number): Statement => {
  const name = parser.name('a class')
  const inherits = parser.takeKeyword('inherits') ? parser.name('a common') : null
  if (inherits === null && !parser.isSign('{')) return { kind: 'class', name, at }
  const permissions = parser.isSign('{') ? braced(parser, 'a permission') : []
  return { kind: 'class_permissions', name, inherits, permissions, at }
}

export const level = (parser: Parser, at: number): Statement => {
  const found = parser.level()
  parser.expect(';')
  return { kind: 'level', level: found, at }
}

export const dominance = (parser: Parser, at: number): Statement => {
  if (!parser.isSign('{')) return { kind: 'dominance', names: [parser.name('a sensitivity')], at }
  return { kind: 'dominance', names: braced(parser, 'a sensitivity'), at }
}

const rangeEnds: Readonly<Record<string, string>> = { low: 'low', high: 'high', 'low-high': 'low-high' }

export const defaults = (
  parser: Parser, kind: 'default_user' | 'default_role' | 'default_type' | 'default_range', at: number,
): Statement => {
  const classes = parser.set('a class')
  const side = parser.keyword
  if (kind === 'default_range' && side === 'glblub') {
    parser.lexer.next()
    parser.expect(';')
    return { kind, classes, value: 'glblub', at }
  }
  if (side !== 'source' && side !== 'target') return parser.unexpected('`source` or `target`')
  parser.lexer.next()
  const end = kind === 'default_range' ? Object.keys(rangeEnds).find((word) => parser.takeKeyword(word)) : ''
  if (end === undefined) return parser.unexpected('`low`, `high` or `low-high`')
  parser.expect(';')
  return { kind, classes, value: end === '' ? side : `${side} ${end}`, at }
}
