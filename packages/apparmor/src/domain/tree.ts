/** The tree of profiles: where one is put, how a new version takes an old one's place, how it goes (policy.c). */
import { childrenOf, findChild } from './find-profile.ts'
import type { ProfileHolder } from './find-profile.ts'
import { redirect } from './label.ts'
import { nullProfile } from './make-profile.ts'
import { newestProfile } from './label-set.ts'
import type { LoadedProfile, Namespace } from './objects.ts'

const partsOf = (hname: string): readonly string[] => hname.split('//')

/**
 * The profile whose child a profile will be, null for none. A parent that is neither there nor in the same write is
 * made up, with no rules; so is each of its parents.
 */
export const parentOf = (
  namespace: Namespace, made: LoadedProfile, together: readonly LoadedProfile[],
): LoadedProfile | null => {
  const ancestors = partsOf(made.hname).slice(0, -1)
  const found = ancestor(namespace, ancestors)
  if (found !== undefined) return found
  const name = ancestors.join('//')
  return together.find((other) => other !== made && other.hname === name) ?? makeAncestors(namespace, ancestors)
}

/** The profile of a path of names; null for an empty path, undefined where one is missing. */
const ancestor = (namespace: Namespace, names: readonly string[]): LoadedProfile | null | undefined => {
  let holder: ProfileHolder = namespace
  let found: LoadedProfile | null = null
  for (const name of names) {
    found = findChild(holder, name)
    if (found === null) return undefined
    holder = childrenOf(found)
  }
  return found
}

/** As `__create_missing_ancestors`: they are parents of their child, and on no list. */
const makeAncestors = (namespace: Namespace, names: readonly string[]): LoadedProfile | null => {
  let holder: ProfileHolder = namespace
  let parent: LoadedProfile | null = null
  for (const name of names) {
    parent = findChild(holder, name) ?? nullProfile(name, namespace, parent)
    holder = childrenOf(parent)
  }
  return parent
}

const listOf = ({ parent, namespace }: LoadedProfile): LoadedProfile[] =>
  parent === null ? namespace.profiles : parent.children

/** As `__add_profile`. The parent may have been replaced by the same write. */
export const addProfile = (namespace: Namespace, made: LoadedProfile): void => {
  if (made.parent !== null) made.parent = newestProfile(made.parent)
  const list = made.parent === null ? namespace.profiles : made.parent.children
  list.unshift(made)
}

/** As `__replace_profile`: children that the new version does not have are kept, holders of the old label follow. */
export const replaceProfile = (old: LoadedProfile, made: LoadedProfile): void => {
  for (const child of old.children.splice(0)) {
    const other = findChild(childrenOf(made), child.name)
    if (other !== null) replaceProfile(child, other)
    else {
      child.parent = made
      made.children.unshift(child)
    }
  }
  made.parent ??= old.parent
  made.folder = old.folder
  const list = listOf(old)
  const at = list.indexOf(old)
  made.label.proxy = old.label.proxy
  redirect(old.label, made.label)
  if (at < 0) return
  if (listOf(made).includes(made)) list.splice(at, 1)
  else list[at] = made
}

/** As `__remove_profile`: with its children; tasks that had its label are unconfined in its namespace from now on. */
export const removeTree = (profile: LoadedProfile): void => {
  for (const child of [...profile.children]) removeTree(child)
  redirect(profile.label, profile.namespace.unconfined.label)
  const list = listOf(profile)
  const at = list.indexOf(profile)
  if (at >= 0) list.splice(at, 1)
}

/**
 * As `__aa_remove_ns`: with all profiles and namespaces in it; tasks that were unconfined in it are so in the one
 * above. Sets of profiles with one of it stay what they are, and go on to confine.
 */
export const removeNamespace = (namespace: Namespace): void => {
  const { parent } = namespace
  const at = parent === null ? -1 : parent.namespaces.indexOf(namespace)
  if (at >= 0) parent!.namespaces.splice(at, 1)
  for (const profile of [...namespace.profiles]) removeTree(profile)
  for (const inside of [...namespace.namespaces]) removeNamespace(inside)
  if (parent !== null) redirect(namespace.unconfined.label, parent.unconfined.label)
}
