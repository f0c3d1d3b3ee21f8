/**
 * Conditions and accesses of rules: `name=value`, `name=(a b)`, `name in (a b)`, `peer=(name=value …)`, `(send,
 * receive)`.
 */
import type { Condition } from './ast.ts'
import { accessBits, type AccessWords } from './access-words.ts'
import { ProfileError } from './errors.ts'
import type { Context } from './lex.ts'
import type { Scanner } from './scan.ts'
import { meaningOf } from './unescape.ts'

/** Values up to `)`; commas between them mean nothing. */
export const parseList = (scanner: Scanner): string[] => {
  const values: string[] = []
  for (;;) {
    const token = scanner.next('list')
    if (token.kind === ')') return values
    if (token.kind === 'end') throw scanner.wants('`)`', token)
    if (token.kind === 'value') values.push(meaningOf(token.text))
  }
}

const parseCondition = (scanner: Scanner, context: Context): Condition => {
  const name = scanner.next(context)
  const place = scanner.place(name.start)
  const equals = scanner.take('condition', '=') !== null
  if (!equals) scanner.expect('condition', 'in', '`=` or `in`')
  const single = equals && scanner.lineRest() !== '(' && scanner.lineRest() !== '\n' && scanner.lineRest() !== '\r'
  if (single) {
    const value = scanner.next('id')
    if (value.kind === 'end') throw scanner.wants('a value', value)
    return { name: name.text, values: [meaningOf(value.text)], equals, place }
  }
  scanner.expect('condition', '(', '`(`')
  const values = parseList(scanner)
  if (values.length === 0) throw new ProfileError('bad-condition', `\`${name.text}\` has no value`, place)
  return { name: name.text, values, equals, place }
}

/** All conditions that stand here; the last one first, as the parser keeps them. */
export const parseConditions = (scanner: Scanner, context: Context): Condition[] => {
  const conditions: Condition[] = []
  while (scanner.peek(context).kind === 'cond') conditions.unshift(parseCondition(scanner, context))
  return conditions
}

const parseGrouped = (scanner: Scanner): Condition => {
  const name = scanner.next('group')
  const place = scanner.place(name.start)
  const equals = scanner.take('group', '=')
  if (equals === null) return { name: meaningOf(name.text), values: null, equals: false, place }
  const many = equals.text.endsWith('(')
  const value = scanner.next(many ? 'groupValues' : 'groupValue')
  if (value.kind !== 'value') throw scanner.wants('a value', value)
  if (many) scanner.expect('groupValues', ')', '`)`')
  return { name: meaningOf(name.text), values: [meaningOf(value.text)], equals: true, place }
}

/** `peer=(…)` or `xattrs=(…)`; null when none stands here. */
export const parseGroup = (scanner: Scanner, context: Context, wanted: string): Condition[] | null => {
  const name = scanner.peek(context)
  if (name.kind !== 'cond-group') return null
  if (name.text !== wanted) {
    throw new ProfileError('bad-condition', `\`${name.text}=()\` is not for this place`, scanner.place(name.start))
  }
  scanner.next(context)
  scanner.expect('condition', '=', '`=`')
  scanner.expect('condition', '(', '`(`')
  const conditions: Condition[] = []
  for (;;) {
    const token = scanner.peek('group')
    if (token.kind === 'cond') conditions.unshift(parseGrouped(scanner))
    else if (scanner.next('group').kind === ')') return conditions
    else if (token.kind !== ',') throw scanner.wants('a condition or `)`', token)
  }
}

/** The accesses of a rule; 0 when it names none. */
export const parseAccesses = (scanner: Scanner, context: Context, words: AccessWords): number => {
  const token = scanner.peek(context)
  if (token.kind === 'access') {
    scanner.next(context)
    return accessBits(words, token.text, scanner.place(token.start))
  }
  if (token.kind !== '(') return 0
  scanner.next(context)
  return parseList(scanner).reduce((all, word) => all | accessBits(words, word, scanner.place(token.start)), 0)
}

/** The value of a condition that has one value; `in` is not for it. */
export const singleValue = (condition: Condition, rule: string): string => {
  const { name, values, equals, place } = condition
  if (!equals) throw new ProfileError('bad-condition', `\`${name}\` of a ${rule} rule needs \`=\` and a value`, place)
  if (values!.length > 1) {
    throw new ProfileError('bad-condition', `\`${name}\` of a ${rule} rule takes one value`, place)
  }
  return values![0]!
}
