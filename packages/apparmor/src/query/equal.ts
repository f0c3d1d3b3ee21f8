/** Whether two policies mean the same: their profiles field by field, their automata string by string. */
import { compareAutomata, type Difference, type Walkable } from '../dfa/compare.ts'
import { walkableDfa, walkableNothing } from '../dfa/walk.ts'
import type { Pdb, PolicyBinary, Profile } from '../policydb/policy.ts'
import { startOf, stateKey, type PdbKind } from './state-perms.ts'

/** One thing that is not alike. */
export interface PolicyDifference {
  readonly profile: string
  /** A field of the profile, or `file`, `policydb`, `xmatch`. */
  readonly where: string
  readonly left: string
  readonly right: string
  /** Of an automaton: a string that the two treat in different ways. */
  readonly example: readonly number[] | null
}

/** The permissions of a state; of an automaton that is not there, nothing. */
const keyOf = (pdb: Pdb, kind: PdbKind, state: number): string => pdb.dfa === null ? '' : stateKey(pdb, kind, state)

export interface PdbDifferenceOptions {
  /** Differences to find; 1 without it. */
  readonly most?: number
  /** Differences that do not count. */
  readonly excuse?: (difference: Difference) => boolean
}

/** The first strings that tell two automata apart. */
export const pdbDifferences = (
  left: Pdb, right: Pdb, kind: PdbKind, { most = 1, excuse }: PdbDifferenceOptions = {},
): readonly Difference[] => {
  if (left.dfa === null && right.dfa === null) return []
  const walk = ({ dfa }: Pdb): Walkable => dfa === null ? walkableNothing : walkableDfa(dfa)
  const start = (pdb: Pdb): number => pdb.dfa === null ? 0 : startOf(pdb, kind)
  return compareAutomata(walk(left), walk(right), {
    leftStart: start(left), rightStart: start(right), most,
    same: (a, b) => keyOf(left, kind, a) === keyOf(right, kind, b), ...(excuse === undefined ? {} : { excuse }),
  })
}

/** The fields of a profile beside its automata. */
export const policyFields = (profile: Profile): Readonly<Record<string, unknown>> => {
  const {
    name, xmatchLength, disconnected, flags, mode, auditAll, pathFlags, caps, xattrs, rlimits, namespace,
    netAllowed = null, killSignal = null, refusalErrno = null,
  } = profile
  return {
    name, namespace, xmatchLength, disconnected, flags, mode, auditAll, pathFlags, caps: { ...caps, extended: null },
    xattrs, rlimits, netAllowed, killSignal, refusalErrno,
    hasXmatch: profile.xmatch.dfa !== null, hasFile: profile.file.dfa !== null, hasPolicydb: profile.policydb !== null,
  }
}

export const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => typeof inner === 'bigint' ? `0x${inner.toString(16)}` : inner) ?? 'null'

/** Differences of one kind of automaton of the profile with this index that do not count. */
export type Excuse = (index: number, kind: PdbKind, difference: Difference) => boolean

const compareProfiles = (left: Profile, right: Profile, index: number, excuse: Excuse): PolicyDifference[] => {
  const profile = left.name
  const others = policyFields(right)
  const found: PolicyDifference[] = Object.entries(policyFields(left)).flatMap(([where, value]) => (
    show(value) === show(others[where])
      ? []
      : [{ profile, where, left: show(value), right: show(others[where]), example: null }]
  ))
  const none: Pdb = { perms: null, dfa: null, start: null, dfaStart: null, transitions: null }
  const pairs: readonly [PdbKind, Pdb, Pdb][] = [
    ['xmatch', left.xmatch, right.xmatch], ['policydb', left.policydb ?? none, right.policydb ?? none],
    ['file', left.file, right.file],
  ]
  for (const [kind, a, b] of pairs) {
    for (const { symbols, left: one, right: other } of pdbDifferences(
      a, b, kind, { excuse: (difference) => excuse(index, kind, difference) },
    )) {
      found.push({ profile, where: kind, left: keyOf(a, kind, one), right: keyOf(b, kind, other), example: symbols })
    }
  }
  return found
}

/** Differences by profile; profiles are taken in their order, and must have the same names. An empty list: equal. */
export const policyDifferences = (
  left: PolicyBinary, right: PolicyBinary, excuse: Excuse = () => false,
): readonly PolicyDifference[] => {
  const found: PolicyDifference[] = []
  const whole = (where: string, a: unknown, b: unknown): void => {
    if (show(a) !== show(b)) found.push({ profile: '', where, left: show(a), right: show(b), example: null })
  }
  whole('namespace', left.namespace, right.namespace)
  whole('profiles', left.profiles.map(({ name }) => name), right.profiles.map(({ name }) => name))
  if (found.some(({ where }) => where === 'profiles')) return found
  for (const [index, profile] of left.profiles.entries()) found.push(
    ...compareProfiles(profile, right.profiles[index]!, index, excuse),
  )
  return found
}
