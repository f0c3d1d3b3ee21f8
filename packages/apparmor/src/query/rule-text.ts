/** Rules as people wrote them, with their place. */
import type { EncodedRule } from '../profile/encoded.ts'
import type { Place } from '../profile/place.ts'

export interface RuleText {
  readonly place: Place
  /** The line that the rule stands in. */
  readonly text: string
}

/** Strings of `change_profile` stand among the names of files; they grant nothing of a file. */
export const isOfFiles = ({ perms }: EncodedRule): boolean => (perms & 0x0fffffff) !== 0

/** Null for what every policy of a target has. */
export const ruleOf = ({ rule }: EncodedRule): RuleText | null =>
  rule === null ? null : { place: rule.place, text: rule.place.excerpt.trim() }
