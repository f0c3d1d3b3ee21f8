/** Profiles by their names (`aa_lookupn_profile`, `aa_fqlookupn_profile`). */
import { splitName } from '../fqname.ts'
import { findNamespace } from './namespace.ts'
import type { LoadedProfile, Namespace } from './objects.ts'
import { newest } from './label.ts'

/** A holder of profiles: a namespace, or a profile with children. */
export interface ProfileHolder {
  readonly profiles: readonly LoadedProfile[]
}

export const childrenOf = ({ children }: LoadedProfile): ProfileHolder => ({ profiles: children })

export const findChild = (holder: ProfileHolder, name: string): LoadedProfile | null =>
  holder.profiles.find((profile) => profile.name === name) ?? null

/** As `__lookup_profile`: through the tree, `parent//child`. An empty last part finds nothing. */
export const lookupTree = (namespace: Namespace, hname: string): LoadedProfile | null => {
  let holder: ProfileHolder = namespace
  let found: LoadedProfile | null = null
  for (const part of hname.split('//')) {
    found = part === '' && found !== null ? null : findChild(holder, part)
    if (found === null) return null
    holder = childrenOf(found)
  }
  return found
}

/** As `aa_lookupn_profile`: `unconfined`, and each word that it begins with, is the namespace's own profile. */
export const lookupProfile = (namespace: Namespace, hname: string): LoadedProfile | null =>
  lookupTree(namespace, hname) ?? ('unconfined'.startsWith(hname) ? newest(namespace.unconfined.label).profile : null)

/** As `aa_fqlookupn_profile`: a namespace in front is looked for below `from`, and alone it means its unconfined. */
export const lookupFully = (from: Namespace, fqname: string): LoadedProfile | null => {
  const { namespace, name } = splitName(fqname)
  const at = namespace === null ? from : findNamespace(from, namespace)
  if (at === null) return null
  return name === null ? newest(at.unconfined.label).profile : lookupProfile(at, name)
}
