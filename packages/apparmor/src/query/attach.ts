/** Which profile a program gets, and what profiles say of a path. */
import { leftMatch, matchLen } from '../dfa/step.ts'
import { nameBytes } from '../name.ts'
import type { CompiledProfile } from '../profile/compile.ts'
import { fromName } from '../profile/place.ts'
import { RuleFinder } from '../profile/order.ts'
import { fileLetters } from './words.ts'
import { isOfFiles, ruleOf, type RuleText } from './rule-text.ts'
import { stateEntries } from './state-perms.ts'

export interface Attached {
  readonly profile: string
  /** Characters that the pattern says plainly: the more, the better; an exact name has them all. */
  readonly specificity: number
}

/** Profiles whose attachment matches, the best first. Two of the best cancel each other (`find_attach`). */
export const attachments = (profiles: readonly CompiledProfile[], path: string): readonly Attached[] => {
  const bytes = nameBytes(path)
  return profiles.filter(({ profile }) => !profile.name.includes('//')).flatMap(({ profile }): Attached[] => {
    const { xmatch: { dfa }, xmatchLength, name } = profile
    if (dfa === null) return name === path ? [{ profile: name, specificity: bytes.length }] : []
    const { state, count } = leftMatch(dfa, 1, bytes)
    if ((dfa.accept[state]! & 1) === 0) return []
    return [{ profile: name, specificity: Math.max(count, xmatchLength) }]
  }).sort((a, b) => b.specificity - a.specificity)
}

export interface PathRules {
  readonly profile: string
  readonly owner: string
  readonly others: string
  readonly rules: readonly RuleText[]
}

/**
 * The permissions of each profile for a path, with the rules that apply to it. Profiles that say nothing are left out.
 */
export const pathRules = (profiles: readonly CompiledProfile[], path: string): readonly PathRules[] => {
  const symbols = [...fromName(path)].map((character) => character.charCodeAt(0))
  return profiles.flatMap(({ profile, fileRules }): PathRules[] => {
    const { dfa } = profile.file
    const rules = new RuleFinder(fileRules).find(symbols).filter(isOfFiles).flatMap((rule) => ruleOf(rule) ?? [])
    if (dfa === null || rules.length === 0) return []
    const entries = stateEntries(profile.file, 'file', matchLen(dfa, 1, Uint8Array.from(symbols)))
    const [owner = '', others = ''] = entries.map(fileLetters)
    return [{ profile: profile.name, owner, others, rules }]
  })
}
