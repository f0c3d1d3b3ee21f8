/** Names of files against the file rules of every profile (file.c). */
import { EACCES, S_IFDIR, S_IFMT, SB_NOUSER } from '@lsmkit/abi'
import { i_uid_into_vfsuid } from '@lsmkit/core'
import type { Dentry, Path, VfsMount } from '@lsmkit/core'
import { auditFile } from '../audit/file.ts'
import { AA_CLASS_FILE } from '../classes.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import type { PermEntry } from '../policydb/policy.ts'
import { PATH_DELEGATE_DELETED } from '../policydb/policy.ts'
import type { Apparmor } from '../state.ts'
import { hasParts, PATH_IS_DIR, pathName, plainParts } from './path-name.ts'

/** The owner of the file, and its mode (`struct path_cond`). */
export interface PathCond {
  readonly uid: number
  readonly mode: number
}

export const condOf = (mnt: VfsMount, dentry: Dentry): PathCond => {
  const inode = dentry.d_inode!
  return { uid: i_uid_into_vfsuid(mnt.mnt_idmap, inode), mode: inode.i_mode }
}

/** As `path_mediated_fs`: file systems that nobody mounts have no names. */
export const isMediated = ({ d_sb }: Dentry): boolean => (d_sb.s_flags & SB_NOUSER) === 0

export const isDirectory = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR

/** A profile's permissions for a name, and the state after it (`aa_str_perms`). */
export interface NamePerms {
  readonly state: number
  readonly perms: PermEntry
}

export const namePerms = (
  aa: Apparmor, { file }: LoadedProfile, name: string, uid: number, start = file.start[AA_CLASS_FILE]!,
): NamePerms => {
  const state = file.match(start, name)
  return { state, perms: file.filePerms(state, aa.ctx.current.task.cred.fsuid === uid) }
}

/** As `__aa_path_perm`. */
export const namePermission = (
  aa: Apparmor, operation: string, profile: LoadedProfile, name: string, request: number, { uid }: PathCond,
): number => {
  const { file } = profile
  const perms = file.filePerms(file.match(file.start[AA_CLASS_FILE]!, name), aa.ctx.current.task.cred.fsuid === uid)
  const error = (request & ~perms.allow) === 0 ? 0 : -EACCES
  return auditFile(aa, profile, perms, { operation, request, name, ouid: uid, error })
}

/** As `profile_path_perm`. */
export const profilePathPermission = (
  aa: Apparmor, operation: string, profile: LoadedProfile, path: Path, request: number, cond: PathCond, flags: number,
): number => {
  if (profile.isUnconfined || isGranted(aa, profile, path, request, cond, flags)) return 0
  const { name, error, info } = pathName(aa, path, flags | profile.pathFlags, profile.disconnected)
  if (error === 0) return namePermission(aa, operation, profile, name, request, cond)
  auditFile(aa, profile, noPerms, { operation, request, name, ouid: cond.uid, info, error })
  return error
}

/** Whether there is nothing to record and nothing odd about the name, which is most often so. */
const isGranted = (
  aa: Apparmor, profile: LoadedProfile, path: Path, request: number, { uid }: PathCond, flags: number,
): boolean => {
  if (profile.auditAll || aa.store.audit !== 'normal') return false
  const state = plainState(aa, profile, path, flags)
  return state !== UNKNOWN && profile.file.grantsFile(state, aa.ctx.current.task.cred.fsuid === uid, request)
}

/** No state. */
const UNKNOWN = -1

/** The state that a name leads to, where nothing is odd about the name; else UNKNOWN. */
const plainState = (aa: Apparmor, { file, pathFlags }: LoadedProfile, path: Path, flags: number): number => {
  const { dentry, mnt } = path
  const slash = (flags & PATH_IS_DIR) !== 0
  const ino = dentry.d_inode?.i_ino ?? 0
  const known = file.known.of(ino, dentry, mnt, slash)
  if (known !== null && hasParts(aa, path, known.parts)) return known.state
  const parts = plainParts(aa, path, flags | pathFlags)
  if (parts === null) return UNKNOWN
  const state = file.matchParts(file.start[AA_CLASS_FILE]!, parts, slash)
  file.known.keep(ino, { dentry, mnt, slash, parts, state })
  return state
}

/** Flags for files that are there: what was deleted is delegated. */
export const fileFlags = ({ mode }: PathCond): number => PATH_DELEGATE_DELETED | (isDirectory(mode) ? PATH_IS_DIR : 0)

/** As `aa_path_perm`. */
export const pathPermission = (
  aa: Apparmor, operation: string, label: Label, path: Path, request: number, cond: PathCond,
): number => {
  const flags = fileFlags(cond)
  let error = 0
  // asked most often of all, so without a function in between
  for (const profile of label.profiles) {
    error = profilePathPermission(aa, operation, profile, path, request, cond, flags) || error
  }
  return error
}
