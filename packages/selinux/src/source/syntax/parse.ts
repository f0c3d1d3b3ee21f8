/** `.te` and `.if` files as they are written. Mistakes are collected, and the rest of the file is read. */
import { SourceError } from '../errors.ts'
import { Files } from '../files.ts'
import type { SourceFile } from '../files.ts'
import { Calls } from '../m4/calls.ts'
import { fileText } from '../m4/text.ts'
import { Origin } from '../origin.ts'
import type { Condition, Word } from '../te/ast.ts'
import { condition } from '../te/constraints.ts'
import { END, SIGN, WORD } from '../te/lex.ts'
import { statements } from '../te/parse.ts'
import { LineIndex } from './ast.ts'
import type { BlockNode, DeclarationKind, SourceNode, SourceSyntax } from './ast.ts'
import { SourceParser } from './parser.ts'

/** What is collected while a file is read. */
interface Reading {
  readonly parser: SourceParser
  readonly errors: SourceError[]
  depth: number
}

const DEEPEST = 100
/** Mistakes of one file; what is behind the last of them is not read. */
const MOST_ERRORS = 500

type Read = (reading: Reading, into: SourceNode[], parent: BlockNode | null, start: number) => void

const blockNode = (
  kind: BlockNode['kind'], name: Word, start: number, parent: BlockNode | null, also: readonly Word[] = [],
): BlockNode => ({ kind, name, start, end: start, parent, condition: also, body: [], opened: start, isQuoted: true })

/** Whether one of these signs comes next. */
const closesAny = (parser: SourceParser, close: string): boolean =>
  parser.lexer.kind === SIGN && close.includes(parser.lexer.text)

const CLOSING = '\')}'

/** Nodes up to one of the signs that close the block; up to the end of the file without any. */
const nodesUpTo = (reading: Reading, into: SourceNode[], parent: BlockNode | null, close: string): void => {
  const { parser } = reading
  while (!parser.isEnd && !closesAny(parser, close)) {
    if (reading.errors.length >= MOST_ERRORS) return parser.source.seek(parser.origin.text.text.length)
    try {
      node(reading, into, parent)
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      reading.errors.push(error)
      parser.recover()
      if (closesAny(parser, CLOSING) && !closesAny(parser, close)) parser.skip()
    }
  }
}

/** An argument with statements, in quotes or bare. */
const statementArgument = (reading: Reading, into: SourceNode[], parent: BlockNode | null): boolean => {
  const { parser } = reading
  const isQuoted = parser.isSign('`')
  if (parent !== null && parent.opened === parent.start) parent.opened = isQuoted ? parser.lexer.end : parser.before
  if (isQuoted) parser.lexer.next()
  if (++reading.depth > DEEPEST) parser.fail('too-deep', `more than ${DEEPEST} blocks inside one another`)
  nodesUpTo(reading, into, parent, isQuoted ? '\'' : ',)')
  reading.depth--
  if (isQuoted) parser.expect('\'')
  return isQuoted
}

const closed = (reading: Reading, block: BlockNode): void => {
  reading.parser.expect(')')
  block.end = reading.parser.before
}

const quotedName = (parser: SourceParser, what: string): Word => {
  const isQuoted = parser.takeSign('`')
  const name = parser.word(what)
  if (isQuoted) parser.expect('\'')
  return name
}

const openCall = (parser: SourceParser): Word => {
  const name = parser.word('a macro')
  parser.expect('(')
  return name
}

const definition = (kind: 'interface' | 'template'): Read => (reading, into, parent, start) => {
  const { parser } = reading
  openCall(parser)
  const block = blockNode(kind, quotedName(parser, 'a name'), start, parent)
  into.push(block)
  parser.expect(',')
  statementArgument(reading, block.body, block)
  closed(reading, block)
}

const optionalPolicy: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const block = blockNode('optional', openCall(parser), start, parent)
  into.push(block)
  statementArgument(reading, block.body, block)
  block.end = parser.before
  if (parser.takeSign(',')) {
    const other = blockNode('else', block.name, parser.lexer.start, parent)
    into.push(other)
    statementArgument(reading, other.body, other)
    closed(reading, other)
  } else closed(reading, block)
}

const namesOf = (found: Condition): Word[] => {
  if (found.kind === 'bool') return [found.name]
  return found.kind === 'not' ? namesOf(found.of) : [...namesOf(found.left), ...namesOf(found.right)]
}

/** A block whose first argument is read by `first`; all others have statements. */
const choice = (kind: 'tunable' | 'ifdef'): Read => (reading, into, parent, start) => {
  const { parser } = reading
  const keyword = openCall(parser)
  let block: BlockNode
  if (kind === 'tunable') {
    const isQuoted = parser.takeSign('`')
    block = blockNode(kind, keyword, start, parent, namesOf(condition(parser)))
    if (isQuoted) parser.expect('\'')
  } else block = blockNode(kind, quotedName(parser, 'a macro'), start, parent)
  into.push(block)
  while (parser.takeSign(',')) statementArgument(reading, block.body, block)
  closed(reading, block)
}

