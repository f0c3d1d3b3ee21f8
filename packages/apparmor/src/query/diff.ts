/** Accesses that only one of two policies allows, in words with examples. */
import type { PolicyBinary, PermEntry, Profile } from '../policydb/policy.ts'
import { bytesName } from '../name.ts'
import { emptyPdb } from '../policydb/policy.ts'
import { pdbDifferences, policyFields, show } from './equal.ts'
import { capabilityNames, capabilityNumber } from '../profile/words.ts'
import { stateEntries } from './state-perms.ts'
import { fileLetters, ruleString } from './words.ts'

export interface PolicyChange {
  readonly profile: string
  /** `profile` came or went; `field` of it; files by their permissions; strings of other classes. */
  readonly kind: 'profile' | 'field' | 'file' | 'rule'
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
  profile: string, kind: 'file' | 'rule', found: Iterable<readonly [text: string, example: string]>,
): PolicyChange[] => {
  const groups = new Map<string, { example: string, count: number }>()
  for (const [text, example] of found) {
    const group = groups.get(text)
    if (group === undefined) groups.set(text, { example, count: 1 })
    else group.count++
  }
  return [...groups].map(([text, { example, count }]) => ({ profile, kind, text, example, count }))
}

const fileChanges = (left: Profile, right: Profile): PolicyChange[] => {
  const entries = ({ file }: Profile, state: number): readonly PermEntry[] =>
    file.dfa === null ? noEntry : stateEntries(file, 'file', state)
  const found = pdbDifferences(left.file, right.file, 'file', { most: MOST }).filter(
    ({ symbols }) => !symbols.includes(0),
  )
  return grouped(left.name, 'file', found.map(({ symbols, left: a, right: b }) => {
    const [before, after] = [lettersOf(entries(left, a)), lettersOf(entries(right, b))]
    const text = before === after ? `${before}: executed or recorded in another way` : `${before} becomes ${after}`
    return [text, bytesName(Uint8Array.from(symbols))] as const
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
    const only = gains === 0 ? 'less' : 'more'
    const verb = (gains === 0) === (loses === 0) ? 'changed' : `${only} is allowed`
    return [`${ruleString(symbols.slice(0, 1))}: ${verb}`, ruleString(symbols)] as const
  }))
}

/** Names of the capabilities in one set and not in the other. */
const capabilities = (set: bigint, without: bigint): string[] =>
  capabilityNames().filter((name) => ((set & ~without) >> BigInt(capabilityNumber(name)!) & 1n) === 1n)

const CAPABILITY_SETS = ['allow', 'audit', 'quiet'] as const

const capabilityChanges = (left: Profile, right: Profile): PolicyChange[] => CAPABILITY_SETS.flatMap((set) => {
  const [more, less] = [capabilities(right.caps[set], left.caps[set]), capabilities(left.caps[set], right.caps[set])]
  const text = (verb: string, names: readonly string[]): PolicyChange[] => names.length === 0 ? [] : [
    {
      profile: left.name, kind: 'field', text: `capabilities (${set}): ${verb} ${names.join(', ')}`, example: null,
      count: 1,
    },
  ]
  return [...text('gains', more), ...text('loses', less)]
})

const fieldChanges = (left: Profile, right: Profile): PolicyChange[] => {
  const others = policyFields(right)
  return Object.entries(policyFields(left))
    .filter(([name, value]) => name !== 'caps' && show(value) !== show(others[name]))
    .map(([name, value]) => (
      {
        profile: left.name, kind: 'field', text: `${name}: ${show(value)} becomes ${show(others[name])}`, example: null,
        count: 1,
      }
    ))
}

const whole = (profile: string, text: string): PolicyChange =>
  ({ profile, kind: 'profile', text, example: null, count: 1 })

/** Profiles are paired by their names. An empty list: the policies mean the same. */
export const policyChanges = (left: PolicyBinary, right: PolicyBinary): readonly PolicyChange[] => {
  const after = new Map(right.profiles.map((profile) => [profile.name, profile]))
  const before = new Set(left.profiles.map(({ name }) => name))
  return [
    ...left.profiles.flatMap((profile) => {
      const other = after.get(profile.name)
      if (other === undefined) return [whole(profile.name, 'is gone')]
      return [
        ...fieldChanges(profile, other), ...capabilityChanges(profile, other), ...fileChanges(profile, other),
        ...ruleChanges(profile, other),
      ]
    }),
    ...right.profiles.filter(({ name }) => !before.has(name)).map(({ name }) => whole(name, 'is new')),
  ]
}
