/** The shape of `allow.hosts`, as options are checked. `parseRule` reads the texts. */
import { aString, either, listOf, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { HostEntry } from './host-rule.ts'

const entryRules: OptionRules<HostEntry> = {
  host: required(aString), port: required(wholeNumber(1, 65535)),
  methods: listOf(aString), paths: listOf(aString), addresses: listOf(aString),
}

export const hostRules: OptionRule = listOf(either(aString, optionsOf(entryRules)))
