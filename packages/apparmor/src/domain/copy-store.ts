/** A copy of all that is loaded, which can be changed by itself: the rules are shared, because they never change. */
import { newest } from './label.ts'
import { labelOf, sortUnique } from './label-set.ts'
import { lookupTree } from './find-profile.ts'
import { LoadedProfile, Namespace } from './objects.ts'
import type { Label } from './objects.ts'
import { PolicyStore } from './policy-store.ts'

const copyProfile = (from: LoadedProfile, namespace: Namespace, parent: LoadedProfile | null): LoadedProfile => {
  const made = new LoadedProfile(from.hname, namespace, from.source)
  const { name: _name, hname: _hname, label, children, ...same } = from
  Object.assign(made, same, { namespace, parent, rawData: null })
  made.label.unconfined = label.unconfined
  made.children.push(...children.map((child) => copyProfile(child, namespace, made)))
  return made
}

const copyNamespace = (from: Namespace, to: Namespace): void => {
  to.unconfined.mode = from.unconfined.mode
  to.profiles.push(...from.profiles.map((profile) => copyProfile(profile, to, null)))
  for (const inside of from.namespaces) {
    const made = new Namespace(inside.name, to)
    to.namespaces.push(made)
    copyNamespace(inside, made)
  }
}

export const copyStore = (from: PolicyStore): PolicyStore => {
  const made = new PolicyStore()
  made.mode = from.mode
  made.hashPolicy = false
  made.exportBinary = false
  copyNamespace(from.root, made.root)
  return made
}

const namespaceIn = (store: PolicyStore, of: Namespace): Namespace | null => {
  if (of.parent === null) return store.root
  return namespaceIn(store, of.parent)?.namespaces.find(({ name }) => name === of.name) ?? null
}

/** A profile that is gone there confines nobody; one that was made up is on no list, and stays the same. */
const profileIn = (store: PolicyStore, profile: LoadedProfile): LoadedProfile => {
  const namespace = namespaceIn(store, profile.namespace)
  if (namespace === null) return store.root.unconfined
  if (profile.isNamespaces) return namespace.unconfined
  return lookupTree(namespace, profile.hname) ?? (profile.isNull ? profile : namespace.unconfined)
}

/** The label of profiles of the same names in a copy. */
export const labelIn = (store: PolicyStore, label: Label): Label =>
  labelOf(sortUnique(newest(label).profiles.map((profile) => profileIn(store, profile))))
