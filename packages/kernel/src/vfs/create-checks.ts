/** What is asked of a directory before a name in it is made or removed, and the mode a new file gets (fs/namei.c). */
import {
  EEXIST, EBUSY, EISDIR, ENOENT, ENOTDIR, EOVERFLOW, EPERM, MAY_EXEC, MAY_WRITE, S_APPEND, S_DEAD, S_IFDIR, S_IFMT,
  S_IMMUTABLE, S_ISGID, S_IXGRP, S_SWAPFILE, SB_POSIXACL,
} from '@lsmkit/abi'
import { from_vfsgid, from_vfsuid, i_gid_into_vfsgid, kgid_has_mapping, kuid_has_mapping } from '@lsmkit/core'
import type { Dentry, FsStruct, Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { d_is_dir, isRoot } from './dcache.ts'
import { hasUnmappedId } from './path/permission.ts'
import type { Permission } from './path/permission.ts'

export const createChecks = (
  machine: Machine,
  { inode_permission, in_group_or_capable, check_sticky }: Permission,
) => {
  const { current } = machine

  /** Whether the file system can store the caller's ids, as the mount maps them. */
  const fsuidgid_has_mapping = ({ s_user_ns }: SuperBlock, idmap: MntIdmap): boolean => {
    const { fsuid, fsgid } = current.task.cred
    return (
      kuid_has_mapping(s_user_ns, from_vfsuid(idmap, s_user_ns, fsuid)) &&
      kgid_has_mapping(s_user_ns, from_vfsgid(idmap, s_user_ns, fsgid))
    )
  }

  const may_create = (idmap: MntIdmap, dir: Inode, child: Dentry): number => {
    if (child.d_inode !== null) return -EEXIST
    if ((dir.i_flags & S_DEAD) !== 0) return -ENOENT
    if (!fsuidgid_has_mapping(dir.i_sb, idmap)) return -EOVERFLOW
    return inode_permission(idmap, dir, MAY_WRITE | MAY_EXEC)
  }

  /** Whether `victim` may go from `dir`, as the kind of thing the caller takes it for. */
  const may_delete = (idmap: MntIdmap, dir: Inode, victim: Dentry, isdir: boolean): number => {
    const inode = victim.d_inode
    if (inode === null) return -ENOENT
    if (hasUnmappedId(idmap, inode)) return -EOVERFLOW
    const rc = inode_permission(idmap, dir, MAY_WRITE | MAY_EXEC)
    if (rc !== 0) return rc
    if ((dir.i_flags & S_APPEND) !== 0) return -EPERM
    const sticky = (dir.i_mode & 0o1000) !== 0 && check_sticky(idmap, dir, inode)
    if (sticky || (inode.i_flags & (S_APPEND | S_IMMUTABLE | S_SWAPFILE)) !== 0) return -EPERM
    if (!isdir) return d_is_dir(victim) ? -EISDIR : (dir.i_flags & S_DEAD) !== 0 ? -ENOENT : 0
    if (!d_is_dir(victim)) return -ENOTDIR
    if (isRoot(victim)) return -EBUSY
    return (dir.i_flags & S_DEAD) !== 0 ? -ENOENT : 0
  }

  /** A new executable keeps setgid in a setgid directory only for members of its group, or with CAP_FSETID. */
  const mode_strip_sgid = (idmap: MntIdmap, dir: Inode, mode: number): number => {
    if ((mode & (S_ISGID | S_IXGRP)) !== (S_ISGID | S_IXGRP)) return mode
    if ((mode & S_IFMT) === S_IFDIR || (dir.i_mode & S_ISGID) === 0) return mode
    return in_group_or_capable(idmap, dir, i_gid_into_vfsgid(idmap, dir)) ? mode : mode & ~S_ISGID
  }

  /** The umask, unless the directory's ACLs take its place. */
  const mode_strip_umask = (dir: Inode, mode: number): number =>
    (dir.i_sb.s_flags & SB_POSIXACL) !== 0 ? mode : mode & ~(current.task.fs as FsStruct).umask

  /** The mode of a new file: of `mode` what `allowed` lets through, with the file type of `type`. */
  const vfs_prepare_mode = (idmap: MntIdmap, dir: Inode, mode: number, allowed: number, type: number): number => {
    const stripped = mode_strip_umask(dir, mode_strip_sgid(idmap, dir, mode))
    return (stripped & allowed & ~S_IFMT) | (type & S_IFMT)
  }

  return { may_create, may_delete, mode_strip_umask, vfs_prepare_mode, fsuidgid_has_mapping }
}

export type CreateChecks = ReturnType<typeof createChecks>
