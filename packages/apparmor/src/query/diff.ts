/** Accesses that only one of two policies allows, in words with examples. */
import type { PolicyChange as CorePolicyChange } from '@lsmkit/core'
import type { PolicyBinary, PermEntry, Profile } from '../policydb/policy.ts'
import { bytesName } from '../name.ts'
import { emptyPdb } from '../policydb/policy.ts'
import { pdbDifferences, policyFields, show } from './equal.ts'
import { capabilityNames, capabilityNumber } from '../profile/words.ts'
import { stateEntries } from './state-perms.ts'
import { fileLetters, ruleString } from './words.ts'

/** More is permitted, less is, or neither can be said. */
type Effect = CorePolicyChange['effect']

export interface PolicyChange {
  readonly profile: string
  /** `profile` came or went; `field` of it; files by their permissions; strings of other classes. */
  readonly kind: 'profile' | 'field' | 'file' | 'rule'
  readonly effect: Effect
  readonly text: string
  /** An example: a path or a string. */
  readonly example: string | null
  /** Strings that change alike, as far as they were counted. */
  readonly count: number
}

/** Pairs of states that are looked at; what is alike counts once. */
const MOST = 5000

const noEntry: readonly PermEntry[] = []

const lettersOf = (entries: readonly PermEntry[]): string => {
  const [owner = '', other = ''] = entries.map(fileLetters)
  return owner === other ? owner || 'nothing' : `${owner || 'nothing'} for the owner, ${other || 'nothing'} for others`
}

/** Differences that read alike are one, with the shortest example. */
const grouped = (
  profile: string, kind: 'file' | 'rule', found: Iterable<readonly [effect: Effect, text: string, example: string]>,
): PolicyChange[] => {
  const groups = new Map<string, { effect: Effect, example: string, count: number }>()
  for (const [effect, text, example] of found) {
    const group = groups.get(text)
    if (group === undefined) groups.set(text, { effect, example, count: 1 })
    else group.count++
  }
  return [...groups].map(([text, { effect, example, count }]) => ({ profile, kind, effect, text, example, count }))
}

/** Of bits that are gained, and bits that are lost. */
const effectOf = (gains: boolean, loses: boolean): Effect => gains === loses ? 'other' : gains ? 'more' : 'less'

const allows = (left: readonly PermEntry[], right: readonly PermEntry[]): boolean =>
  left.some(({ allow }, side) => (allow & ~(right[side]?.allow ?? 0)) !== 0)

const fileChanges = (left: Profile, right: Profile): PolicyChange[] => {
  const entries = ({ file }: Profile, state: number): readonly PermEntry[] =>
    file.dfa === null ? noEntry : stateEntries(file, 'file', state)
  const found = pdbDifferences(left.file, right.file, 'file', { most: MOST }).filter(
    ({ symbols }) => !symbols.includes(0),
  )
  return grouped(left.name, 'file', found.map(({ symbols, left: a, right: b }) => {
    const [was, is] = [entries(left, a), entries(right, b)]
    const [before, after] = [lettersOf(was), lettersOf(is)]
    const text = before === after ? `${before}: executed or recorded in another way` : `${before} becomes ${after}`
    return [effectOf(allows(is, was), allows(was, is)), text, bytesName(Uint8Array.from(symbols))] as const
  }))
}

const ruleChanges = (left: Profile, right: Profile): PolicyChange[] => {
  const [a, b] = [left.policydb ?? emptyPdb, right.policydb ?? emptyPdb]
  const bits = (pdb: typeof a, state: number): number =>
    pdb.dfa === null || state === 0 ? 0 : stateEntries(pdb, 'policydb', state)[0]!.allow
  return grouped(left.name, 'rule', pdbDifferences(a, b, 'policydb', { most: MOST }).map(({ symbols, ...states }) => {
    const [before, after] = [bits(a, states.left), bits(b, states.right)]
    const gains = after & ~before
    const loses = before & ~after
    const effect = effectOf(gains !== 0, loses !== 0)
    const verb = effect === 'other' ? 'changed' : `${effect} is allowed`
    return [effect, `${ruleString(symbols.slice(0, 1))}: ${verb}`, ruleString(symbols)] as const
  }))
}

/** Names of the capabilities in one set and not in the other. */
const capabilities = (set: bigint, without: bigint): string[] =>
  capabilityNames().filter((name) => ((set & ~without) >> BigInt(capabilityNumber(name)!) & 1n) === 1n)

const field = (profile: string, effect: Effect, text: string): PolicyChange =>
  ({ profile, kind: 'field', effect, text, example: null, count: 1 })

const CAPABILITY_SETS = ['allow', 'audit', 'quiet'] as const

const capabilityChanges = (left: Profile, right: Profile): PolicyChange[] => CAPABILITY_SETS.flatMap((set) => {
  const [more, less] = [capabilities(right.caps[set], left.caps[set]), capabilities(left.caps[set], right.caps[set])]
  const text = (effect: Effect, verb: string, names: readonly string[]): PolicyChange[] => names.length === 0 ? [] : [
    field(left.name, set === 'allow' ? effect : 'other', `capabilities (${set}): ${verb} ${names.join(', ')}`),
  ]
  return [...text('more', 'gains', more), ...text('less', 'loses', less)]
})

const fieldChanges = (left: Profile, right: Profile): PolicyChange[] => {
  const others = policyFields(right)
  return Object.entries(policyFields(left))
    .filter(([name, value]) => name !== 'caps' && show(value) !== show(others[name]))
    .map(([name, value]) => field(left.name, 'other', `${name}: ${show(value)} becomes ${show(others[name])}`))
}

/** Programs without a profile are unconfined. */
const whole = (profile: string, effect: Effect, text: string): PolicyChange =>
  ({ profile, kind: 'profile', effect, text, example: null, count: 1 })

/** Profiles are paired by their names. An empty list: the policies mean the same. */
export const policyChanges = (left: PolicyBinary, right: PolicyBinary): readonly PolicyChange[] => {
  const after = new Map(right.profiles.map((profile) => [profile.name, profile]))
  const before = new Set(left.profiles.map(({ name }) => name))
  return [
    ...left.profiles.flatMap((profile) => {
      const other = after.get(profile.name)
      if (other === undefined) return [whole(profile.name, 'more', 'is gone')]
      return [
        ...fieldChanges(profile, other), ...capabilityChanges(profile, other), ...fileChanges(profile, other),
        ...ruleChanges(profile, other),
      ]
    }),
    ...right.profiles.filter(({ name }) => !before.has(name)).map(({ name }) => whole(name, 'less', 'is new')),
  ]
}
