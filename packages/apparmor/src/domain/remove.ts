/** Policy removed: a profile with its children, or a namespace (`aa_remove_profiles`). */
import { ENOENT } from '@lsmkit/abi'
import { splitName } from '../fqname.ts'
import { lookupTree } from './find-profile.ts'
import { updateLabels } from './label-set.ts'
import { findNamespace } from './namespace.ts'
import { dropUnused } from './raw-data.ts'
import type { LoadContext } from './policy-record.ts'
import { removeNamespace, removeTree } from './tree.ts'

/** Removes a profile with its children, or the namespace of `:ns:` with all in it. 0 or -errno. */
export const removePolicy = (fqname: string, { namespace: home, record }: LoadContext): number => {
  const say = (name: string | null, namespace: string | null, info: string | null, error: number): number => {
    record({ operation: 'profile_remove', name, namespace, info, error, offset: null })
    return error
  }
  if (fqname === '') return say('', null, 'no profile specified', -ENOENT)
  const { namespace: inside, name } = fqname.startsWith(':') ? splitName(fqname) : { namespace: null, name: fqname }
  // the kernel's record has the namespace with all that stands behind it
  const said = inside === null ? null : fqname.slice(fqname.indexOf(inside))
  const namespace = fqname.startsWith(':') ? inside === null ? null : findNamespace(home, inside) : home
  if (namespace === null) return say(name, said, 'namespace does not exist', -ENOENT)
  if (name === null) {
    namespace.changed()
    removeNamespace(namespace)
    return say(null, said, null, 0)
  }
  const profile = lookupTree(namespace, name)
  if (profile === null) return say(name, said, 'profile does not exist', -ENOENT)
  namespace.changed()
  removeTree(profile)
  updateLabels(namespace)
  dropUnused(namespace)
  return say(profile.hname, said, null, 0)
}
