/** Whether rules of hosts allow no more than others: for a policy within another, and for options over a policy. */
import { isMistake, isPathBelow, namesHost, parseRule } from './host-rule.ts'
import type { HostRule, Rule } from './host-rule.ts'
import type { Address, Range } from './address.ts'
import { isInRange } from './address.ts'
import { specialOf } from './special-addresses.ts'

const coversTarget = (above: Rule, below: Rule): boolean => {
  switch (below.kind) {
    case 'address': return namesHost(above, below.host, true)
    case 'name': return namesHost(above, below.host, false)
    // of all names below a name: where one with a label more is named, and the rule ends no deeper
    case 'below': return above.kind === 'any' ||
      (above.kind === 'below' && (below.host === above.host || below.host.endsWith(`.${above.host}`)))
    case 'any': return above.kind === 'any'
  }
}

const coversMethods = (above: Rule, below: Rule): boolean => above.methods === null ||
  (below.methods !== null && below.methods.every((method) => above.methods!.includes(method)))

const coversPaths = (above: Rule, below: Rule): boolean => above.paths === null ||
  (below.paths !== null && below.paths.every((path) => above.paths!.some((one) => isPathBelow(path, one))))

const last = ({ bytes, bits }: Range): Address =>
  bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, bits - i * 8))))

const isWithinRange = (below: Range, above: Range): boolean =>
  below.bits >= above.bits && isInRange(below.bytes, above) && isInRange(last(below), above)

/** Without `addresses` a rule leads to the public internet: an address of that is within it, a range is not. */
const coversAddresses = (above: Rule, below: Rule): boolean => {
  if (below.kind === 'address') return true
  if (below.addresses === null) return above.addresses === null
  return below.addresses.every((range) => (above.addresses === null
    ? range.bits === range.bytes.length * 8 && specialOf(range.bytes) === null
    : above.addresses.some((one) => isWithinRange(range, one))))
}

const covers = (above: Rule, below: Rule): boolean =>
  above.port === below.port && coversTarget(above, below) && coversMethods(above, below) &&
  coversPaths(above, below) && coversAddresses(above, below)

/** Whether one of the rules allows all that the given one does. A rule with a mistake is covered by none. */
export const coversHost = (rules: readonly HostRule[], given: HostRule): boolean => {
  const below = parseRule(given)
  return !isMistake(below) && rules.map(parseRule).some((above) => !isMistake(above) && covers(above, below))
}

/**
 * The host that a text names, with all that a rule says of it: the methods, paths and addresses of the rule stay. Null
 * where no rule names it.
 */
export const narrowedHost = (text: string, rules: readonly HostRule[]): HostRule | null => {
  const below = parseRule(text)
  if (isMistake(below)) return null
  const above = rules.find((rule) => {
    const parsed = parseRule(rule)
    return !isMistake(parsed) && parsed.port === below.port && coversTarget(parsed, below)
  })
  if (above === undefined) return null
  if (typeof above === 'string' || below.kind === 'address') return text
  return { ...above, host: below.kind === 'below' ? `*.${below.host}` : below.kind === 'any' ? '*' : below.host }
}
