/** An exec to a label that the task has chosen before (`handle_onexec`). */
import type { Binprm } from '@lsmkit/core'
import { auditFile } from '../audit/file.ts'
import { restrictedTarget } from '../change/restricted.ts'
import { mergeLabels } from '../domain/label-set.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import { AA_MAY_ONEXEC, AA_X_UNSAFE } from '../perms.ts'
import { pathName } from '../path/path-name.ts'
import { namePerms } from '../path/path-perm.ts'
import { forEachInNamespace } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { buildInNamespace } from './build-label.ts'
import { changePerms } from './label-target.ts'
import { profileTransition } from './transition.ts'
import type { Execution } from './transition.ts'

/** The new label, or -errno. Profiles of other namespaces change as by any exec. */
export const onexecTransition = (
  aa: Apparmor, label: Label, onexec: Label, stack: boolean, exec: Execution,
): Label | number => {
  const error = forEachInNamespace(label, (profile) => profileOnexec(aa, profile, onexec, stack, exec))
  if (error !== 0) return error
  const change = { operation: 'change_onexec', request: AA_MAY_ONEXEC, name: exec.bprm.filename }
  return buildInNamespace(
    label,
    (profile) => stack ? mergeLabels(profile.label, onexec) : restrictedTarget(aa, profile, onexec, change),
    (profile) => profileTransition(aa, profile, exec),
  )
}

/**
 * As `profile_onexec`. A file name that no rule names for it passes, unscrubbed and unrecorded, where it should be
 * refused: the kernel has no error in hand at that place.
 */
const profileOnexec = (
  aa: Apparmor, profile: LoadedProfile, onexec: Label, stack: boolean, exec: Execution,
): number => {
  if (profile.isUnconfined) return 0
  const { bprm, cond } = exec
  const said = { operation: 'exec', request: AA_MAY_ONEXEC, label: onexec, ouid: cond.uid }
  const { name, error, info } = nameOf(aa, profile, bprm)
  if (error !== 0) return auditFile(aa, profile, noPerms, { ...said, name: bprm.filename, info, error })
  const { state, perms } = namePerms(aa, profile, name, cond.uid)
  if ((perms.allow & AA_MAY_ONEXEC) === 0) {
    return auditFile(aa, profile, perms, { ...said, name, info: 'no change_onexec valid for executable', error: 0 })
  }
  const pair = changePerms(aa, profile, onexec, stack, AA_MAY_ONEXEC, profile.file.nullStep(state))
  const record = { ...said, name, info: 'change_profile onexec' }
  if (pair.error !== 0) {
    const without = { ...pair.perms, allow: (pair.perms.allow & ~AA_MAY_ONEXEC) >>> 0 }
    return auditFile(aa, profile, without, { ...record, error: pair.error })
  }
  if ((pair.perms.xindex & AA_X_UNSAFE) === 0) exec.secure = true
  return auditFile(aa, profile, pair.perms, { ...record, error: 0 })
}

const nameOf = (aa: Apparmor, profile: LoadedProfile, bprm: Binprm) =>
  pathName(aa, bprm.file.f_path, profile.pathFlags, profile.disconnected)
