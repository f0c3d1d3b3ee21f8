/** Mode, owner, times and access checks by name and descriptor (fs/open.c, fs/utimes.c). */
import {
  AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, ATTR_ATIME, ATTR_ATIME_SET, ATTR_CTIME, ATTR_GID,
  ATTR_KILL_PRIV, ATTR_KILL_SUID, ATTR_MODE, ATTR_MTIME, ATTR_MTIME_SET, ATTR_TIMES_SET, ATTR_TOUCH, ATTR_UID,
  capAssign, capEqual, capIsEmpty, CAP_EMPTY_SET, EACCES, EBADF, EINVAL, ENOMEM, EROFS, MAY_ACCESS, MAY_EXEC, S_IALLUGO,
  S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK, S_IRWXO, S_IWOTH, SECBIT_NO_SETUID_FIXUP, UTIME_NOW,
  UTIME_OMIT,
} from '@lsmkit/abi'
import { from_vfsgid, from_vfsuid, gid_valid, make_kgid, make_kuid, uid_valid } from '@lsmkit/core'
import type { Cred, Inode, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { AttrChange } from '../state/vfs/iattr.ts'
import { NANOSECONDS } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'
import { LOOKUP_EMPTY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { mnt_want_write, mntIsReadonly, path_noexec } from '../state/vfs/mount.ts'
import { umode } from '../state/vfs/umode.ts'

/** `(uid_t)-1`: the id stays as it is. */
const KEEP = 0xffffffff

const nsecValid = ({ tv_nsec }: Timespec): boolean =>
  tv_nsec === UTIME_NOW || tv_nsec === UTIME_OMIT || (tv_nsec >= 0 && tv_nsec < NANOSECONDS)

const isSpecial = (mode: number): boolean => {
  const type = mode & S_IFMT
  return type === S_IFCHR || type === S_IFBLK || type === S_IFIFO || type === S_IFSOCK
}

const atFlags = (flags: number): number =>
  ((flags & AT_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)

const knownAtFlags = (flags: number): boolean => (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) === 0

const chmod_common = (machine: Machine, path: Path, mode: number): number => {
  let rc = mnt_want_write(path.mnt)
  if (rc !== 0) return rc
  rc = machine.lsm.path_chmod.ask(path, mode)
  if (rc !== 0) return rc
  const attr = new AttrChange(ATTR_MODE | ATTR_CTIME)
  attr.ia_mode = (mode & S_IALLUGO) | ((path.dentry.d_inode as Inode).i_mode & ~S_IALLUGO)
  return machine.vfs.notify_change(path.mnt.mnt_idmap, path.dentry, attr)
}

const fchmodat2 = (machine: Machine, dfd: number, filename: unknown, mode: number, flags: number): number => {
  if (!knownAtFlags(flags)) return -EINVAL
  const path = machine.vfs.user_path_at(dfd, filename, atFlags(flags))
  return typeof path === 'number' ? path : chmod_common(machine, path, umode(mode))
}

const fchmodat = (
  machine: Machine, dfd: number, filename: unknown, mode: number,
): number => fchmodat2(machine, dfd, filename, mode, 0)

const chmod = (
  machine: Machine, filename: unknown, mode: number,
): number => fchmodat2(machine, AT_FDCWD, filename, mode, 0)

const fchmod = (machine: Machine, fd: number, mode: number): number => {
  const file = fget(machine.current.task, fd)
  return file === null ? -EBADF : chmod_common(machine, file.f_path, umode(mode))
}

/** Sets ATTR_UID and ATTR_GID from ids of the caller's namespace; false when an id has no meaning there. */
const setOwner = (machine: Machine, attr: AttrChange, user: number, group: number): boolean => {
  const { user_ns } = machine.current.task.cred
  attr.ia_uid = attr.ia_gid = KEEP
  if (user !== KEEP) {
    attr.ia_uid = make_kuid(user_ns, user)
    attr.ia_valid |= ATTR_UID
    if (!uid_valid(attr.ia_uid)) return false
  }
  if (group !== KEEP) {
    attr.ia_gid = make_kgid(user_ns, group)
    attr.ia_valid |= ATTR_GID
    if (!gid_valid(attr.ia_gid)) return false
  }
  return true
}

const chown_common = (machine: Machine, path: Path, user: number, group: number): number => {
  const { mnt_idmap } = path.mnt
  const inode = path.dentry.d_inode as Inode
  const attr = new AttrChange(ATTR_CTIME)
  if (!setOwner(machine, attr, user >>> 0, group >>> 0)) return -EINVAL
  if ((inode.i_mode & S_IFMT) !== S_IFDIR) {
    attr.ia_valid |= ATTR_KILL_SUID | ATTR_KILL_PRIV | machine.vfs.setattr_should_drop_sgid(mnt_idmap, inode)
  }
  const ns = inode.i_sb.s_user_ns
  const rc = machine.lsm.path_chown.ask(
    path,
    from_vfsuid(mnt_idmap, ns, attr.ia_uid),
    from_vfsgid(mnt_idmap, ns, attr.ia_gid),
  )
  return rc !== 0 ? rc : machine.vfs.notify_change(mnt_idmap, path.dentry, attr)
}

const chownPath = (machine: Machine, path: Path, user: number, group: number): number => {
  const rc = mnt_want_write(path.mnt)
  return rc !== 0 ? rc : chown_common(machine, path, user, group)
}

const fchownat = (
  machine: Machine, dfd: number, filename: unknown, user: number, group: number, flags: number,
): number => {
  if (!knownAtFlags(flags)) return -EINVAL
  const path = machine.vfs.user_path_at(dfd, filename, atFlags(flags))
  return typeof path === 'number' ? path : chownPath(machine, path, user, group)
}

const chown = (
  machine: Machine, filename: unknown, user: number, group: number,
): number => fchownat(machine, AT_FDCWD, filename, user, group, 0)

const lchown = (machine: Machine, filename: unknown, user: number, group: number): number =>
  fchownat(machine, AT_FDCWD, filename, user, group, AT_SYMLINK_NOFOLLOW)

const fchown = (machine: Machine, fd: number, user: number, group: number): number => {
  const file = fget(machine.current.task, fd)
  return file === null ? -EBADF : chownPath(machine, file.f_path, user, group)
}

/** As `vfs_utimes`. Without times, or with both UTIME_NOW, it touches the file. */
const vfs_utimes = (machine: Machine, path: Path, times: readonly Timespec[] | null): number => {
  const rc = mnt_want_write(path.mnt)
  if (rc !== 0) return rc
  const attr = new AttrChange(ATTR_CTIME | ATTR_MTIME | ATTR_ATIME)
  const [atime, mtime] = times ?? []
  if (atime === undefined || mtime === undefined || (atime.tv_nsec === UTIME_NOW && mtime.tv_nsec === UTIME_NOW)) {
    attr.ia_valid |= ATTR_TOUCH
    return machine.vfs.notify_change(path.mnt.mnt_idmap, path.dentry, attr)
  }
  if (atime.tv_nsec === UTIME_OMIT) attr.ia_valid &= ~ATTR_ATIME
  else if (atime.tv_nsec !== UTIME_NOW) {
    attr.ia_atime_sec = atime.tv_sec
    attr.ia_atime_nsec = atime.tv_nsec
    attr.ia_valid |= ATTR_ATIME_SET
  }
  if (mtime.tv_nsec === UTIME_OMIT) attr.ia_valid &= ~ATTR_MTIME
  else if (mtime.tv_nsec !== UTIME_NOW) {
    attr.ia_mtime_sec = mtime.tv_sec
    attr.ia_mtime_nsec = mtime.tv_nsec
    attr.ia_valid |= ATTR_MTIME_SET
  }
  attr.ia_valid |= ATTR_TIMES_SET
  return machine.vfs.notify_change(path.mnt.mnt_idmap, path.dentry, attr)
}

/**
 * A null name means the descriptor itself. When both times are UTIME_OMIT the call answers 0, even for a path that
 * does not exist.
 */
export const utimensat = (
  machine: Machine, dfd: number, filename: unknown, times: readonly Timespec[] | null, flags: number,
): number => {
  if (times !== null && times[0]?.tv_nsec === UTIME_OMIT && times[1]?.tv_nsec === UTIME_OMIT) return 0
  const bad = times !== null && (times.length < 2 || !times.every(nsecValid))
  if (filename === null && dfd !== AT_FDCWD) {
    if (flags !== 0) return -EINVAL
    const file = fget(machine.current.task, dfd)
    return file === null ? -EBADF : bad ? -EINVAL : vfs_utimes(machine, file.f_path, times)
  }
  if (!knownAtFlags(flags)) return -EINVAL
  const path = machine.vfs.user_path_at(dfd, filename, atFlags(flags))
  return typeof path === 'number' ? path : bad ? -EINVAL : vfs_utimes(machine, path, times)
}

/** access(2) checks the real ids: true when they differ from those that the task acts with. */
const needsOverride = (cred: Cred, flags: number): boolean => {
  if ((flags & AT_EACCESS) !== 0) return false
  if (cred.fsuid !== cred.uid || cred.fsgid !== cred.gid) return true
  if ((cred.securebits & SECBIT_NO_SETUID_FIXUP) !== 0) return false
  return cred.uid === make_kuid(cred.user_ns, 0)
    ? !capEqual(cred.cap_effective, cred.cap_permitted)
    : !capIsEmpty(cred.cap_effective)
}

const realCreds = (machine: Machine): Cred | null => {
  const cred = machine.creds.prepare_creds()
  if (cred === null) return null
  cred.fsuid = cred.uid
  cred.fsgid = cred.gid
  if ((cred.securebits & SECBIT_NO_SETUID_FIXUP) === 0) {
    const isRoot = cred.uid === make_kuid(cred.user_ns, 0)
    capAssign(cred.cap_effective, isRoot ? cred.cap_permitted : CAP_EMPTY_SET)
  }
  return cred
}

const accessPath = (machine: Machine, dfd: number, filename: unknown, mode: number, lookup_flags: number): number => {
  const path = machine.vfs.user_path_at(dfd, filename, lookup_flags)
  if (typeof path === 'number') return path
  const inode = path.dentry.d_inode as Inode
  if ((mode & MAY_EXEC) !== 0 && (inode.i_mode & S_IFMT) === S_IFREG && path_noexec(path)) return -EACCES
  const rc = machine.vfs.inode_permission(path.mnt.mnt_idmap, inode, mode | MAY_ACCESS)
  if (rc !== 0 || (mode & S_IWOTH) === 0 || isSpecial(inode.i_mode)) return rc
  return mntIsReadonly(path.mnt) ? -EROFS : 0
}

const faccessat2 = (machine: Machine, dfd: number, filename: unknown, mode: number, flags: number): number => {
  if ((mode & ~S_IRWXO) !== 0) return -EINVAL
  if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL
  const { task } = machine.current
  if (!needsOverride(task.cred, flags)) return accessPath(machine, dfd, filename, mode, atFlags(flags))
  const real = realCreds(machine)
  if (real === null) return -ENOMEM
  const own = task.cred
  task.cred = real
  const rc = accessPath(machine, dfd, filename, mode, atFlags(flags))
  task.cred = own
  machine.creds.put_cred_now(real)
  return rc
}

const faccessat = (
  machine: Machine, dfd: number, filename: unknown, mode: number,
): number => faccessat2(machine, dfd, filename, mode, 0)

const access = (
  machine: Machine, filename: unknown, mode: number,
): number => faccessat2(machine, AT_FDCWD, filename, mode, 0)

export const attrSyscalls = {
  chmod, fchmod, fchmodat, fchmodat2, chown, lchown, fchown, fchownat, utimensat, access, faccessat, faccessat2,
}
