/** Unprivileged and unconfined tasks, which may only add confinement where a sysctl has it so. */
import { CAP_MAC_OVERRIDE } from '@lsmkit/abi'
import { cap_capable } from '@lsmkit/core'
import { auditFile } from '../audit/file.ts'
import { mergeLabels } from '../domain/label-set.ts'
import { newest } from '../domain/label.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import { initUserNs } from '../state.ts'
import type { Apparmor } from '../state.ts'

const STACKED = 'change_profile unprivileged unconfined converted to stacking'

/** As `is_profile_priv_restricted_to_stack`. */
const isRestricted = (aa: Apparmor, profile: LoadedProfile): boolean =>
  aa.settings.restrictUnprivilegedUnconfined !== 0 && profile.isUnconfined &&
  profile === newest(profile.namespace.unconfined.label).profile &&
  cap_capable(aa.ctx.current.task.cred, initUserNs(aa), CAP_MAC_OVERRIDE) !== 0

interface Asked {
  readonly operation: string
  readonly request: number
  readonly name: string
}

/**
 * The label of a profile that changes to `target` (`priv_restricted_transition`): the target, or a stack of both, which
 * is recorded.
 */
export const restrictedTarget = (
  aa: Apparmor, profile: LoadedProfile, target: Label, { operation, request, name }: Asked,
): Label => {
  if (!isRestricted(aa, profile)) return newest(target)
  const label = mergeLabels(profile.label, target)
  const perms = { ...noPerms, allow: request, audit: request }
  const ouid = aa.ctx.current.task.cred.euid
  auditFile(aa, profile, perms, { operation, request, name, label, ouid, info: STACKED, error: 0 })
  return label
}
