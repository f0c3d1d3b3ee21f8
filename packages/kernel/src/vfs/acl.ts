/** Setting, showing and inheriting POSIX ACLs (fs/posix_acl.c). */
import {
  EACCES, ENODATA, ENOMEM, EOPNOTSUPP, EPERM, IN_ATTRIB, S_APPEND, S_IFDIR, S_IFLNK, S_IFMT, S_IMMUTABLE, S_IRWXUGO,
  S_ISGID, SB_POSIXACL, XATTR_NAME_POSIX_ACL_ACCESS, XATTR_NAME_POSIX_ACL_DEFAULT,
} from '@lsmkit/abi'
import { i_gid_into_vfsgid } from '@lsmkit/core'
import type { Dentry, FsStruct, Inode, MntIdmap, PosixAcl } from '@lsmkit/core'
import type { NewAcls } from '../interfaces/vfs-contents.ts'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { inodeState } from '../state/vfs/state.ts'
import { touchChanged } from './inode.ts'
import { hasUnmappedId, in_group_or_capable, inode_owner_or_capable } from './path/permission.ts'
import {
  acl_into_fs, acl_into_mount, posix_acl_chmod_masq, posix_acl_create_masq, posix_acl_equiv_mode, posix_acl_from_xattr,
  posix_acl_to_xattr, posix_acl_valid,
} from './posix-acl.ts'

/** Bytes of the host's heap. Inodes may share an inherited ACL; each of them is charged for it. */
const aclMemory = (acl: PosixAcl | null): number => (acl === null ? 0 : (acl.entries.length + 1) * COST.aclEntry)

const isPosixAcl = (inode: Inode): boolean => (inode.i_sb.s_flags & SB_POSIXACL) !== 0

/** As `simple_set_acl`, for file systems in memory. An access ACL also sets the mode. */
export const simple_set_acl = (
  machine: Machine, idmap: MntIdmap, inode: Inode, acl: PosixAcl | null, name: string,
): number => {
  const state = inodeState(inode)
  const before = name === XATTR_NAME_POSIX_ACL_DEFAULT ? state.rare?.i_default_acl ?? null : state.i_acl
  if (!state.charge(aclMemory(acl) - aclMemory(before))) return -ENOMEM
  if (name === XATTR_NAME_POSIX_ACL_DEFAULT) state.makeRare().i_default_acl = acl
  else if (acl === null) state.i_acl = null
  else {
    const { mode, exact } = posix_acl_equiv_mode(acl)
    const inGroup = in_group_or_capable(machine, idmap, inode, i_gid_into_vfsgid(idmap, inode))
    const kept = inGroup ? inode.i_mode : inode.i_mode & ~S_ISGID
    inode.i_mode = (kept & ~S_IRWXUGO) | mode
    state.i_acl = exact ? null : acl
    if (exact) state.uncharge(aclMemory(acl))
  }
  touchChanged(machine, inode)
  return 0
}

const set_posix_acl = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string,
): number => {
  const inode = dentry.d_inode as Inode
  const { set_acl } = inodeState(inode).i_op
  if (!isPosixAcl(inode) || set_acl === null) return -EOPNOTSUPP
  if (name === XATTR_NAME_POSIX_ACL_DEFAULT && (inode.i_mode & S_IFMT) !== S_IFDIR) return acl === null ? 0 : -EACCES
  if (!inode_owner_or_capable(machine, idmap, inode)) return -EPERM
  const rc = acl === null ? 0 : posix_acl_valid(inode.i_sb.s_user_ns, acl)
  return rc !== 0 ? rc : set_acl(idmap, dentry, acl, name)
}

const may_write_xattr = (idmap: MntIdmap, inode: Inode): number =>
  (inode.i_flags & (S_IMMUTABLE | S_APPEND)) !== 0 || hasUnmappedId(idmap, inode) ? -EPERM : 0

export const vfs_set_acl = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string, given: PosixAcl | null,
): number => {
  const inode = dentry.d_inode as Inode
  const acl = given === null ? null : acl_into_fs(idmap, inode.i_sb.s_user_ns, given)
  let rc = may_write_xattr(idmap, inode)
  if (rc === 0) rc = machine.lsm.inode_set_acl.ask(idmap, dentry, name, acl as PosixAcl)
  if (rc === 0) rc = set_posix_acl(machine, idmap, dentry, acl, name)
  if (rc !== 0) return rc
  machine.fsnotify.dentry(IN_ATTRIB, dentry)
  machine.lsm.inode_post_set_acl.tell(dentry, name, acl as PosixAcl)
  return 0
}

