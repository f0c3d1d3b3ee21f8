/** Extended attributes: permissions, LSM hooks, and the file system's handlers (fs/xattr.c). */
import {
  CAP_SYS_ADMIN, EINVAL, ENODATA, EOPNOTSUPP, EPERM, IN_ATTRIB, MAY_READ, MAY_WRITE, S_APPEND, S_IFDIR, S_IFMT,
  S_IFREG, S_IFSOCK, S_IMMUTABLE, S_ISVTX, S_NOSEC,
  XATTR_NAME_CAPS, XATTR_REPLACE, XATTR_SECURITY_PREFIX, XATTR_SYSTEM_PREFIX,
  XATTR_TRUSTED_PREFIX, XATTR_USER_PREFIX,
} from '@lsmkit/abi'
import { cap_convert_nscap, capable, ns_capable_noaudit, ref, securityNames } from '@lsmkit/core'
import type { Dentry, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { XattrHandler } from '../state/vfs/driver.ts'
import { inodeState, superState } from '../state/vfs/state.ts'
import { do_get_acl, do_remove_acl, do_set_acl, posix_acl_names } from './acl.ts'
import { hasUnmappedId, inode_owner_or_capable, inode_permission } from './path/permission.ts'
import { isPosixAclXattr } from './posix-acl.ts'

/** The handler for `name`. -EINVAL for a prefix without a name, -EOPNOTSUPP if the file system has no such handler. */
const resolveName = (inode: Inode, name: string): XattrHandler | number => {
  for (const handler of superState(inode.i_sb).s_xattr) {
    if (name.startsWith(handler.prefix)) return name.length === handler.prefix.length ? -EINVAL : handler
  }
  return -EOPNOTSUPP
}

/** As `__vfs_getxattr`: the stored value. Checks nothing. */
export const __vfs_getxattr = (inode: Inode, name: string): Uint8Array | number => {
  if (isPosixAclXattr(name)) return -EOPNOTSUPP
  const handler = resolveName(inode, name)
  return typeof handler === 'number' ? handler : handler.get(inode, name.slice(handler.prefix.length))
}

/** As `__vfs_setxattr`, or with null as `__vfs_removexattr`. */
export const __vfs_setxattr = (dentry: Dentry, name: string, value: Uint8Array | null, flags: number): number => {
  if (isPosixAclXattr(name)) return -EOPNOTSUPP
  const inode = dentry.d_inode as Inode
  const handler = resolveName(inode, name)
  if (typeof handler === 'number') return handler
  return handler.set(inode, name.slice(handler.prefix.length), value, flags, dentry)
}

/**
 * For user.*: only files and directories have them, and sockets in later releases. Only the owner may write those of a
 * sticky directory.
 */
const userXattrAllowed = (machine: Machine, idmap: MntIdmap, inode: Inode, mask: number): number => {
  const type = inode.i_mode & S_IFMT
  const mayHave = type === S_IFREG || type === S_IFDIR || (type === S_IFSOCK && machine.rules.socketUserXattrs)
  if (!mayHave) return (mask & MAY_WRITE) !== 0 ? -EPERM : -ENODATA
  const sticky = type === S_IFDIR && (inode.i_mode & S_ISVTX) !== 0
  return sticky && (mask & MAY_WRITE) !== 0 && !inode_owner_or_capable(machine, idmap, inode) ? -EPERM : 0
}

const xattr_permission = (machine: Machine, idmap: MntIdmap, inode: Inode, name: string, mask: number): number => {
  if ((mask & MAY_WRITE) !== 0) {
    if ((inode.i_flags & (S_IMMUTABLE | S_APPEND)) !== 0 || hasUnmappedId(idmap, inode)) return -EPERM
  }
  if (name.startsWith(XATTR_SECURITY_PREFIX) || name.startsWith(XATTR_SYSTEM_PREFIX)) return 0
  if (name.startsWith(XATTR_TRUSTED_PREFIX)) {
    if (capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return 0
    return (mask & MAY_WRITE) !== 0 ? -EPERM : -ENODATA
  }
  if (name.startsWith(XATTR_USER_PREFIX)) {
    const rc = userXattrAllowed(machine, idmap, inode, mask)
    if (rc !== 0) return rc
  }
  return inode_permission(machine, idmap, inode, mask)
}

/** As `__vfs_setxattr_noperm`: stores without checks. An LSM may store security.* itself if the file system cannot. */
export const __vfs_setxattr_noperm = (
  machine: Machine, dentry: Dentry, name: string, value: Uint8Array, flags: number,
): number => {
  const inode = dentry.d_inode as Inode
  const isSecurity = name.startsWith(XATTR_SECURITY_PREFIX)
  if (isSecurity) inode.i_flags &= ~S_NOSEC
  if (superState(inode.i_sb).s_xattr.length > 0) {
    const rc = __vfs_setxattr(dentry, name, value, flags)
    if (rc === 0) machine.lsm.inode_post_setxattr.tell(dentry, name, value, value.length, flags)
    return rc
  }
  if (!isSecurity) return -EOPNOTSUPP
  return machine.lsm.inode_setsecurity.ask(inode, name.slice(XATTR_SECURITY_PREFIX.length), value, value.length, flags)
}

export const vfs_setxattr = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string, value: Uint8Array, flags: number,
): number => {
  const inode = dentry.d_inode as Inode
  if (value.length > 0 && name === XATTR_NAME_CAPS) {
    const stored = cap_convert_nscap(machine.lsm, machine.current, idmap, inode, value)
    if (typeof stored === 'number') return stored
    value = stored
  }
  let rc = xattr_permission(machine, idmap, inode, name, MAY_WRITE)
  if (rc !== 0) return rc
  rc = machine.lsm.inode_setxattr.ask(idmap, dentry, name, value, value.length, flags)
  if (rc === 0) rc = __vfs_setxattr_noperm(machine, dentry, name, value, flags)
  if (rc === 0) machine.fsnotify.dentry(IN_ATTRIB, dentry)
  return rc
}

/** As `vfs_getxattr`: the value or -errno. Without `alloc` an LSM may return only its length. */
export const vfs_getxattr = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string, alloc: boolean,
): Uint8Array | number => {
  const inode = dentry.d_inode as Inode
  let rc = xattr_permission(machine, idmap, inode, name, MAY_READ)
  if (rc !== 0) return rc
  rc = machine.lsm.inode_getxattr.ask(dentry, name)
  if (rc !== 0) return rc
  if (name.startsWith(XATTR_SECURITY_PREFIX)) {
    const buffer = ref<Uint8Array | null>(null)
    rc = machine.lsm.inode_getsecurity.ask(idmap, inode, name.slice(XATTR_SECURITY_PREFIX.length), buffer, alloc)
    if (rc !== -EOPNOTSUPP) return rc < 0 || buffer.value === null ? rc : buffer.value.subarray(0, rc)
  }
  return __vfs_getxattr(inode, name)
}

