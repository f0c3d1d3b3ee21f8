/** Whether a policy allows nothing that another one does not: a proof by walking both automata, or the exceptions. */
import { compareAutomata } from '../dfa/compare.ts'
import type { Difference, Walkable } from '../dfa/compare.ts'
import { matchLen } from '../dfa/step.ts'
import { walkableDfa, walkableNothing } from '../dfa/walk.ts'
import { bytesName } from '../name.ts'
import { AA_MAY_EXEC, AA_MAY_GETATTR } from '../perms.ts'
import { emptyPdb, PATH_CHROOT_REL, PATH_CONNECT_PATH, PATH_DELEGATE_DELETED } from '../policydb/policy.ts'
import type { Pdb, PermEntry, PolicyBinary, Profile } from '../policydb/policy.ts'
import { capabilityNames, capabilityNumber } from '../profile/words.ts'
import { execTarget, startOf, stateEntries } from './state-perms.ts'
import { className, fileLetters, ruleString, symbolsText } from './words.ts'

/** Something that the policy allows, and the maximum does not. */
export interface Excess {
  readonly profile: string
  readonly text: string
  /** An example: a path or a string. */
  readonly example: string | null
}

/** Examples of one profile and kind; more would say the same. */
const MOST = 20

const walkable = ({ dfa }: Pdb): Walkable => dfa === null ? walkableNothing : walkableDfa(dfa)

const entriesAt = (pdb: Pdb, kind: 'file' | 'policydb', state: number): readonly PermEntry[] =>
  pdb.dfa === null ? [] : stateEntries(pdb, kind, state)

/** Where there are no file rules at all, the older form still allows attributes to be read. */
const exceeds = (left: PermEntry, right: PermEntry | undefined): number =>
  left.allow & ~(right?.allow ?? AA_MAY_GETATTR)

/** The same program run another way cannot be compared by its permissions. */
const executesElsewhere = (left: Pdb, one: PermEntry, right: Pdb, other: PermEntry | undefined): boolean =>
  (one.allow & AA_MAY_EXEC) !== 0 && other !== undefined && (other.allow & AA_MAY_EXEC) !== 0 &&
  execTarget(one, left.transitions) !== execTarget(other, right.transitions)

/** Strings after which the left automaton allows more than the right one. */
const moreAllowed = (
  left: Pdb, right: Pdb, kind: 'file' | 'policydb', excuse: (found: Difference) => boolean,
): readonly Difference[] => {
  if (left.dfa === null) return []
  return compareAutomata(walkable(left), walkable(right), {
    leftStart: startOf(left, kind), rightStart: right.dfa === null ? 0 : startOf(right, kind), most: MOST, excuse,
    same: (a, b) => {
      const others = entriesAt(right, kind, b)
      return entriesAt(left, kind, a).every((one, side) =>
        exceeds(one, others[side]) === 0 && !executesElsewhere(left, one, right, others[side]))
    },
  })
}

const fileExcess = ({ name, file }: Profile, max: Profile): Excess[] =>
  moreAllowed(file, max.file, 'file', () => false).map(({ symbols, left, right }) => {
    const others = entriesAt(max.file, 'file', right)
    const sides = entriesAt(file, 'file', left).map((one, side) => fileLetters({ allow: exceeds(one, others[side]) }))
    const [owner = '', other = ''] = sides
    const letters = owner === other ? owner : [owner, other].filter((text) => text !== '').join(' and ')
    const text = letters === '' ? 'programs are executed in another way' : `files: ${letters}`
    return { profile: name, text, example: symbolsText(symbols) }
  })

/** Whether rules of a class count at all: where nothing mediates it, everything is allowed. */
const mediates = ({ dfa, start }: Pdb, first: number): boolean =>
  dfa !== null && matchLen(dfa, start ?? 1, Uint8Array.of(first)) !== 0

/** The class of a string: labels are asked for several, which comes second. */
const LABEL_CLASS = 16
const classOf = ([first = 0, second = 0]: readonly number[]): number => first === LABEL_CLASS ? second : first

const ALL_CLASSES = Array.from({ length: 256 }, (_, first) => first)

