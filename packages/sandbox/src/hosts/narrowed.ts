/** A host that rules name already, for options that leave less of a policy. */
import { isMistake, namesHost, parseRule } from './host-rule.ts'
import type { HostRule, Rule } from './host-rule.ts'

const namesAll = (above: Rule, below: Rule): boolean => {
  switch (below.kind) {
    case 'address': return namesHost(above, below.host, true)
    case 'name': return namesHost(above, below.host, false)
    case 'below': return above.kind === 'any' ||
      (above.kind === 'below' && (below.host === above.host || below.host.endsWith(`.${above.host}`)))
    case 'any': return above.kind === 'any'
  }
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
    return !isMistake(parsed) && parsed.port === below.port && parsed.protocol === below.protocol &&
      namesAll(parsed, below)
  })
  if (above === undefined) return null
  if (typeof above === 'string' || below.kind === 'address') return text
  return { ...above, host: below.kind === 'below' ? `*.${below.host}` : below.kind === 'any' ? '*' : below.host }
}
