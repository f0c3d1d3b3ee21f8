/** The shape of `allow.hosts`, as options are checked. `parseRule` reads the texts. */
import {
  aString, either, listOf, oneOf, OptionError, optionsOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { isMistake, parseRule } from './host-rule.ts'
import type { HostEntry, HostRule } from './host-rule.ts'

const entryRules: OptionRules<HostEntry> = {
  host: required(aString), port: required(wholeNumber(1, 65535)),
  protocol: oneOf('tcp', 'udp'),
  methods: listOf(aString), paths: listOf(aString), addresses: listOf(aString),
}

export const hostRules: OptionRule = listOf(either(aString, optionsOf(entryRules)))

/** Throws OptionError for a rule with a mistake. */
export const checkHosts = (hosts: readonly HostRule[], taker: string): void => {
  for (const [at, rule] of hosts.entries()) {
    const parsed = parseRule(rule)
    if (isMistake(parsed)) {
      throw new OptionError('bad-option', parsed.message, { place: `${taker}: hosts[${at}]`, hint: parsed.hint })
    }
  }
}