const ruleExcess = (profile: Profile, max: Profile): Excess[] => {
  const [own, other] = [profile.policydb ?? emptyPdb, max.policydb ?? emptyPdb]
  const open = ALL_CLASSES.filter((first) => mediates(other, first) && !mediates(own, first))
  return [
    ...open.map((first) => ({ profile: profile.name, text: `${className(first)}: not mediated`, example: null })),
    ...moreAllowed(own, other, 'policydb', ({ symbols }) => !mediates(other, classOf(symbols))).map(({ symbols }) =>
      ({ profile: profile.name, text: className(classOf(symbols)), example: ruleString(symbols) })),
  ]
}

const capabilityExcess = ({ name, caps }: Profile, max: Profile): Excess[] => {
  const more = caps.allow & ~max.caps.allow
  const names = capabilityNames().filter((one) => (more >> BigInt(capabilityNumber(one)!) & 1n) === 1n)
  return names.map((one) => ({ profile: name, text: `capability ${one}`, example: null }))
}

const LIMITS = 16

const limitExcess = ({ name, rlimits }: Profile, max: Profile): Excess[] => {
  const limitOf = (set: Profile['rlimits'], limit: number): bigint | null =>
    set === null || (set.mask & 1 << limit) === 0 ? null : set.limits[limit]!
  return Array.from({ length: LIMITS }, (_, limit) => limit).filter((limit) => {
    const most = limitOf(max.rlimits, limit)
    const own = limitOf(rlimits, limit)
    return most !== null && (own === null || own > most)
  }).map((limit) => ({ profile: name, text: `resource limit ${limit} is higher, or not set`, example: null }))
}

const OPEN_PATHS = PATH_CONNECT_PATH | PATH_CHROOT_REL | PATH_DELEGATE_DELETED

/** How far a mode lets pass what no rule allows. */
const MODE_RANK = { kill: 0, enforce: 0, user: 1, complain: 2, unconfined: 3 } as const

const fieldExcess = (profile: Profile, max: Profile): Excess[] => {
  const found: string[] = []
  if (MODE_RANK[profile.mode] > MODE_RANK[max.mode]) found.push(`mode ${profile.mode}`)
  if (((profile.pathFlags ?? 0) & ~(max.pathFlags ?? 0) & OPEN_PATHS) !== 0) found.push('paths are looked up otherwise')
  return found.map((text) => ({ profile: profile.name, text, example: null }))
}

/** Programs that the maximum confines and this profile does not attach to. */
const attachmentExcess = ({ name, xmatch }: Profile, max: Profile): Excess[] => {
  if (max.xmatch.dfa === null) return []
  const accepts = ({ dfa }: Pdb, state: number): boolean => dfa !== null && (dfa.accept[state]! & 1) !== 0
  const [lost] = compareAutomata(walkable(xmatch), walkable(max.xmatch), {
    leftStart: xmatch.dfa === null ? 0 : 1, rightStart: 1,
    same: (a, b) => accepts(xmatch, a) || !accepts(max.xmatch, b),
  })
  if (lost === undefined) return []
  return [{ profile: name, text: 'a program is not attached to', example: bytesName(Uint8Array.from(lost.symbols)) }]
}

const profileExcess = (profile: Profile, max: Profile): Excess[] => {
  if (max.mode === 'unconfined') return []
  if (profile.mode === 'unconfined') return fieldExcess(profile, max)
  return [fieldExcess, attachmentExcess, capabilityExcess, limitExcess, fileExcess, ruleExcess]
    .flatMap((compare) => compare(profile, max))
}

/**
 * Accesses that `policy` allows and `max` does not; an empty list proves that it is within. Profiles are paired by
 * their names. One that `max` does not have confines less than it could, and one that is missing leaves its programs
 * unconfined: both are reported.
 */
export const policyExcess = (policy: PolicyBinary, max: PolicyBinary): readonly Excess[] => {
  const own = new Map(policy.profiles.map((profile) => [profile.name, profile]))
  const most = new Map(max.profiles.map((profile) => [profile.name, profile]))
  return [
    ...policy.profiles.flatMap((profile) => {
      const other = most.get(profile.name)
      return other === undefined ? [{ profile: profile.name, text: 'the maximum has no such profile', example: null }]
        : profileExcess(profile, other)
    }),
    ...max.profiles.filter(({ name }) => !own.has(name))
      .map(({ name }) => ({ profile: name, text: 'the profile is missing', example: null })),
  ]
}
