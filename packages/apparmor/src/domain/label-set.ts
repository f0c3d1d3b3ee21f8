/** Sets of profiles as labels: each set is made once, and made anew when a profile in it is replaced (label.c). */
import { nameBytes } from '../name.ts'
import { newest, redirect } from './label.ts'
import { Label } from './objects.ts'
import type { LoadedProfile, Namespace } from './objects.ts'

const compareBytes = (a: string, b: string): number => {
  if (a === b) return 0
  const left = nameBytes(a)
  const right = nameBytes(b)
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) if (left[i] !== right[i]) return left[i]! - right[i]!
  return left.length - right.length
}

/** As `profile_cmp`: outer namespaces first, then by names of namespaces, then by names. */
export const compareProfiles = (a: LoadedProfile, b: LoadedProfile): number => {
  if (a === b) return 0
  if (a.namespace !== b.namespace) {
    const level = a.namespace.level - b.namespace.level
    if (level !== 0) return level
    const name = compareBytes(a.namespace.hname, b.namespace.hname)
    if (name !== 0) return name
  }
  return compareBytes(a.hname, b.hname)
}

/** As `aa_vec_unique`; of several versions of a profile the first stays. */
export const sortUnique = (profiles: readonly LoadedProfile[]): LoadedProfile[] => {
  const sorted = [...profiles].sort(compareProfiles)
  return sorted.filter((profile, i) => i === 0 || compareProfiles(sorted[i - 1]!, profile) !== 0)
}

const keyOf = (profiles: readonly LoadedProfile[]): string =>
  profiles.map(({ namespace, hname }) => `${namespace.hname}\0${hname}`).join('\0\0')

const namespaceOf = (profiles: readonly LoadedProfile[]): Namespace => profiles[profiles.length - 1]!.namespace

/** The label of a sorted set, if there is one by now. */
export const findLabel = (profiles: readonly LoadedProfile[]): Label | null => {
  if (profiles.length === 1) return profiles[0]!.label
  return namespaceOf(profiles).labels.get(keyOf(profiles)) ?? null
}

/** As `aa_vec_find_or_create_label`, of a sorted set. */
export const labelOf = (profiles: readonly LoadedProfile[]): Label =>
  findLabel(profiles) ?? insert(new Label(profiles), false)

/**
 * As `__label_insert`. A label whose place another one has takes over the holders of that one, but not its place: the
 * kernel changes places inside an assertion, and builds of distributions leave assertions out. Such a label is in no
 * set, so later changes of policy do not reach its holders.
 */
const insert = (label: Label, replace: boolean): Label => {
  const { labels } = namespaceOf(label.profiles)
  const key = keyOf(label.profiles)
  const found = labels.get(key)
  if (found === undefined) {
    labels.set(key, label)
    return label
  }
  if (!replace && !found.stale) return found
  label.proxy = found.proxy
  redirect(found, label)
  return label
}

/** As `aa_label_merge`: the label of both sets. */
export const mergeLabels = (first: Label, second: Label): Label => {
  const a = newest(first)
  const b = newest(second)
  if (a === b) return a
  const both = sortUnique([...a.profiles, ...b.profiles])
  if (!both.some(isStale)) {
    if (both.length === a.profiles.length) return a
    if (both.length === b.profiles.length) return b
  }
  const profiles = sortUnique(both.map((profile) => newestProfile(profile)))
  if (profiles.length === 1) return profiles[0]!.label
  const merged = new Label(profiles)
  merged.unconfined = profiles.every(({ label }) => label.unconfined)
  return insert(merged, false)
}

const isStale = ({ label }: LoadedProfile): boolean => label.stale

/** As `aa_get_newest_profile`. */
export const newestProfile = (profile: LoadedProfile): LoadedProfile => newest(profile.label).profile

/** As `aa_label_is_subset`: each profile of `sub` is in `set`. */
export const isSubset = (set: Label, sub: Label): boolean => set === sub || outside(set, sub).length === 0

/** As `aa_label_is_unconfined_subset`: those that are unconfined need not be. */
export const isUnconfinedSubset = (set: Label, sub: Label): boolean =>
  set === sub || outside(set, sub).every(({ isUnconfined }) => isUnconfined)

/** Profiles of `sub` that are not in `set` (`label_for_each_not_in_set`). */
export const outside = (set: Label, sub: Label): readonly LoadedProfile[] =>
  sub.profiles.filter((profile) => !set.profiles.some((other) => compareProfiles(profile, other) === 0))

/** As `__aa_labelset_update_subtree`: labels with a profile that was replaced or removed are made anew. */
export const updateLabels = (namespace: Namespace): void => {
  for (let old = firstOutdated(namespace); old !== null; old = firstOutdated(namespace)) renew(old)
  for (const inside of namespace.namespaces) updateLabels(inside)
}

/** As `labelset_next_stale`: the first in the order of the set. */
const firstOutdated = ({ labels }: Namespace): Label | null => {
  const outdated = [...labels.values()].filter((label) => label.stale || label.profiles.some(isStale))
  return outdated.length === 0 ? null : outdated.reduce((a, b) => (compareSets(a.profiles, b.profiles) <= 0 ? a : b))
}

/** As `vec_cmp`. */
const compareSets = (a: readonly LoadedProfile[], b: readonly LoadedProfile[]): number => {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const order = compareProfiles(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** As `__label_update`. */
const renew = (label: Label): void => {
  redirect(label, renewed(label))
  label.namespace.labels.delete(keyOf(label.profiles))
}

const renewed = (label: Label): Label => {
  const profiles = sortUnique(label.profiles.map((profile) => newestProfile(profile)))
  if (profiles.length === 1) return profiles[0]!.label
  const fresh = new Label(profiles)
  fresh.proxy = label.proxy
  if (fresh.namespace === label.namespace) return insert(fresh, true)
  return findLabel(profiles) ?? insert(fresh, false)
}
