/** Whether file rules let a profile become a label (`label_match` of domain.c). */
import { EACCES } from '@lsmkit/abi'
import { matchLabel } from '../domain/label-match.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import { withModes } from '../domain/perms-math.ts'
import { AA_MAY_CHANGE_PROFILE, AA_MAY_ONEXEC } from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import type { Apparmor } from '../state.ts'

export interface ChangePerms {
  /** 0 or -EACCES. */
  readonly error: number
  readonly perms: PermEntry
}

/** As `change_profile_perms`: `state` is where targets start; a stack has a `&` in front. */
export const changePerms = (
  aa: Apparmor, profile: LoadedProfile, target: Label, stack: boolean, request: number, state: number,
): ChangePerms => {
  if (profile.isUnconfined) {
    return { error: 0, perms: { ...noPerms, allow: (AA_MAY_CHANGE_PROFILE | AA_MAY_ONEXEC) >>> 0 } }
  }
  const { file } = profile
  // whoever asks has uid 0 as the owner here
  const owner = aa.ctx.current.task.cred.fsuid === 0
  const perms = (at: number): PermEntry => withModes(aa.store, profile, file.filePerms(at, owner))
  const found = matchLabel({
    profile, rules: file, state, inside: true, request, perms, prefix: stack ? '&' : '',
  }, target)
  return { error: (found.allow & request) >>> 0 === request >>> 0 ? 0 : -EACCES, perms: found }
}