/** Macros whose arguments may be statements, which are then part of what is around. */
const transparent: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const block = blockNode('macro', openCall(parser), start, parent)
  into.push(block)
  do statementArgument(reading, block.body, block)
  while (parser.takeSign(','))
  closed(reading, block)
}

const genRequire: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const block = blockNode('require', openCall(parser), start, parent)
  into.push(block)
  block.isQuoted = parser.takeSign('`')
  block.opened = parser.before
  requirements(reading, block, block.isQuoted ? '\'' : ')')
  if (block.isQuoted) parser.expect('\'')
  closed(reading, block)
}

const plainRequire: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const block = blockNode('require', parser.word('require'), start, parent)
  into.push(block)
  parser.expect('{')
  block.opened = parser.before
  requirements(reading, block, '}')
  parser.expect('}')
  block.end = parser.before
}

const required = new Map<string, DeclarationKind>(
  ['type', 'attribute', 'attribute_role', 'role', 'bool', 'class', 'user', 'sensitivity', 'category']
    .map((kind) => [kind, kind as DeclarationKind]),
)
required.set('tunable', 'bool')

const requirements = (reading: Reading, block: BlockNode, close: string): void => {
  const { parser } = reading
  while (!parser.isEnd && !parser.isSign(close)) {
    const start = parser.lexer.start
    try {
      requirement(reading, block, start)
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      reading.errors.push(error)
      parser.recover()
      if (closesAny(parser, CLOSING)) return
    }
  }
}

const requirement = (reading: Reading, block: BlockNode, start: number): void => {
  const { parser } = reading
  const { text, kind: token } = parser.lexer
  if (parser.isSign(';')) {
    parser.lexer.next()
    block.body.push({ kind: 'semicolon', word: { text, at: start }, start, end: parser.before, parent: block })
    return
  }
  if (token === WORD && parser.isCall) {
    if (text === 'ifdef' || text === 'ifndef') return requiredChoice(reading, block, start)
    return call(reading, block.body, block, start)
  }
  const declares = token === WORD ? required.get(text) : undefined
  if (declares === undefined) {
    if (token !== WORD) return parser.unexpected('what is required')
    parser.lexer.next()
    block.body.push({ kind: 'stray', word: { text, at: start }, start, end: parser.before, parent: block })
    return
  }
  parser.statement = start
  parser.lexer.next()
  const names = declares === 'class' ? [parser.name('a class')] : parser.commaList('a name')
  const of = declares === 'class' ? parser.plainList('a permission') : []
  parser.expect(';')
  for (const name of names) {
    block.body.push({ kind: 'declaration', declares, name, of, aliases: [], start, end: parser.before, parent: block })
  }
}

const requiredChoice = (reading: Reading, parent: BlockNode, start: number): void => {
  const { parser } = reading
  openCall(parser)
  const block = blockNode('ifdef', quotedName(parser, 'a macro'), start, parent)
  parent.body.push(block)
  while (parser.takeSign(',')) {
    const isQuoted = parser.takeSign('`')
    block.opened = parser.before
    requirements(reading, block, isQuoted ? '\'' : ')')
    if (isQuoted) parser.expect('\'')
  }
  closed(reading, block)
}

/** `if (condition) { … } else { … }`. */
const conditional: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const keyword = parser.word('if')
  const block = blockNode('if', keyword, start, parent, namesOf(condition(parser)))
  into.push(block)
  braces(reading, block)
  if (parser.isWord('else')) {
    parser.lexer.next()
    braces(reading, block)
  }
  block.end = parser.before
}

const braces = (reading: Reading, block: BlockNode): void => {
  const { parser } = reading
  if (block.opened === block.start) block.opened = parser.lexer.end
  parser.expect('{')
  if (++reading.depth > DEEPEST) parser.fail('too-deep', `more than ${DEEPEST} blocks inside one another`)
  nodesUpTo(reading, block.body, block, '}')
  reading.depth--
  parser.expect('}')
}

/** `optional { … } else { … }` of the language without macros. */
const bareOptional: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const block = blockNode('optional', parser.word('optional'), start, parent)
  into.push(block)
  braces(reading, block)
  block.end = parser.before
  if (!parser.isWord('else')) return
  const other = blockNode('else', parser.word('else'), parser.before, parent)
  into.push(other)
  braces(reading, other)
  other.end = parser.before
}

