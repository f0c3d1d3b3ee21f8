/**
 * Changing mode, owner, size and times (fs/attr.c). notify_change asks the LSMs first. After that the file system calls
 * setattr_prepare, which decides whether the caller may make the change.
 */
import {
  ATTR_ATIME, ATTR_ATIME_SET, ATTR_CTIME, ATTR_FORCE, ATTR_GID, ATTR_KILL_PRIV, ATTR_KILL_SGID, ATTR_KILL_SUID,
  ATTR_MODE, ATTR_MTIME, ATTR_MTIME_SET, ATTR_SIZE, ATTR_TIMES_SET, ATTR_TOUCH, ATTR_UID, CAP_CHOWN, EFBIG, EINVAL,
  EOPNOTSUPP, EOVERFLOW, EPERM, ETXTBSY, IN_ACCESS, IN_ATTRIB, IN_MODIFY, MAY_WRITE, RLIMIT_FSIZE, S_APPEND, S_IFLNK,
  S_IFMT, S_IMMUTABLE, S_ISGID, S_ISUID, S_NOSEC, S_SWAPFILE, SIGXFSZ,
} from '@lsmkit/abi'
import {
  capable_wrt_inode_uidgid, from_vfsgid, from_vfsuid, i_gid_into_vfsgid, i_uid_into_vfsuid, in_group, INVALID_GID,
  INVALID_UID, ns_capable,
} from '@lsmkit/core'
import type { Dentry, Iattr, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { inodeState } from '../state/vfs/state.ts'
import { inode_owner_or_capable, in_group_or_capable, inode_permission } from './path/permission.ts'

/** Whether the mode has set-id bits, which a change of contents may have to clear. */
export const is_sxid = (mode: number): boolean => (mode & (S_ISUID | S_ISGID)) !== 0

/** As `fsnotify_change`: the IN_* events of a change of the ATTR_* in `valid`. */
const changeMask = (valid: number): number => {
  const times = valid & (ATTR_ATIME | ATTR_MTIME)
  let mask = (valid & (ATTR_UID | ATTR_GID | ATTR_MODE)) !== 0 ? IN_ATTRIB : 0
  if ((valid & ATTR_SIZE) !== 0) mask |= IN_MODIFY
  if (times === (ATTR_ATIME | ATTR_MTIME)) mask |= IN_ATTRIB
  else if (times === ATTR_ATIME) mask |= IN_ACCESS
  else if (times === ATTR_MTIME) mask |= IN_MODIFY
  return mask
}

/** The part of `setattr_copy` that needs no check: owner, times, mode. */
const copyAttrs = (
  idmap: MntIdmap,
  inode: Inode,
  attr: Iattr,
  mode: number,
  now: { sec: number; nsec: number },
): void => {
  const valid = attr.ia_valid
  if ((valid & ATTR_UID) !== 0) inode.i_uid = from_vfsuid(idmap, inode.i_sb.s_user_ns, attr.ia_uid)
  if ((valid & ATTR_GID) !== 0) inode.i_gid = from_vfsgid(idmap, inode.i_sb.s_user_ns, attr.ia_gid)
  if ((valid & ATTR_ATIME) !== 0) {
    inode.i_atime_sec = attr.ia_atime_sec
    inode.i_atime_nsec = attr.ia_atime_nsec
  }
  if ((valid & ATTR_MTIME) !== 0) {
    inode.i_mtime_sec = attr.ia_mtime_sec
    inode.i_mtime_nsec = attr.ia_mtime_nsec
  }
  if ((valid & ATTR_CTIME) !== 0) {
    inode.i_ctime_sec = now.sec
    inode.i_ctime_nsec = now.nsec
  }
  if ((valid & ATTR_MODE) !== 0) inode.i_mode = mode
}

/** 0 if a file may get this size. -EFBIG over RLIMIT_FSIZE (and SIGXFSZ) or over the file system's limit. */
export const inode_newsize_ok = (machine: Machine, inode: Inode, size: number): number => {
  if (size < 0) return -EINVAL
  if (inode.i_size >= size) return (inode.i_flags & S_SWAPFILE) !== 0 ? -ETXTBSY : 0
  const limit = machine.current.task.signal?.rlim[RLIMIT_FSIZE]?.rlim_cur ?? Infinity
  if (size > limit) {
    machine.sendSignal(machine.current.task, SIGXFSZ)
    return -EFBIG
  }
  return size > inode.i_sb.s_maxbytes ? -EFBIG : 0
}

const chown_ok = (machine: Machine, idmap: MntIdmap, inode: Inode, wanted: number): boolean => {
  const uid = i_uid_into_vfsuid(idmap, inode)
  if (uid === machine.current.task.cred.fsuid && wanted === uid) return true
  if (capable_wrt_inode_uidgid(machine.lsm, machine.current, idmap, inode, CAP_CHOWN)) return true
  return uid === INVALID_UID && ns_capable(machine.lsm, machine.current, inode.i_sb.s_user_ns, CAP_CHOWN)
}

const chgrp_ok = (machine: Machine, idmap: MntIdmap, inode: Inode, wanted: number): boolean => {
  const { cred } = machine.current.task
  const gid = i_gid_into_vfsgid(idmap, inode)
  if (i_uid_into_vfsuid(idmap, inode) === cred.fsuid && (wanted === gid || in_group(cred, wanted))) return true
  if (capable_wrt_inode_uidgid(machine.lsm, machine.current, idmap, inode, CAP_CHOWN)) return true
  return gid === INVALID_GID && ns_capable(machine.lsm, machine.current, inode.i_sb.s_user_ns, CAP_CHOWN)
}

const mayChange = (machine: Machine, idmap: MntIdmap, inode: Inode, attr: Iattr): number => {
  const valid = attr.ia_valid
  if ((valid & ATTR_UID) !== 0 && !chown_ok(machine, idmap, inode, attr.ia_uid)) return -EPERM
  if ((valid & ATTR_GID) !== 0 && !chgrp_ok(machine, idmap, inode, attr.ia_gid)) return -EPERM
  if ((valid & ATTR_MODE) !== 0) {
    if (!inode_owner_or_capable(machine, idmap, inode)) return -EPERM
    const gid = (valid & ATTR_GID) !== 0 ? attr.ia_gid : i_gid_into_vfsgid(idmap, inode)
    if (!in_group_or_capable(machine, idmap, inode, gid)) attr.ia_mode &= ~S_ISGID
  }
  if ((valid & (ATTR_MTIME_SET | ATTR_ATIME_SET | ATTR_TIMES_SET)) !== 0) {
    if (!inode_owner_or_capable(machine, idmap, inode)) return -EPERM
  }
  return 0
}

/** 0 or -errno: whether the caller may make this change. With ATTR_FORCE only the limits on size count. */
export const setattr_prepare = (machine: Machine, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const inode = dentry.d_inode as Inode
  let rc = 0
  if ((attr.ia_valid & ATTR_SIZE) !== 0) rc = inode_newsize_ok(machine, inode, attr.ia_size)
  if (rc === 0 && (attr.ia_valid & ATTR_FORCE) === 0) rc = mayChange(machine, idmap, inode, attr)
  if (rc === 0 && (attr.ia_valid & ATTR_KILL_PRIV) !== 0) rc = machine.lsm.inode_killpriv.ask(idmap, dentry)
  return rc
}

/** Applies an allowed change. Clears setgid unless the caller is in the file's group or has CAP_FSETID. */
export const setattr_copy = (machine: Machine, idmap: MntIdmap, inode: Inode, attr: Iattr): void => {
  let mode = attr.ia_mode
  if ((attr.ia_valid & ATTR_MODE) !== 0) {
    const gid = (attr.ia_valid & ATTR_GID) !== 0 ? attr.ia_gid : i_gid_into_vfsgid(idmap, inode)
    if (!in_group_or_capable(machine, idmap, inode, gid)) mode &= ~S_ISGID
  }
  copyAttrs(idmap, inode, attr, mode, machine.now())
}

const may_setattr = (machine: Machine, idmap: MntIdmap, inode: Inode, valid: number): number => {
  if ((valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_TIMES_SET)) !== 0) {
    if ((inode.i_flags & (S_IMMUTABLE | S_APPEND)) !== 0) return -EPERM
  }
  if ((valid & ATTR_TOUCH) === 0) return 0
  if ((inode.i_flags & S_IMMUTABLE) !== 0) return -EPERM
  return inode_owner_or_capable(machine, idmap, inode) ? 0 : inode_permission(machine, idmap, inode, MAY_WRITE)
}

