/** A new name for a file: the pair of both names must be allowed (`aa_path_link`). */
import { EACCES } from '@lsmkit/abi'
import type { Dentry, Path } from '@lsmkit/core'
import { auditFile } from '../audit/file.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import { AA_LINK_SUBSET, AA_MAY_EXEC, AA_MAY_LINK, AA_X_UNSAFE } from '../perms.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { forEachConfined } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { pathName } from './path-name.ts'
import { condOf, namePerms } from './path-perm.ts'
import type { PathCond } from './path-perm.ts'

export const linkPermission = (
  aa: Apparmor, label: Label, oldDentry: Dentry, newDir: Path, newDentry: Dentry,
): number => {
  const link = { mnt: newDir.mnt, dentry: newDentry }
  const target = { mnt: newDir.mnt, dentry: oldDentry }
  const cond = condOf(newDir.mnt, oldDentry)
  return forEachConfined(label, (profile) => profileLink(aa, profile, link, target, cond))
}

/** What the record says. */
interface Verdict {
  readonly error: number
  readonly perms: PermEntry
  readonly request: number
  readonly info: string | null
}

const profileLink = (aa: Apparmor, profile: LoadedProfile, link: Path, target: Path, { uid }: PathCond): number => {
  const said = { operation: 'link', ouid: uid }
  let names = { link: '', target: null as string | null }
  for (const [which, path] of [['link', link], ['target', target]] as const) {
    const { name, error, info } = pathName(aa, path, profile.pathFlags, profile.disconnected)
    names = { ...names, [which]: name }
    if (error === 0) continue
    const record = { ...said, request: AA_MAY_LINK, name, info, error }
    // once for the name, and once for the link
    auditFile(aa, profile, noPerms, record)
    return auditFile(aa, profile, noPerms, { ...record, name: names.link, target: names.target, info: null })
  }
  const { perms, request, info, error } = decide(aa, profile, names.link, names.target!, uid)
  return auditFile(aa, profile, perms, { ...said, request, name: names.link, target: names.target, info, error })
}

const decide = (aa: Apparmor, profile: LoadedProfile, link: string, target: string, uid: number): Verdict => {
  const refused = { error: -EACCES, request: AA_MAY_LINK, info: null }
  const name = namePerms(aa, profile, link, uid)
  if ((name.perms.allow & AA_MAY_LINK) === 0) return { ...refused, perms: name.perms }
  const pair = namePerms(aa, profile, target, uid, profile.file.nullStep(name.state)).perms
  if ((pair.allow & AA_MAY_LINK) === 0) return { ...refused, perms: pair, info: 'target restricted' }
  const { audit, quiet, kill } = pair
  const perms = { ...name.perms, audit, quiet, kill }
  if ((pair.allow & AA_LINK_SUBSET) === 0) return { error: 0, perms, request: AA_MAY_LINK, info: null }
  return subset(perms, namePerms(aa, profile, target, uid).perms)
}

/** The new name may allow no more than the old one does. */
const subset = (link: PermEntry, target: PermEntry): Verdict => {
  const request = link.allow & ~AA_MAY_LINK
  const perms = { ...link, allow: (link.allow & (target.allow | AA_MAY_LINK)) >>> 0 }
  const added = request | (FILE_MASK & perms.allow & ~target.allow)
  if ((added & ~perms.allow) !== 0) return { error: -EACCES, perms, request: added, info: null }
  if ((perms.allow & AA_MAY_EXEC) !== 0 && !execIsSubset(link.xindex, target.xindex)) {
    const without = { ...perms, allow: perms.allow & ~AA_MAY_EXEC }
    return { error: -EACCES, perms: without, request: added | AA_MAY_EXEC, info: 'link not subset of target' }
  }
  return { error: 0, perms, request: added, info: null }
}

/** AA_AUDIT_FILE_MASK. */
const FILE_MASK = 0x5b33f

/** As `xindex_is_subset`: the same target, and unsafe only where the other is. */
const execIsSubset = (link: number, target: number): boolean =>
  (link & ~AA_X_UNSAFE) === (target & ~AA_X_UNSAFE) && ((link & AA_X_UNSAFE) === 0 || (target & AA_X_UNSAFE) !== 0)
