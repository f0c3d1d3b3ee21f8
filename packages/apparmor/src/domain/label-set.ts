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
export const labelOf = (profiles: readonly LoadedProfile[]): Label => findLabel(profiles) ?? insert(new Label(profiles))

const insert = (label: Label): Label => {
  namespaceOf(label.profiles).labels.set(keyOf(label.profiles), label)
  return label
}

/** As `aa_label_merge`: the label of both sets. */
export const mergeLabels = (first: Label, second: Label): Label => {
  const a = newest(first)
  const b = newest(second)
  if (a === b) return a
  const profiles = sortUnique([...a.profiles, ...b.profiles].map((profile) => newestProfile(profile)))
  if (profiles.length === a.profiles.length && isSubset(a, b)) return a
  if (profiles.length === b.profiles.length && isSubset(b, a)) return b
  if (profiles.length === 1) return profiles[0]!.label
  const found = findLabel(profiles)
  if (found !== null && !found.stale) return found
  const merged = insert(new Label(profiles))
  merged.unconfined = profiles.every(({ label }) => label.unconfined)
  return merged
}

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
  for (const [key, label] of [...namespace.labels]) {
    if (label.stale || label.profiles.some((profile) => profile.label.stale)) renew(namespace, key, label)
  }
  for (const inside of namespace.namespaces) updateLabels(inside)
}

const renew = (namespace: Namespace, key: string, label: Label): void => {
  namespace.labels.delete(key)
  const profiles = sortUnique(label.profiles.map((profile) => newestProfile(profile)))
  const found = findLabel(profiles)
  if (found !== null && found !== label) return redirect(label, found)
  const fresh = insert(new Label(profiles))
  fresh.unconfined = label.unconfined && profiles.every((profile) => profile.label.unconfined)
  fresh.proxy = label.proxy
  redirect(label, fresh)
}
