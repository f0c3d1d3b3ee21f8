/** Reads a file of profiles: the preamble with variables and aliases, then profiles. */
import { didYouMean } from '@lsmkit/core'
import { ProfileError } from './errors.ts'
import type { Token } from './lex.ts'
import { parseProfileAt } from './parse-rules.ts'
import { parseAbi, parseInclude, type Parser } from './parser.ts'
import type { SourceText } from './place.ts'
import { Scanner } from './scan.ts'
import { bareName } from './symbols.ts'
import { meaningOf } from './unescape.ts'

const parseValues = (scanner: Scanner): string[] => {
  const values: string[] = []
  while (!'\n\r#'.includes(scanner.lineRest())) {
    const token = scanner.next('assignment')
    if (token.kind !== 'value') {
      throw new ProfileError('unexpected', 'values of a variable have no commas', scanner.place(token.start))
    }
    values.push(meaningOf(token.text))
  }
  scanner.skipLine()
  return values
}

const parseSetVariable = (parser: Parser, scanner: Scanner, token: Token): void => {
  const place = scanner.place(token.start)
  const operator = scanner.peek('rule')
  if (operator.kind !== '=' && operator.kind !== '+=') throw scanner.wants('`=` or `+=`', operator)
  scanner.next('rule')
  const values = parseValues(scanner)
  if (values.length === 0) throw new ProfileError('bad-value', `variable ${token.text} has no value`, place)
  parser.symbols.assign(bareName(token.text), values, operator.kind === '+=', place)
}

const parseBoolean = (parser: Parser, scanner: Scanner, token: Token): void => {
  const place = scanner.place(token.start)
  scanner.expect('rule', '=', '`=`')
  const [value = '', ...more] = parseValues(scanner)
  if (more.length > 0 || !/^(?:true|false)$/iu.test(value)) {
    throw new ProfileError('bad-value', `boolean ${token.text} is neither true nor false`, place)
  }
  parser.symbols.assignBoolean(bareName(token.text), value.toLowerCase() === 'true', place)
}

const parseAlias = (parser: Parser, scanner: Scanner): void => {
  const from = scanner.expect('rule', 'id', 'the path that has another name')
  scanner.expect('rule', '->', '`->`')
  const to = scanner.expect('id', 'id', 'the other name')
  scanner.expect('rule', ',', 'a comma behind the alias')
  parser.aliases.push({ from: meaningOf(from.text), to: meaningOf(to.text) })
}

const PREAMBLE_WORDS = ['alias', 'rewrite', 'abi', 'include', 'profile', 'hat']

/** Starts a profile, or says what stands there instead. */
const parseTop = (parser: Parser, scanner: Scanner, token: Token): void => {
  if (['profile', 'hat', '^', 'id', 'set-variable', 'word'].includes(token.kind)) {
    if (token.kind === 'word' && scanner.source.text[token.start + token.text.length] === ',') {
      throw scanner.wants('a profile', token)
    }
    parser.profiles.push(parseProfileAt(parser, scanner, token))
    return
  }
  const what = scanner.wants('a profile, a variable, an alias or an include', token)
  throw new ProfileError('unexpected', what.summary, what.place, { hint: didYouMean(token.text, PREAMBLE_WORDS) })
}

const requirePreamble = (parser: Parser, scanner: Scanner, token: Token): void => {
  if (parser.profiles.length === 0) return
  throw new ProfileError('unexpected', `\`${token.text}\` stands before the first profile`, scanner.place(token.start))
}

/** Reads one declaration or profile. */
const parseItem = (parser: Parser, scanner: Scanner, token: Token): void => {
  const variable = token.kind === 'set-variable' && /^[ \t]*\+?=/u.test(
    scanner.source.text.slice(token.start + token.text.length),
  )
  if (token.kind === 'include' || token.kind === 'include-if-exists') {
    parseInclude(parser, scanner, token, (inner) => parseTopLevel(parser, inner))
  } else if (variable || token.kind === 'boolean') {
    requirePreamble(parser, scanner, token)
    scanner.next('rule')
    if (variable) parseSetVariable(parser, scanner, token)
    else parseBoolean(parser, scanner, token)
  } else if (token.kind === 'word' && (token.text === 'alias' || token.text === 'rewrite' || token.text === 'abi')) {
    requirePreamble(parser, scanner, token)
    scanner.next('rule')
    if (token.text === 'abi') parseAbi(parser, scanner, true)
    else parseAlias(parser, scanner)
  } else parseTop(parser, scanner, token)
}

const parseTopLevel = (parser: Parser, scanner: Scanner): void => {
  for (let token = scanner.peek('rule'); token.kind !== 'end'; token = scanner.peek('rule')) {
    parseItem(parser, scanner, token)
  }
}

/** Throws `ProfileError`. The result is in `parser`. */
export const parseSource = (parser: Parser, source: SourceText): void => {
  parser.sources.during(source, null, () => parseTopLevel(parser, new Scanner(source)))
}
