/** Permission checks on inodes: mode bits or ACL, overriding capabilities, then the LSMs (fs/namei.c). */
import {
  CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, EACCES, EPERM, EROFS, MAY_EXEC, MAY_READ, MAY_WRITE,
  S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_IMMUTABLE, S_IRWXG, S_IXUGO, SB_POSIXACL, SB_RDONLY,
  XATTR_NAME_POSIX_ACL_ACCESS,
} from '@lsmkit/abi'
import {
  capable_wrt_inode_uidgid, i_gid_into_vfsgid, i_uid_into_vfsuid, in_group, INVALID_GID, INVALID_UID, kuid_has_mapping,
  ns_capable,
} from '@lsmkit/core'
import type { Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { posix_acl_permission } from '../posix-acl.ts'

export const hasUnmappedId = (idmap: MntIdmap, inode: Inode): boolean =>
  i_uid_into_vfsuid(idmap, inode) === INVALID_UID || i_gid_into_vfsgid(idmap, inode) === INVALID_GID

/**
 * Whether the mode alone lets everybody search a directory: the fast path of `acl_permission_check`, without ids, ACLs
 * and capabilities. If false, the full check decides.
 */
export const everybodyMaySearch = (dir: Inode): boolean => {
  if ((dir.i_mode & S_IXUGO) !== S_IXUGO) return false
  const { i_op, i_acl } = inodeState(dir)
  if (i_op.permission !== null) return false
  return (dir.i_sb.s_flags & SB_POSIXACL) === 0 || (i_acl === null && i_op.get_inode_acl === null)
}

/** As `acl_permission_check`: checks the owner's bits, else the ACL, else the group's or the others' bits. */
const modeAllows = (machine: Machine, idmap: MntIdmap, inode: Inode, mask: number): boolean => {
  const { cred } = machine.current.task
  let mode = inode.i_mode
  const rwx = mask & 7
  if (i_uid_into_vfsuid(idmap, inode) === cred.fsuid) return (rwx & ~(mode >> 6)) === 0
  // the group bits are the most that the ACL grants
  if ((inode.i_sb.s_flags & SB_POSIXACL) !== 0 && (mode & S_IRWXG) !== 0) {
    const state = inodeState(inode)
    const own = state.i_op.get_inode_acl
    const acl = own === null ? state.i_acl : own(inode, XATTR_NAME_POSIX_ACL_ACCESS)
    if (acl !== null) return posix_acl_permission(idmap, inode, acl, cred, mask) === 0
  }
  // group membership matters only if the requested bits differ between group and others
  if ((rwx & (mode ^ (mode >> 3))) !== 0 && in_group(cred, i_gid_into_vfsgid(idmap, inode))) mode >>= 3
  return (rwx & ~mode) === 0
}

/** Asks for capabilities in the kernel's order, so a denied read of a file asks for two. */
const capabilityAllows = (machine: Machine, idmap: MntIdmap, inode: Inode, mask: number): boolean => {
  const overrides = (cap: number): boolean => capable_wrt_inode_uidgid(machine.lsm, machine.current, idmap, inode, cap)
  if ((inode.i_mode & S_IFMT) === S_IFDIR) {
    return ((mask & MAY_WRITE) === 0 && overrides(CAP_DAC_READ_SEARCH)) || overrides(CAP_DAC_OVERRIDE)
  }
  const rwx = mask & (MAY_READ | MAY_WRITE | MAY_EXEC)
  if (rwx === MAY_READ && overrides(CAP_DAC_READ_SEARCH)) return true
  // execution can be overridden only if the file has an execute bit
  return ((rwx & MAY_EXEC) === 0 || (inode.i_mode & S_IXUGO) !== 0) && overrides(CAP_DAC_OVERRIDE)
}

export const generic_permission = (machine: Machine, idmap: MntIdmap, inode: Inode, mask: number): number =>
  modeAllows(machine, idmap, inode, mask) || capabilityAllows(machine, idmap, inode, mask) ? 0 : -EACCES

/** As `sb_permission` and the checks of MAY_WRITE: -EROFS, -EPERM for an immutable file, -EACCES for unmapped ids. */
const writable = (idmap: MntIdmap, inode: Inode): number => {
  const type = inode.i_mode & S_IFMT
  if ((inode.i_sb.s_flags & SB_RDONLY) !== 0 && (type === S_IFREG || type === S_IFDIR || type === S_IFLNK)) {
    return -EROFS
  }
  if ((inode.i_flags & S_IMMUTABLE) !== 0) return -EPERM
  return hasUnmappedId(idmap, inode) ? -EACCES : 0
}

/** As `inode_permission`: 0 or -errno. MAY_APPEND comes with MAY_WRITE. */
export const inode_permission = (machine: Machine, idmap: MntIdmap, inode: Inode, mask: number): number => {
  if ((mask & MAY_WRITE) !== 0) {
    const rc = writable(idmap, inode)
    if (rc !== 0) return rc
  }
  const own = inodeState(inode).i_op.permission
  const rc = own === null ? generic_permission(machine, idmap, inode, mask) : own(inode, mask)
  return rc !== 0 ? rc : machine.lsm.inode_permission.ask(inode, mask)
}

export const inode_owner_or_capable = (machine: Machine, idmap: MntIdmap, inode: Inode): boolean => {
  const { cred } = machine.current.task
  const uid = i_uid_into_vfsuid(idmap, inode)
  if (uid === cred.fsuid) return true
  return kuid_has_mapping(cred.user_ns, uid) && ns_capable(machine.lsm, machine.current, cred.user_ns, CAP_FOWNER)
}

/** Whether setgid may stay: the caller is in the group or has CAP_FSETID. */
export const in_group_or_capable = (machine: Machine, idmap: MntIdmap, inode: Inode, gid: number): boolean =>
  in_group(machine.current.task.cred, gid) ||
  capable_wrt_inode_uidgid(machine.lsm, machine.current, idmap, inode, CAP_FSETID)

/** As `__check_sticky`: whether a sticky directory forbids the caller to remove `inode`. */
export const check_sticky = (machine: Machine, idmap: MntIdmap, dir: Inode, inode: Inode): boolean => {
  const { fsuid } = machine.current.task.cred
  if (i_uid_into_vfsuid(idmap, inode) === fsuid || i_uid_into_vfsuid(idmap, dir) === fsuid) return false
  return !capable_wrt_inode_uidgid(machine.lsm, machine.current, idmap, inode, CAP_FOWNER)
}
