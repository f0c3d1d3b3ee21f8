/** Permission to see policy, and to change it (`aa_policy_view_capable`, `aa_may_manage_policy`). */
import { CAP_MAC_ADMIN, EACCES } from '@lsmkit/abi'
import { cap_capable, in_egroup, init_user_ns_of, make_kgid, make_kuid } from '@lsmkit/core'
import type { Cred } from '@lsmkit/core'
import { emitRecord } from '../audit/record.ts'
import { isSubset } from '../domain/label-set.ts'
import { isVisible } from '../domain/namespace.ts'
import type { Label, Namespace } from '../domain/objects.ts'
import { capable } from '../mediate/capability.ts'
import { credLabel, refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** Root of its user namespace, who sees the namespace of policy. `namespace` null: that of the label. */
export const mayViewPolicy = (aa: Apparmor, label: Label, namespace: Namespace | null): boolean => {
  const { cred } = aa.ctx.current.task
  const { user_ns } = cred
  const isRoot = cred.euid === make_kuid(user_ns, 0) || in_egroup(cred, make_kgid(user_ns, 0))
  const initial = user_ns === init_user_ns_of(user_ns)
  return isRoot && isVisible(label.namespace, namespace ?? label.namespace, true) &&
    (initial || (aa.settings.unprivilegedUsernsPolicy !== 0 && user_ns.level === label.namespace.level))
}

/**
 * Permission to change policy: with CAP_MAC_ADMIN in the credentials and in the profiles, while policy is not locked.
 */
export const mayAdministrate = (aa: Apparmor, label: Label, namespace: Namespace | null): boolean => {
  const { cred } = aa.ctx.current.task
  const holds = cap_capable(cred, cred.user_ns, CAP_MAC_ADMIN) === 0 && capable(aa, cred, label, CAP_MAC_ADMIN, 0) === 0
  return mayViewPolicy(aa, label, namespace) && holds && !aa.settings.lockPolicy
}

/**
 * 0 or -EACCES, recorded. `namespace` null: that of the current task. `opener`: the credentials of the file that is
 * written to, null where there is no file.
 */
export const mayManage = (
  aa: Apparmor, operation: string, namespace: Namespace | null, opener: Cred | null,
): number => {
  const label = refreshCurrent(aa)
  const refuse = (info: string): number => {
    emitRecord(aa, 'STATUS', label, { operation, class: null, info, error: -EACCES })
    return -EACCES
  }
  if (aa.settings.lockPolicy) return refuse('policy_locked')
  if (opener !== null && !isSubsetOf(aa, aa.ctx.current.task.cred, label, opener)) {
    return refuse('not privileged for target profile')
  }
  return mayAdministrate(aa, label, namespace) ? 0 : refuse('not policy admin')
}

const capSets = ['cap_inheritable', 'cap_permitted', 'cap_effective', 'cap_bset', 'cap_ambient'] as const

/** As `is_subset_of_obj_privilege`: the writer has nothing that the opener had not. */
const isSubsetOf = (aa: Apparmor, cred: Cred, label: Label, opener: Cred): boolean =>
  cred === opener || (isSubset(label, credLabel(aa, opener)) && cred.user_ns === opener.user_ns &&
    capSets.every((set) => (cred[set].lo & ~opener[set].lo) === 0 && (cred[set].hi & ~opener[set].hi) === 0))
