/** Removal of set-id bits and file capabilities when contents or owner change (fs/inode.c, fs/attr.c). */
import {
  ATTR_FORCE, ATTR_KILL_PRIV, ATTR_KILL_SGID, ATTR_KILL_SUID, CAP_FSETID, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_IXGRP,
  S_NOSEC, SB_NOSEC,
} from '@lsmkit/abi'
import { capable, i_gid_into_vfsgid } from '@lsmkit/core'
import type { Dentry, File, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { AttrChange } from '../state/vfs/iattr.ts'
import { is_sxid } from './attr.ts'
import { in_group_or_capable } from './path/permission.ts'

/** ATTR_KILL_SGID if setgid has to go: always for an executable, else if the caller is not in the group. */
export const setattr_should_drop_sgid = (machine: Machine, idmap: MntIdmap, inode: Inode): number => {
  if ((inode.i_mode & S_ISGID) === 0) return 0
  if ((inode.i_mode & S_IXGRP) !== 0) return ATTR_KILL_SGID
  return in_group_or_capable(machine, idmap, inode, i_gid_into_vfsgid(idmap, inode)) ? 0 : ATTR_KILL_SGID
}

const setattr_should_drop_suidgid = (machine: Machine, idmap: MntIdmap, inode: Inode): number => {
  const kill =
    ((inode.i_mode & S_ISUID) !== 0 ? ATTR_KILL_SUID : 0) | setattr_should_drop_sgid(machine, idmap, inode)
  if (kill === 0 || capable(machine.lsm, machine.current, CAP_FSETID)) return 0
  return (inode.i_mode & S_IFMT) === S_IFREG ? kill : 0
}

/** ATTR_KILL_* for a change of contents, 0 if there is nothing to remove, or -errno. */
export const dentry_needs_remove_privs = (machine: Machine, idmap: MntIdmap, dentry: Dentry): number => {
  const inode = dentry.d_inode as Inode
  if ((inode.i_flags & S_NOSEC) !== 0) return 0
  const kill = setattr_should_drop_suidgid(machine, idmap, inode)
  const rc = machine.lsm.inode_need_killpriv.ask(dentry)
  if (rc < 0) return rc
  return rc === 0 ? kill : kill | ATTR_KILL_PRIV
}

/** As `file_remove_privs`, before a write: 0 or -errno. Sets S_NOSEC on an inode that has nothing to remove. */
export const file_remove_privs = (machine: Machine, file: File): number => {
  const inode = file.f_inode
  if ((inode.i_flags & S_NOSEC) !== 0 || (inode.i_mode & S_IFMT) !== S_IFREG) return 0
  const { mnt, dentry } = file.f_path
  const kill = dentry_needs_remove_privs(machine, mnt.mnt_idmap, dentry)
  if (kill < 0) return kill
  const rc = kill === 0 ? 0 : machine.vfs.notify_change(mnt.mnt_idmap, dentry, new AttrChange(ATTR_FORCE | kill))
  if (rc === 0 && !is_sxid(inode.i_mode) && (inode.i_sb.s_flags & SB_NOSEC) !== 0) inode.i_flags |= S_NOSEC
  return rc
}
