/** Errors of wrong arguments, with the codes and the messages that Node gives them. */
import { inspect } from 'node:util'

const mistakes = new WeakSet<Error>()

/** A call with a callback throws these at once; a refusal of the kernel goes to the callback. */
export const isArgumentError = (error: unknown): boolean => error instanceof Error && mistakes.has(error)

const coded = <E extends Error>(error: E, code: string): E => {
  mistakes.add(error)
  return Object.assign(error, { code })
}

const PRIMITIVES = new Set([
  'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
])
const CLASS = /^(?:[A-Z][a-z0-9]*)+$/

/** `a`, `a or b`, `a, b, or c`. */
const listed = (names: readonly string[]): string => {
  if (names.length < 3) return names.join(' or ')
  return `${names.slice(0, -1).join(', ')}, or ${names.at(-1)}`
}

const expectedText = (expected: readonly string[]): string => {
  let types = expected.filter((one) => PRIMITIVES.has(one)).map((one) => one.toLowerCase())
  const classes = expected.filter((one) => !PRIMITIVES.has(one) && CLASS.test(one))
  const others = expected.filter((one) => !PRIMITIVES.has(one) && !CLASS.test(one))
  if (classes.length > 0 && types.includes('object')) {
    types = types.filter((one) => one !== 'object')
    classes.push('Object')
  }
  const parts: string[] = []
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${listed(types)}`)
  if (classes.length > 0) parts.push(`an instance of ${listed(classes)}`)
  if (others.length > 1) parts.push(`one of ${listed(others)}`)
  if (others.length === 1) parts.push(others[0]!.toLowerCase() === others[0] ? others[0] : `an ${others[0]}`)
  return parts.join(' or ')
}

/** The end of the message: `Received type number (5)`. */
const receivedText = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'object') {
    const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name
    return typeof name === 'string' && name !== '' ? `an instance of ${name}` : inspect(value, { depth: -1 })
  }
  const text = inspect(value, { colors: false })
  return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`
}

const kindOf = (name: string): string => (name.includes('.') ? 'property' : 'argument')

/** ERR_INVALID_ARG_TYPE. `expected`: names of types and of classes, or other words. */
export const wrongType = (name: string, expected: readonly string[], value: unknown): TypeError => {
  const subject = name.endsWith(' argument') ? `The ${name}` : `The "${name}" ${kindOf(name)}`
  const message = `${subject} must be ${expectedText(expected)}. Received ${receivedText(value)}`
  return coded(new TypeError(message), 'ERR_INVALID_ARG_TYPE')
}

/** One of these words. */
export const oneOfText = <T extends string>(value: unknown, name: string, words: readonly T[]): T => {
  if (words.includes(value as T)) return value as T
  throw wrongValue(name, value, `must be one of: ${words.map((word) => `'${word}'`).join(', ')}`)
}

const LONGEST = 128

/** ERR_INVALID_ARG_VALUE. */
export const wrongValue = (name: string, value: unknown, reason = 'is invalid'): TypeError => {
  const text = inspect(value)
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
  const message = `The ${kindOf(name)} '${name}' ${reason}. Received ${shown}`
  return coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE')
}

/** `4_294_967_296`. */
const grouped = (digits: string): string => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, '_')

const MANY = 2 ** 32
const numberText = (value: unknown): string => {
  if (typeof value === 'bigint') {
    const text = String(value)
    return `${value > BigInt(MANY) || value < -BigInt(MANY) ? grouped(text) : text}n`
  }
  if (Number.isInteger(value) && Math.abs(value as number) > MANY) return grouped(String(value))
  return inspect(value)
}

/** ERR_OUT_OF_RANGE. `range`: `>= 0 && <= 7`. */
export const outOfRange = (name: string, range: string, value: unknown): RangeError =>
  coded(new RangeError(
    `The value of "${name}" is out of range. It must be ${range}. Received ${numberText(value)}`), 'ERR_OUT_OF_RANGE')

/** Any other mistake that has a code of its own. */
export const mistake = (code: string, message: string, kind: new (message: string) => Error = TypeError): Error =>
  coded(new kind(message), code)

/** ABORT_ERR: a signal ended the call. Such an error goes to the callback. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR'

  constructor(signal?: AbortSignal) {
    super('The operation was aborted', signal === undefined ? undefined : { cause: signal.reason })
    this.name = 'AbortError'
  }
}