/** Turns ATTR_KILL_* into a change of the mode, or drops them if there is nothing to clear. */
const resolveKills = (machine: Machine, dentry: Dentry, attr: Iattr): number => {
  const inode = dentry.d_inode as Inode
  if ((attr.ia_valid & ATTR_KILL_PRIV) !== 0) {
    const rc = machine.lsm.inode_need_killpriv.ask(dentry)
    if (rc < 0) return rc
    if (rc === 0) attr.ia_valid &= ~ATTR_KILL_PRIV
  }
  const kill =
    ((attr.ia_valid & ATTR_KILL_SUID) !== 0 ? inode.i_mode & S_ISUID : 0) |
    ((attr.ia_valid & ATTR_KILL_SGID) !== 0 ? inode.i_mode & S_ISGID : 0)
  if (kill !== 0) {
    attr.ia_valid |= ATTR_MODE
    attr.ia_mode = inode.i_mode & ~kill
  }
  return 0
}

const idsFit = (idmap: MntIdmap, inode: Inode, attr: Iattr): boolean => {
  const ns = inode.i_sb.s_user_ns
  const uid = (attr.ia_valid & ATTR_UID) !== 0 ? from_vfsuid(idmap, ns, attr.ia_uid) : i_uid_into_vfsuid(idmap, inode)
  const gid = (attr.ia_valid & ATTR_GID) !== 0 ? from_vfsgid(idmap, ns, attr.ia_gid) : i_gid_into_vfsgid(idmap, inode)
  return uid !== INVALID_UID && gid !== INVALID_GID
}

