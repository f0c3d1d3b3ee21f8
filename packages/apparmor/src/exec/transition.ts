/** The change of profile when its task executes a file (`profile_transition`, `x_to_label`). */
import { EACCES } from '@lsmkit/abi'
import type { Binprm } from '@lsmkit/core'
import { auditFile } from '../audit/file.ts'
import { findAttachment } from '../domain/attach.ts'
import { mergeLabels } from '../domain/label-set.ts'
import { newest } from '../domain/label.ts'
import { learningProfile } from '../domain/learn-profile.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { parseLabel } from '../domain/parse-label.ts'
import { noPerms } from '../domain/perm-table.ts'
import {
  AA_MAY_EXEC, AA_X_CHILD, AA_X_INDEX_MASK, AA_X_INHERIT, AA_X_NAME, AA_X_TABLE, AA_X_TYPE_MASK, AA_X_UNCONFINED,
  AA_X_UNSAFE,
} from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { pathName } from '../path/path-name.ts'
import { namePerms } from '../path/path-perm.ts'
import type { PathCond } from '../path/path-perm.ts'
import { isMode } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** One execve(2): the file that was named, and whether its environment must be scrubbed. */
export interface Execution {
  readonly bprm: Binprm
  readonly cond: PathCond
  secure: boolean
}

/** The attributes of the program that is executed. */
const xattrsOf = (aa: Apparmor, { bprm }: Execution) => (name: string): Uint8Array | null => {
  const value = aa.ctx.host.__vfs_getxattr(bprm.file.f_inode, name)
  return typeof value === 'number' ? null : value
}

interface Target {
  readonly label: Label | null
  /** What was looked for, as the record names it. */
  readonly lookup: string | null
  readonly info: string | null
}

const CONFLICT = 'conflicting profile attachments'

/** What a record says where there is no target. Of a conflict nothing but later kernels tell. */
const fallback = ({ release }: Apparmor, to: 'ix' | 'ux', info: string | null): string =>
  (info === CONFLICT && release.recordsConflicts ? `${CONFLICT} - ${to} fallback` : `${to} fallback`)

/** A record of what was let pass, whatever the profile says of records. */
const alwaysAudited = (perms: PermEntry): PermEntry =>
  ({ ...perms, allow: perms.allow | AA_MAY_EXEC, audit: perms.audit | AA_MAY_EXEC })

/** As `x_to_label`: the target of a rule, and what happens where it is not there. */
const targetOf = (aa: Apparmor, profile: LoadedProfile, exec: Execution, name: string, xindex: number): Target => {
  let label: Label | null = null
  let stack: Label | null = null
  let lookup: string | null = null
  let info: string | null = null
  let byName = (xindex & AA_X_TYPE_MASK) === AA_X_NAME
  if ((xindex & AA_X_TYPE_MASK) === AA_X_TABLE) {
    lookup = profile.file.targets[xindex & AA_X_INDEX_MASK]!
    label = lookUp(profile, lookup, xindex)
    byName = label !== null && lookup.startsWith('&')
    if (byName) stack = label
  }
  if (byName) {
    const list = (xindex & AA_X_CHILD) === 0 ? profile.namespace.profiles : profile.children
    const found = findAttachment(list, name, xattrsOf(aa, exec))
    label = found.profile?.label ?? null
    if (found.conflict) info = CONFLICT
    lookup = name
  }
  if (label === null) {
    if ((xindex & AA_X_INHERIT) !== 0) {
      label = newest(profile.label)
      info = fallback(aa, 'ix', info)
    } else if ((xindex & AA_X_UNCONFINED) !== 0) {
      label = newest(profile.namespace.unconfined.label)
      info = fallback(aa, 'ux', info)
    }
  }
  return { label: label !== null && stack !== null ? mergeLabels(label, stack) : label, lookup, info }
}

/** As `x_table_lookup`. */
const lookUp = (profile: LoadedProfile, target: string, xindex: number): Label | null => {
  const name = target.startsWith('&') ? target.slice(1) : target
  if ((xindex & AA_X_CHILD) !== 0) return profile.children.find((child) => child.name === name)?.label ?? null
  const label = parseLabel(profile.label, name, { create: true })
  return typeof label === 'number' ? null : label
}

/** As `profile_transition`: the new label of one profile, or -errno. */
export const profileTransition = (aa: Apparmor, profile: LoadedProfile, exec: Execution): Label | number => {
  const { bprm, cond } = exec
  const { name, error, info } = pathName(aa, bprm.file.f_path, profile.pathFlags, profile.disconnected)
  const said = { operation: 'exec', request: AA_MAY_EXEC, ouid: cond.uid }
  if (error !== 0) {
    const stays = profile.isUnconfined || profile.isNamespaces
    const record = { ...said, name: bprm.filename, label: stays ? newest(profile.label) : null, info }
    auditFile(aa, profile, noPerms, { ...record, error: stays ? 0 : error })
    return stays ? newest(profile.label) : error
  }
  if (profile.isUnconfined) {
    const found = findAttachment(profile.namespace.profiles, name, xattrsOf(aa, exec))
    if (found.conflict && aa.release.recordsConflicts) {
      auditFile(aa, profile, alwaysAudited(noPerms), { ...said, name, info: CONFLICT, error: 0 })
    }
    return found.profile?.label ?? newest(profile.label)
  }
  return confinedTransition(aa, profile, exec, name)
}

const confinedTransition = (aa: Apparmor, profile: LoadedProfile, exec: Execution, name: string): Label | number => {
  const { cond } = exec
  const said = { operation: 'exec', request: AA_MAY_EXEC, name, ouid: cond.uid }
  const { perms } = namePerms(aa, profile, name, cond.uid)
  if ((perms.allow & AA_MAY_EXEC) === 0) {
    const learns = isMode(aa, profile, 'complain')
    const label = learns ? learningProfile(profile, false, name).label : null
    auditFile(aa, profile, perms, { ...said, label, error: -EACCES })
    return label ?? -EACCES
  }
  const { label, lookup, info } = targetOf(aa, profile, exec, name, perms.xindex)
  const target = { ...said, target: lookup, label }
  if (label === null) {
    const without = { ...perms, allow: perms.allow & ~AA_MAY_EXEC }
    auditFile(aa, profile, without, { ...target, info: 'profile transition not found', error: -EACCES })
    return -EACCES
  }
  // one that stays what it is has nothing to scrub
  const stays = label.proxy === profile.label.proxy && info !== null
  if (!stays && (perms.xindex & AA_X_UNSAFE) === 0) exec.secure = true
  const audited = stays && info.startsWith(CONFLICT) ? alwaysAudited(perms) : perms
  auditFile(aa, profile, audited, { ...target, info, error: 0 })
  return label
}
