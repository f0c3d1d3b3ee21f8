/** `capability` and `set rlimit` rules. */
import { didYouMean } from '@lsmkit/core'
import type { CapabilityRule, Prefix, RlimitRule } from './ast.ts'
import { ProfileError } from './errors.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'
import { capabilityNames, capabilityNumber, LIMITS, SIZE_UNITS, TIME_UNITS, type LimitKind } from './words.ts'

const ALL_CAPABILITIES = (1n << 64n) - 1n

/** `capability` was read. The sets of the rule: one for each name, so that a target may fold some. */
export const parseCapability = (scanner: Scanner, place: Place, prefix: Prefix): CapabilityRule[] => {
  if (prefix.owner !== null) throw new ProfileError('bad-prefix', 'capability rules have no owner', place)
  const deny = prefix.mode === 'deny'
  const names: string[] = []
  for (let token = scanner.next('rule'); token.kind !== ','; token = scanner.next('rule')) {
    if (token.kind !== 'word' && token.kind !== 'id') throw scanner.wants('a capability or a comma', token)
    if (capabilityNumber(token.text) === undefined) {
      throw new ProfileError('bad-value', `there is no capability \`${token.text}\``, scanner.place(token.start), {
        hint: didYouMean(token.text, capabilityNames()),
      })
    }
    names.push(token.text)
  }
  if (names.length === 0) return [{ place, name: null, set: ALL_CAPABILITIES, audit: prefix.audit, deny }]
  return names.map((name) => ({ place, name, set: 1n << BigInt(capabilityNumber(name)!), audit: prefix.audit, deny }))
}

const INFINITY = (1n << 64n) - 1n
const SECOND = 1_000_000n

const timeValue = (value: bigint, unit: string | null, base: bigint, fail: () => ProfileError): bigint => {
  if (unit === null) return value
  const size = Object.hasOwn(TIME_UNITS, unit) ? TIME_UNITS[unit]! : undefined
  if (size === undefined || value * size < base) throw fail()
  return value * size / base
}

const limitValue = (text: string, unit: string | null, kind: LimitKind, fail: () => ProfileError): bigint => {
  if (text === 'infinity') return INFINITY
  const value = parseNumber(text)
  if (kind === 'nice') {
    if (unit !== null || value < -20n || value > 19n) throw fail()
    return value + 20n
  }
  if (value < 0n) throw fail()
  if (kind === 'seconds') return timeValue(value, unit, SECOND, fail)
  if (kind === 'microseconds') return timeValue(value, unit, 1n, fail)
  if (unit === null) return value
  if (kind === 'number' || !Object.hasOwn(SIZE_UNITS, unit)) throw fail()
  return value * SIZE_UNITS[unit]! & INFINITY
}

/** As strtoll with base 0: a leading zero is octal. */
const parseNumber = (text: string): bigint => {
  const negative = text.startsWith('-')
  const digits = negative ? text.slice(1) : text
  const octal = /^0[0-7]*/u.exec(digits)
  const value = octal === null ? BigInt(digits) : BigInt(`0o0${octal[0]}`)
  const most = (1n << 63n) - 1n
  const clamped = value > most ? most : value
  return negative ? -clamped : clamped
}

/** `set` was read. */
export const parseRlimit = (scanner: Scanner, place: Place): RlimitRule => {
  const word = scanner.next('rule')
  if (word.kind !== 'word' || word.text !== 'rlimit') throw scanner.wants('`rlimit`', word)
  const name = scanner.expect('rlimit', 'word', 'the name of a limit').text
  const limit = Object.hasOwn(LIMITS, name) ? LIMITS[name]! : undefined
  if (limit === undefined) {
    throw new ProfileError(
      'bad-value', `there is no limit \`${name}\``, place, { hint: didYouMean(name, Object.keys(LIMITS)) },
    )
  }
  scanner.expect('rlimit', '<=', '`<=`')
  const value = scanner.next('rlimit')
  if (value.kind !== 'value' && value.text !== 'infinity') throw scanner.wants('a number or `infinity`', value)
  const unit = scanner.take('rlimit', 'word')?.text ?? null
  scanner.expect('rlimit', ',', 'a comma behind the rule')
  const [number, kind] = limit
  const fail = (): ProfileError =>
    new ProfileError('bad-value', `\`${value.text} ${unit ?? ''}\` is not a value of ${name}`, place)
  return { place, limit: number, value: limitValue(value.text, unit, kind, fail) }
}