const policyModule: Read = (reading, into, parent, start) => {
  const { parser } = reading
  openCall(parser)
  const name = quotedName(parser, 'the name of the module')
  if (parser.takeSign(',')) quotedName(parser, 'a version')
  parser.expect(')')
  into.push({ kind: 'header', name, isBare: false, start, end: parser.before, parent })
}

const genBoolean: Read = (reading, into, parent, start) => {
  const { parser } = reading
  openCall(parser)
  const name = quotedName(parser, 'a boolean')
  parser.expect(',')
  quotedName(parser, '`true` or `false`')
  parser.expect(')')
  into.push({ kind: 'declaration', declares: 'bool', name, of: [], aliases: [], start, end: parser.before, parent })
}

/** A text for people, passed over with the quotes inside. */
const text: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const word = { text: parser.lexer.text, at: start }
  const { text: written } = parser.origin.text
  let [at, depth] = [parser.lexer.end, 0]
  for (; at < written.length; at++) {
    if (written[at] === '`') depth++
    else if (written[at] === '\'') depth--
    else if (written[at] === ')' && depth <= 0) break
  }
  parser.source.seek(at)
  parser.expect(')')
  into.push({ kind: 'text', word, start, end: parser.before, parent })
}

const call: Read = (reading, into, parent, start) => {
  const { parser } = reading
  const name = parser.word('a macro')
  const args = parser.arguments()
  into.push({ kind: 'call', name, args, start, end: parser.before, parent })
}

/** Macros that are read in their own way where a `(` follows. */
const macros: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['interface', definition('interface')], ['template', definition('template')], ['optional_policy', optionalPolicy],
  ['tunable_policy', choice('tunable')], ['ifdef', choice('ifdef')], ['ifndef', choice('ifdef')],
  ['ifelse', transparent], ['userdebug_or_eng', transparent], ['define', transparent], ['gen_require', genRequire],
  ['policy_module', policyModule], ['gen_bool', genBoolean], ['gen_tunable', genBoolean], ['refpolicywarn', text],
  ['refpolicyerr', text],
])
const words: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['require', plainRequire], ['if', conditional], ['optional', bareOptional],
])

const node = (reading: Reading, into: SourceNode[], parent: BlockNode | null): void => {
  const { parser } = reading
  const { start, text: written, kind } = parser.lexer
  parser.statement = start
  if (parser.takeSign(';')) {
    into.push({ kind: 'semicolon', word: { text: ';', at: start }, start, end: parser.before, parent })
    return
  }
  if (kind !== WORD) return kind === END ? undefined : parser.unexpected('a statement')
  if (parser.isCall && written !== 'if') return (macros.get(written) ?? call)(reading, into, parent, start)
  const own = words.get(written)
  if (own !== undefined) return own(reading, into, parent, start)
  const read = statements.get(parser.keyword ?? '')
  parser.lexer.next()
  if (read === undefined) {
    into.push({ kind: 'stray', word: { text: written, at: start }, start, end: parser.before, parent })
    return
  }
  statementNode(reading, into, parent, start, read(parser, start))
}

type AnyStatement = ReturnType<NonNullable<ReturnType<typeof statements.get>>>

const declared: ReadonlyMap<string, DeclarationKind> =
  new Map([['type', 'type'], ['attribute', 'attribute'], ['attribute_role', 'attribute_role'], ['role', 'role'],
    ['bool', 'bool'], ['tunable', 'bool'], ['user', 'user']])

const statementNode = (
  { parser }: Reading, into: SourceNode[], parent: BlockNode | null, start: number, statement: AnyStatement,
): void => {
  const place = { start, end: parser.before, parent }
  const declares = declared.get(statement.kind)
  if (statement.kind === 'module') {
    into.push({ kind: 'header', name: statement.name, isBare: true, ...place })
  } else if (declares !== undefined && 'name' in statement && statement.name !== null) {
    const of = 'attributes' in statement ? statement.attributes : []
    const aliases = 'aliases' in statement ? statement.aliases : []
    into.push({ kind: 'declaration', declares, name: statement.name, of, aliases, ...place })
  } else into.push({ kind: 'statement', statement, ...place })
}

/** Takes time in proportion to the text, and refuses no text. */
export const parseSource = (file: SourceFile): SourceSyntax => {
  const files = new Files()
  const origin = new Origin(fileText(file.text, files.add(file)), files, new Calls())
  const nodes: SourceNode[] = []
  const errors: SourceError[] = []
  let parser: SourceParser
  try {
    parser = new SourceParser(origin)
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return { file, nodes, comments: [], errors: [error], lines: new LineIndex(file.text) }
  }
  nodesUpTo({ parser, errors, depth: 0 }, nodes, null, '')
  return { file, nodes, comments: parser.source.comments, errors, lines: new LineIndex(file.text) }
}
