/** The label of a peer against rules: the whole set first, then each part alone (`aa_label_match`). */
import { DFA_NOMATCH } from '../dfa/dfa.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { isVisible, namespaceName } from './namespace.ts'
import type { Label, LoadedProfile } from './objects.ts'
import { noPerms } from './perm-table.ts'
import { accumulate, allPerms } from './perms-math.ts'
import type { Rules } from './rules.ts'

/** Which rules are asked, how, and for what. */
export interface LabelQuestion {
  readonly profile: LoadedProfile
  readonly rules: Rules
  /** Where the label's name starts. */
  readonly state: number
  /** Parts of namespaces inside count; otherwise they are passed over. */
  readonly inside: boolean
  readonly request: number
  /** The permissions of a state. */
  readonly perms: (state: number) => PermEntry
  /** In front of the first part, and of each part alone. */
  readonly prefix?: string
}

/** As `match_component`: the name, behind that of its namespace where it is another one. */
const matchPart = (
  { profile, rules, prefix = '' }: LabelQuestion, part: LoadedProfile, from: number, first: boolean,
): number => {
  const state = first && prefix !== '' ? rules.match(from, prefix) : from
  if (profile.namespace === part.namespace) return rules.match(state, part.hname)
  return rules.match(state, `:${namespaceName(profile.namespace, part.namespace, true)}:${part.hname}`)
}

const seenParts = ({ profile, inside }: LabelQuestion, label: Label): readonly LoadedProfile[] =>
  label.profiles.filter(({ namespace }) => isVisible(profile.namespace, namespace, inside))

const matchWhole = (question: LabelQuestion, label: Label): PermEntry => {
  let { state } = question
  let first = true
  for (const part of seenParts(question, label)) {
    if (!first) state = question.rules.match(state, '//&')
    state = matchPart(question, part, state, first)
    if (state === DFA_NOMATCH) return noPerms
    first = false
  }
  return first ? allPerms : question.perms(state)
}

const matchParts = (question: LabelQuestion, label: Label): PermEntry => {
  let perms = allPerms
  for (const part of seenParts(question, label)) {
    const state = matchPart(question, part, question.state, true)
    if (state === DFA_NOMATCH) return noPerms
    perms = accumulate(perms, question.perms(state))
  }
  return perms
}

export const matchLabel = (question: LabelQuestion, label: Label): PermEntry => {
  const { request } = question
  const whole = matchWhole(question, label)
  return (whole.allow & request) >>> 0 === request >>> 0 ? whole : matchParts(question, label)
}
