/** Profiles made up while others complain: what a program would need is recorded under their names. */
import { nullProfile } from './make-profile.ts'
import type { LoadedProfile } from './objects.ts'
import { addProfile } from './tree.ts'

/** As `aa_new_learning_profile`: `PARENT//null-NAME`, the one that is there or a new one. */
export const learningProfile = (parent: LoadedProfile, isHat: boolean, base: string): LoadedProfile => {
  const hname = `${parent.hname}//null-${base}`
  const made = nullProfile(hname, parent.namespace, parent)
  const known = parent.children.find(({ name }) => name === made.name)
  if (known !== undefined) return known
  made.mode = 'complain'
  made.isHat = isHat
  addProfile(parent.namespace, made)
  return made
}
