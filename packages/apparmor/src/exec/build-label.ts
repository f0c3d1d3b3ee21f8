/** A label out of what each profile of another one becomes (`fn_label_build`). */
import { labelOf, sortUnique } from '../domain/label-set.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'

/** The first -errno is the answer, and then nobody further is asked. */
export const buildLabel = (label: Label, become: (profile: LoadedProfile) => Label | number): Label | number => {
  if (label.isProfile) return become(label.profile)
  const profiles: LoadedProfile[] = []
  for (const profile of label.profiles) {
    const part = become(profile)
    if (typeof part === 'number') return part
    profiles.push(...part.profiles)
  }
  return labelOf(sortUnique(profiles))
}

/** As `fn_label_build_in_ns`: profiles of the label's own namespace by one function, others by another. */
export const buildInNamespace = (
  label: Label, become: (profile: LoadedProfile) => Label | number, other: (profile: LoadedProfile) => Label | number,
): Label | number =>
  buildLabel(label, (profile) => (profile.namespace === label.namespace ? become(profile) : other(profile)))
