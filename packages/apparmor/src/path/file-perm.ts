/** Open files: what was allowed when they were opened is kept, and more is asked for by name (`aa_file_perm`). */
import { FMODE_READ, FMODE_WRITE, O_APPEND, O_CREAT, O_TRUNC, S_IFMT, S_IFSOCK } from '@lsmkit/abi'
import type { File, Socket } from '@lsmkit/core'
import { isSubset, mergeLabels, outside } from '../domain/label-set.ts'
import { newest } from '../domain/label.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { socketPermission } from '../mediate/net.ts'
import { AA_MAY_APPEND, AA_MAY_CREATE, AA_MAY_READ, AA_MAY_WRITE } from '../perms.ts'
import type { Apparmor } from '../state.ts'
import { condOf, fileFlags, isMediated, profilePathPermission } from './path-perm.ts'

/** As `aa_map_file_to_perms`. */
export const permsOfFile = ({ f_mode, f_flags }: File): number => {
  let perms = (f_mode & FMODE_WRITE ? AA_MAY_WRITE : 0) | (f_mode & FMODE_READ ? AA_MAY_READ : 0)
  if ((f_flags & O_APPEND) !== 0 && (perms & AA_MAY_WRITE) !== 0) perms = (perms & ~AA_MAY_WRITE) | AA_MAY_APPEND
  return perms | (f_flags & O_TRUNC ? AA_MAY_WRITE : 0) | (f_flags & O_CREAT ? AA_MAY_CREATE : 0)
}

/** 0 or -errno: whether a task of `label` may use the file like that. */
export const filePermission = (
  aa: Apparmor, operation: string, label: Label, file: File, request: number,
): number => {
  const kept = aa.blobs.file(file)
  const denied = request & ~kept.allow
  if (label.unconfined || kept.label.unconfined || (denied === 0 && isSubset(kept.label, label))) return 0
  const opener = newest(kept.label)
  if (denied === 0 && isSubset(opener, label)) return 0
  const error = isMediated(file.f_path.dentry)
    ? askByName(aa, operation, label, opener, file, request, denied)
    : askSocket(aa, operation, label, opener, file, request, denied)
  if (error === 0) remember(aa, file, label, request)
  return error
}

/** As `update_file_ctx`. */
const remember = (aa: Apparmor, file: File, label: Label, request: number): void => {
  const kept = aa.blobs.file(file)
  kept.label = mergeLabels(kept.label, label)
  kept.allow |= request
}

/** Profiles that were not asked before; and where something new is wanted, those that were. */
const askByName = (
  aa: Apparmor, operation: string, label: Label, opener: Label, file: File, request: number, denied: number,
): number => {
  const cond = condOf(file.f_path.mnt, file.f_path.dentry)
  const flags = fileFlags(cond)
  const ask = (profile: LoadedProfile): number =>
    profilePathPermission(aa, operation, profile, file.f_path, request, cond, flags)
  const askAll = (profiles: readonly LoadedProfile[]): number =>
    profiles.reduce((error, profile) => ask(profile) || error, 0)
  const error = askAll(outside(opener, label))
  if (error !== 0 || denied === 0) return error
  return askAll(label === opener ? label.profiles : outside(label, opener))
}

/** As `__file_sock_perm`. */
const askSocket = (
  aa: Apparmor, operation: string, label: Label, opener: Label, file: File, request: number, denied: number,
): number => {
  const inode = file.f_inode
  const socket: Socket | null = (inode.i_mode & S_IFMT) === S_IFSOCK ? aa.ctx.host.SOCKET_I?.(inode) ?? null : null
  if (socket === null || socket.sk === null) return 0
  const error = socketPermission(aa, label, operation, request, socket.sk)
  return denied === 0 ? error : socketPermission(aa, opener, operation, request, socket.sk) || error
}