export const vfs_removexattr = (machine: Machine, idmap: MntIdmap, dentry: Dentry, name: string): number => {
  const inode = dentry.d_inode as Inode
  let rc = xattr_permission(machine, idmap, inode, name, MAY_WRITE)
  if (rc !== 0) return rc
  rc = machine.lsm.inode_removexattr.ask(idmap, dentry, name)
  if (rc !== 0) return rc
  rc = __vfs_setxattr(dentry, name, null, XATTR_REPLACE)
  if (rc !== 0) return rc
  machine.fsnotify.dentry(IN_ATTRIB, dentry)
  machine.lsm.inode_post_removexattr.tell(dentry, name)
  return 0
}

const isMacLabel = (machine: Machine, name: string): boolean =>
  name.startsWith(XATTR_SECURITY_PREFIX) &&
  machine.lsm.ismaclabel.ask(name.slice(XATTR_SECURITY_PREFIX.length)) !== 0

/** Names in the order in which a release lists them; `stored` has them as they were set. */
const listed = ({ rules }: Machine, stored: Iterable<string>): Iterable<string> =>
  rules.xattrsAsSet ? stored : [...stored].sort().reverse()

/** As `simple_xattr_list`: ACLs, LSM labels, then stored names. trusted.* only with CAP_SYS_ADMIN. */
export const simple_xattr_list = (
  machine: Machine, inode: Inode, stored: Iterable<string>,
): readonly string[] | number => {
  const trusted = ns_capable_noaudit(machine.lsm, machine.current, machine.init_user_ns, CAP_SYS_ADMIN)
  const labels = securityNames(machine.lsm, inode)
  if (typeof labels === 'number') return labels
  const names = [...posix_acl_names(inode), ...labels]
  for (const name of listed(machine, stored)) {
    if (name.startsWith(XATTR_TRUSTED_PREFIX) && !trusted) continue
    // the LSMs have listed theirs
    if (!isMacLabel(machine, name) && !labels.includes(name)) names.push(name)
  }
  return names
}

export const vfs_listxattr = (machine: Machine, dentry: Dentry): readonly string[] | number => {
  const inode = dentry.d_inode as Inode
  const rc = machine.lsm.inode_listxattr.ask(dentry)
  if (rc !== 0) return rc
  const { listxattr } = inodeState(inode).i_op
  return listxattr === null ? securityNames(machine.lsm, inode) : listxattr(dentry)
}

/** Sets a POSIX ACL or another attribute. 0 or -errno. */
export const setxattrAt = (
  machine: Machine, { mnt, dentry }: Path, name: string, value: Uint8Array, flags: number,
): number =>
  isPosixAclXattr(name)
    ? do_set_acl(machine, mnt.mnt_idmap, dentry, name, value)
    : machine.vfs.vfs_setxattr(mnt.mnt_idmap, dentry, name, value, flags)

export const getxattrAt = (
  machine: Machine, { mnt, dentry }: Path, name: string, alloc: boolean,
): Uint8Array | number =>
  isPosixAclXattr(name) ? do_get_acl(machine, mnt.mnt_idmap, dentry, name) : vfs_getxattr(
    machine, mnt.mnt_idmap, dentry, name, alloc,
  )

export const removexattrAt = (machine: Machine, { mnt, dentry }: Path, name: string): number =>
  isPosixAclXattr(name) ? do_remove_acl(machine, mnt.mnt_idmap, dentry, name) : vfs_removexattr(
    machine, mnt.mnt_idmap, dentry, name,
  )
