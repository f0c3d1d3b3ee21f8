/** Checks before a name is made or removed in a directory, and the mode of a new file (fs/namei.c). */
import {
  EEXIST, EBUSY, EISDIR, ENOENT, ENOTDIR, EOVERFLOW, EPERM, MAY_EXEC, MAY_WRITE, S_APPEND, S_DEAD, S_IFDIR, S_IFMT,
  S_IMMUTABLE, S_ISGID, S_IXGRP, S_SWAPFILE, SB_POSIXACL,
} from '@lsmkit/abi'
import { from_vfsgid, from_vfsuid, i_gid_into_vfsgid, kgid_has_mapping, kuid_has_mapping } from '@lsmkit/core'
import type { Dentry, FsStruct, Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { d_is_dir, isRoot } from './dcache.ts'
import { hasUnmappedId, inode_permission, check_sticky, in_group_or_capable } from './path/permission.ts'
import { audit_inode } from '../state/audit-names.ts'

/** Whether the file system can store the caller's ids as the mount maps them. */
export const fsuidgid_has_mapping = (machine: Machine, { s_user_ns }: SuperBlock, idmap: MntIdmap): boolean => {
  const { fsuid, fsgid } = machine.current.task.cred
  return (
    kuid_has_mapping(s_user_ns, from_vfsuid(idmap, s_user_ns, fsuid)) &&
    kgid_has_mapping(s_user_ns, from_vfsgid(idmap, s_user_ns, fsgid))
  )
}

export const may_create = (machine: Machine, idmap: MntIdmap, dir: Inode, child: Dentry): number => {
  if (child.d_inode !== null) return -EEXIST
  if ((dir.i_flags & S_DEAD) !== 0) return -ENOENT
  if (!fsuidgid_has_mapping(machine, dir.i_sb, idmap)) return -EOVERFLOW
  return inode_permission(machine, idmap, dir, MAY_WRITE | MAY_EXEC)
}

/** As `may_delete`: 0 or -errno. `isdir`: the caller removes a directory. */
export const may_delete = (machine: Machine, idmap: MntIdmap, dir: Inode, victim: Dentry, isdir: boolean): number => {
  const inode = victim.d_inode
  if (inode === null) return -ENOENT
  if (hasUnmappedId(idmap, inode)) return -EOVERFLOW
  audit_inode(machine, inode)
  const rc = inode_permission(machine, idmap, dir, MAY_WRITE | MAY_EXEC)
  if (rc !== 0) return rc
  if ((dir.i_flags & S_APPEND) !== 0) return -EPERM
  const sticky = (dir.i_mode & 0o1000) !== 0 && check_sticky(machine, idmap, dir, inode)
  if (sticky || (inode.i_flags & (S_APPEND | S_IMMUTABLE | S_SWAPFILE)) !== 0) return -EPERM
  if (!isdir) return d_is_dir(victim) ? -EISDIR : (dir.i_flags & S_DEAD) !== 0 ? -ENOENT : 0
  if (!d_is_dir(victim)) return -ENOTDIR
  if (isRoot(victim)) return -EBUSY
  return (dir.i_flags & S_DEAD) !== 0 ? -ENOENT : 0
}

/**
 * As `mode_strip_sgid`: in a setgid directory a new executable keeps setgid only if the caller is in the directory's
 * group or has CAP_FSETID.
 */
const mode_strip_sgid = (machine: Machine, idmap: MntIdmap, dir: Inode, mode: number): number => {
  if ((mode & (S_ISGID | S_IXGRP)) !== (S_ISGID | S_IXGRP)) return mode
  if ((mode & S_IFMT) === S_IFDIR || (dir.i_mode & S_ISGID) === 0) return mode
  return in_group_or_capable(machine, idmap, dir, i_gid_into_vfsgid(idmap, dir)) ? mode : mode & ~S_ISGID
}

/** Applies the umask, unless the file system has ACLs, which then replace it. */
export const mode_strip_umask = (machine: Machine, dir: Inode, mode: number): number =>
  (dir.i_sb.s_flags & SB_POSIXACL) !== 0 ? mode : mode & ~(machine.current.task.fs as FsStruct).umask

/** The mode of a new file: the bits of `mode` that are in `allowed`, with the file type of `type`. */
export const vfs_prepare_mode = (
  machine: Machine, idmap: MntIdmap, dir: Inode, mode: number, allowed: number, type: number,
): number => {
  const stripped = mode_strip_umask(machine, dir, mode_strip_sgid(machine, idmap, dir, mode))
  return (stripped & allowed & ~S_IFMT) | (type & S_IFMT)
}
