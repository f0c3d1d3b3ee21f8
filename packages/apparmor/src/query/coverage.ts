/** Which rules of profiles the records of a log have met, and which none has. */
import type { CompiledProfile } from '../profile/compile.ts'
import { fromName, type Place } from '../profile/place.ts'
import { RuleFinder } from '../profile/order.ts'
import type { ApparmorRecord } from './log.ts'
import { isOfFiles } from './rule-text.ts'

export interface RuleCoverage {
  readonly profile: string
  readonly place: Place
  readonly text: string
  /** Records of names that the rule matches. */
  readonly count: number
}

/**
 * File rules with how many records they match. A kernel records what it denies, and what `audit` or a complaining
 * profile asks for; a rule that no record meets may still be in use otherwise.
 */
export const ruleCoverage = (
  profiles: readonly CompiledProfile[], records: readonly ApparmorRecord[],
): readonly RuleCoverage[] => profiles.flatMap(({ profile, fileRules, source }) => {
  const finder = new RuleFinder(fileRules)
  const counts = new Map<unknown, number>()
  for (const record of records) {
    const name = record.fields.get('name')
    if (record.profile !== profile.name || name === undefined || !name.startsWith('/')) continue
    const symbols = [...fromName(name)].map((character) => character.charCodeAt(0))
    for (const { rule } of finder.find(symbols).filter(isOfFiles)) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  }
  return source.files.map((entry) => (
    { profile: profile.name, place: entry.place, text: entry.place.excerpt.trim(), count: counts.get(entry) ?? 0 }
  ))
})
