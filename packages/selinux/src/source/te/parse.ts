/** Text of the policy language, macros expanded, as statements. */
import type { Origin } from '../origin.ts'
import { accessKinds, requireKinds, typeRuleKinds, xpermKinds } from './ast.ts'
import type { Requirement, RequireKind, Statement } from './ast.ts'
import { condition, constraint } from './constraints.ts'
import {
  aliased, boolean, classStatement, common, defaults, dominance, expandAttribute, level, members, named, role, type,
  user,
} from './declarations.ts'
import { fsUse, genfscon, ibendportcon, ibpkeycon, netifcon, nodecon, portcon, sid } from './labels.ts'
import { NUMBER, WORD } from './lex.ts'
import { Parser } from './parser.ts'
import { accessRule, rangeTransition, roleTransition, typeRule, xpermRule } from './rules.ts'

export type Read = (parser: Parser, at: number) => Statement

const table = <K extends string>(kinds: readonly K[], read: (parser: Parser, kind: K, at: number) => Statement) =>
  kinds.map((kind): [string, Read] => [kind, (parser, at) => read(parser, kind, at)])

const module: Read = (parser, at) => {
  const name = parser.name('the name of the module')
  const { kind, text } = parser.lexer
  if (kind !== NUMBER) parser.unexpected('the version of the module')
  parser.lexer.next()
  parser.expect(';')
  return { kind: 'module', name, version: text, at }
}

const require: Read = (parser, at) => {
  const requirements: Requirement[] = []
  parser.expect('{')
  while (!parser.takeSign('}')) {
    if (parser.takeSign(';')) continue
    const kind = requireKinds.find((word): word is RequireKind => parser.takeKeyword(word))
    if (kind === undefined) return parser.unexpected('what is required')
    if (kind === 'class') {
      const name = parser.name('a class')
      requirements.push({ kind, name, permissions: parser.plainList('a permission') })
    } else for (const name of parser.commaList('a name')) requirements.push({ kind, name, permissions: [] })
    parser.expect(';')
  }
  return { kind: 'require', requirements, at }
}

const block = (parser: Parser): Statement[] => parser.nested(() => {
  const found: Statement[] = []
  parser.expect('{')
  while (!parser.takeSign('}')) statement(parser, found)
  return found
})

const optional: Read = (parser, at) => {
  const body = block(parser)
  return { kind: 'optional', body, otherwise: parser.takeKeyword('else') ? block(parser) : null, at }
}

const conditional: Read = (parser, at) => {
  const found = condition(parser)
  const whenTrue = block(parser)
  return { kind: 'if', condition: found, whenTrue, whenFalse: parser.takeKeyword('else') ? block(parser) : [], at }
}

const constrain = (parser: Parser, kind: 'constrain' | 'mlsconstrain', at: number): Statement => {
  const classes = parser.set('a class')
  const permissions = parser.set('a permission')
  const found = constraint(parser)
  parser.expect(';')
  return { kind, classes, permissions, constraint: found, at }
}

const validatetrans = (parser: Parser, kind: 'validatetrans' | 'mlsvalidatetrans', at: number): Statement => {
  const classes = parser.set('a class')
  const found = constraint(parser)
  parser.expect(';')
  return { kind, classes, constraint: found, at }
}

/** By their keywords. Each reads what is behind the keyword, with the `;` if there is one. */
export const statements: ReadonlyMap<string, Read> = new Map<string, Read>([
  ...table(accessKinds, accessRule),
  ...table(xpermKinds, xpermRule),
  ...table(typeRuleKinds, typeRule),
  ...table(['attribute', 'attribute_role', 'policycap', 'permissive', 'neveraudit'], named),
  ...table(['typealias', 'sensitivity', 'category'], aliased),
  ...table(['typeattribute', 'roleattribute', 'typebounds'], members),
  ...table(['bool', 'tunable'], boolean),
  ...table(['default_user', 'default_role', 'default_type', 'default_range'], defaults),
  ...table(['constrain', 'mlsconstrain'], constrain),
  ...table(['validatetrans', 'mlsvalidatetrans'], validatetrans),
  ['module', module], ['require', require], ['optional', optional], ['if', conditional], ['type', type],
  ['expandattribute', expandAttribute], ['role', role], ['user', user], ['common', common], ['class', classStatement],
  ['level', level], ['dominance', dominance], ['role_transition', roleTransition],
  ['range_transition', rangeTransition], ['sid', sid], ['genfscon', genfscon], ['portcon', portcon],
  ['netifcon', netifcon], ['nodecon', nodecon], ['ibpkeycon', ibpkeycon], ['ibendportcon', ibendportcon],
  ['fs_use_xattr', (parser, at) => fsUse(parser, 'xattr', at)],
  ['fs_use_trans', (parser, at) => fsUse(parser, 'trans', at)],
  ['fs_use_task', (parser, at) => fsUse(parser, 'task', at)],
])

const statement = (parser: Parser, found: Statement[]): void => {
  const { lexer } = parser
  const at = parser.statement = lexer.start
  if (parser.takeSign(';')) return
  const read = statements.get(parser.keyword ?? '')
  if (read === undefined) return unknownStatement(parser)
  lexer.next()
  found.push(read(parser, at))
}

/** A call that nothing expanded looks like a word with brackets. */
const unknownStatement = (parser: Parser): never => {
  const { kind, text, start } = parser.lexer
  if (kind !== WORD) return parser.unexpected('a statement')
  parser.lexer.next()
  if (parser.isSign('(')) {
    return parser.fail('unknown-macro', `no interface or macro is named \`${text}\``, start, parser.hintFor(text))
  }
  return parser.fail('bad-syntax', `\`${text}\` begins no statement`, start, parser.hintFor(text))
}

/** Throws SourceError. `hintFor` may name a macro that is near to one that is not there. */
export const parseTe = (origin: Origin, hintFor: (name: string) => string | null = () => null): Statement[] => {
  const parser = new Parser(origin, hintFor)
  const found: Statement[] = []
  while (!parser.isEnd) statement(parser, found)
  return found
}