export const do_set_acl = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string, value: Uint8Array,
): number => {
  const acl = value.length === 0 ? null : posix_acl_from_xattr(machine.current.task.cred.user_ns, value)
  return typeof acl === 'number' ? acl : vfs_set_acl(machine, idmap, dentry, name, acl)
}

/** As `get_inode_acl`: the ACL that permission checks use. Asks no hook. */
export const get_inode_acl = (inode: Inode, name: string): PosixAcl | null => {
  const { i_op, i_acl, rare } = inodeState(inode)
  if (!isPosixAcl(inode)) return null
  if (i_op.get_inode_acl !== null) return i_op.get_inode_acl(inode, name)
  return name === XATTR_NAME_POSIX_ACL_ACCESS ? i_acl : rare?.i_default_acl ?? null
}

export const vfs_get_acl = (machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string): PosixAcl | number => {
  const inode = dentry.d_inode as Inode
  const rc = machine.lsm.inode_get_acl.ask(idmap, dentry, name)
  if (rc !== 0) return rc
  if (!isPosixAcl(inode) || (inode.i_mode & S_IFMT) === S_IFLNK) return -EOPNOTSUPP
  const { get_acl } = inodeState(inode).i_op
  return (get_acl === null ? get_inode_acl(inode, name) : get_acl(idmap, dentry, name)) ?? -ENODATA
}

export const do_get_acl = (machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string): Uint8Array | number => {
  const acl = vfs_get_acl(machine, idmap, dentry, name)
  if (typeof acl === 'number') return acl
  return posix_acl_to_xattr(machine.current.task.cred.user_ns, acl_into_mount(idmap, dentry.d_sb.s_user_ns, acl))
}

export const do_remove_acl = (machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string): number => {
  let rc = may_write_xattr(idmap, dentry.d_inode as Inode)
  if (rc === 0) rc = machine.lsm.inode_remove_acl.ask(idmap, dentry, name)
  if (rc === 0) rc = set_posix_acl(machine, idmap, dentry, null, name)
  if (rc !== 0) return rc
  machine.fsnotify.dentry(IN_ATTRIB, dentry)
  machine.lsm.inode_post_remove_acl.tell(idmap, dentry, name)
  return 0
}

/** As `posix_acl_chmod`: makes the ACL agree with a changed mode. */
export const posix_acl_chmod = (idmap: MntIdmap, dentry: Dentry): number => {
  const inode = dentry.d_inode as Inode
  const { i_acl, i_op } = inodeState(inode)
  if (!isPosixAcl(inode)) return 0
  if (i_op.set_acl === null) return -EOPNOTSUPP
  if (i_acl === null) return 0
  const acl = posix_acl_chmod_masq(i_acl, inode.i_mode)
  return typeof acl === 'number' ? acl : i_op.set_acl(idmap, dentry, acl, XATTR_NAME_POSIX_ACL_ACCESS)
}

/** As `posix_acl_create`: mode and ACLs of a new inode in `dir`, from the default ACL of `dir` or else the umask. */
export const posix_acl_create = (machine: Machine, dir: Inode, mode: number): NewAcls | number => {
  if ((mode & S_IFMT) === S_IFLNK || !isPosixAcl(dir)) return { mode, acl: null, default_acl: null }
  const parent = get_inode_acl(dir, XATTR_NAME_POSIX_ACL_DEFAULT)
  if (parent === null)
    return { mode: mode & ~(machine.current.task.fs as FsStruct).umask, acl: null, default_acl: null }
  const inherited = posix_acl_create_masq(parent, mode)
  if (typeof inherited === 'number') return inherited
  return {
    mode: inherited.mode,
    acl: inherited.exact ? null : inherited.acl,
    default_acl: (mode & S_IFMT) === S_IFDIR ? parent : null,
  }
}

/** As `simple_acl_create`, for file systems in memory. */
export const simple_acl_create = (machine: Machine, dir: Inode, inode: Inode): number => {
  const made = posix_acl_create(machine, dir, inode.i_mode)
  if (typeof made === 'number') return made
  const state = inodeState(inode)
  inode.i_mode = made.mode
  if (!state.charge(aclMemory(made.acl) + aclMemory(made.default_acl))) return -ENOMEM
  state.i_acl = made.acl
  if (made.default_acl !== null) state.makeRare().i_default_acl = made.default_acl
  return 0
}

/** The names of the ACLs, as listxattr(2) lists them. */
export const posix_acl_names = (inode: Inode): readonly string[] => {
  if (!isPosixAcl(inode)) return []
  const { i_acl, rare } = inodeState(inode)
  const access = i_acl === null ? [] : [XATTR_NAME_POSIX_ACL_ACCESS]
  return (rare?.i_default_acl ?? null) === null ? access : [...access, XATTR_NAME_POSIX_ACL_DEFAULT]
}