/** As `notify_change`: every change of attributes goes through here. 0 or -errno. */
export const notify_change = (machine: Machine, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const inode = dentry.d_inode as Inode
  let rc = may_setattr(machine, idmap, inode, attr.ia_valid)
  if (rc !== 0) return rc
  if ((attr.ia_valid & ATTR_MODE) !== 0) {
    if ((inode.i_mode & S_IFMT) === S_IFLNK) return -EOPNOTSUPP
    if (is_sxid(attr.ia_mode)) inode.i_flags &= ~S_NOSEC
  }
  const now = machine.now()
  if ((attr.ia_valid & ATTR_ATIME_SET) === 0) {
    attr.ia_atime_sec = now.sec
    attr.ia_atime_nsec = now.nsec
  }
  if ((attr.ia_valid & ATTR_MTIME_SET) === 0) {
    attr.ia_mtime_sec = now.sec
    attr.ia_mtime_nsec = now.nsec
  }
  rc = resolveKills(machine, dentry, attr)
  if (rc !== 0) return rc
  if ((attr.ia_valid & ~(ATTR_KILL_SUID | ATTR_KILL_SGID)) === 0) return 0
  if (!idsFit(idmap, inode, attr)) return -EOVERFLOW
  rc = machine.lsm.inode_setattr.ask(idmap, dentry, attr)
  if (rc !== 0) return rc
  const { setattr } = inodeState(inode).i_op
  rc = setattr === null ? simple_setattr(machine, idmap, dentry, attr) : setattr(idmap, dentry, attr)
  if (rc !== 0) return rc
  machine.fsnotify.dentry(changeMask(attr.ia_valid), dentry)
  machine.lsm.inode_post_setattr.tell(idmap, dentry, attr.ia_valid)
  return 0
}

/** The setattr of file systems that have none of their own. */
export const simple_setattr = (machine: Machine, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const rc = setattr_prepare(machine, idmap, dentry, attr)
  if (rc !== 0) return rc
  const inode = dentry.d_inode as Inode
  if ((attr.ia_valid & ATTR_SIZE) !== 0) inode.i_size = attr.ia_size
  setattr_copy(machine, idmap, inode, attr)
  return 0
}
