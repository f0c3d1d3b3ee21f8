/** Mode, owner, times and access checks by name and descriptor (fs/open.c, fs/utimes.c). */
import {
  AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, ATTR_ATIME, ATTR_ATIME_SET, ATTR_CTIME, ATTR_GID,
  ATTR_KILL_PRIV, ATTR_KILL_SUID, ATTR_MODE, ATTR_MTIME, ATTR_MTIME_SET, ATTR_TIMES_SET, ATTR_TOUCH, ATTR_UID,
  capAssign, capEqual, capIsEmpty, CAP_EMPTY_SET, EACCES, EBADF, EINVAL, ENOMEM, EROFS, MAY_ACCESS, MAY_EXEC, S_IALLUGO,
  S_IFDIR, S_IFMT, S_IFREG, S_IRWXO, S_IWOTH, SECBIT_NO_SETUID_FIXUP, UTIME_NOW, UTIME_OMIT,
} from '@lsmkit/abi'
import { from_vfsgid, from_vfsuid, gid_valid, make_kgid, make_kuid, uid_valid } from '@lsmkit/core'
import type { Cred, FsStruct, Inode, KeyMap, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { AttrChange } from '../state/vfs/iattr.ts'
import { LOOKUP_EMPTY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { mnt_want_write, mntIsReadonly, path_noexec } from '../state/vfs/mount.ts'

export interface Timespec {
  readonly tv_sec: number
  readonly tv_nsec: number
}

/** `(uid_t)-1`: keep. */
const KEEP = 0xffffffff

const nsecValid = ({ tv_nsec }: Timespec): boolean =>
  tv_nsec === UTIME_NOW || tv_nsec === UTIME_OMIT || (tv_nsec >= 0 && tv_nsec <= 999_999_999)

const isSpecial = (mode: number): boolean => {
  const type = mode & S_IFMT
  return type === 0o20000 || type === 0o60000 || type === 0o10000 || type === 0o140000
}

export const attrSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { user_path_at, inode_permission, notify_change, setattr_should_drop_sgid } = machine.vfs
  const { prepare_creds, put_cred_now } = machine.creds

  const atFlags = (flags: number): number =>
    ((flags & AT_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)
  const knownAtFlags = (flags: number): boolean => (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) === 0

  const chmod_common = (path: Path, mode: number): number => {
    let rc = mnt_want_write(path.mnt)
    if (rc !== 0) return rc
    rc = lsm.path_chmod.ask(path, mode)
    if (rc !== 0) return rc
    const attr = new AttrChange(ATTR_MODE | ATTR_CTIME)
    attr.ia_mode = (mode & S_IALLUGO) | ((path.dentry.d_inode as Inode).i_mode & ~S_IALLUGO)
    return notify_change(path.mnt.mnt_idmap, path.dentry, attr)
  }

  const fchmodat2 = (dfd: number, filename: unknown, mode: number, flags: number): number => {
    if (!knownAtFlags(flags)) return -EINVAL
    const path = user_path_at(dfd, filename, atFlags(flags))
    return typeof path === 'number' ? path : chmod_common(path, mode & 0xffff)
  }
  const fchmodat = (dfd: number, filename: unknown, mode: number): number => fchmodat2(dfd, filename, mode, 0)
  const chmod = (filename: unknown, mode: number): number => fchmodat2(AT_FDCWD, filename, mode, 0)
  const fchmod = (fd: number, mode: number): number => {
    const file = fget(current.task, fd)
    return file === null ? -EBADF : chmod_common(file.f_path, mode & 0xffff)
  }

  /** Ids of the caller's namespace as ATTR_UID and ATTR_GID; false for one that means nothing there. */
  const setOwner = (attr: AttrChange, user: number, group: number): boolean => {
    const { user_ns } = current.task.cred
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

  const chown_common = (path: Path, user: number, group: number): number => {
    const { mnt_idmap } = path.mnt
    const inode = path.dentry.d_inode as Inode
    const attr = new AttrChange(ATTR_CTIME)
    if (!setOwner(attr, user >>> 0, group >>> 0)) return -EINVAL
    if ((inode.i_mode & S_IFMT) !== S_IFDIR) {
      attr.ia_valid |= ATTR_KILL_SUID | ATTR_KILL_PRIV | setattr_should_drop_sgid(mnt_idmap, inode)
    }
    const ns = inode.i_sb.s_user_ns
    const rc = lsm.path_chown.ask(
      path,
      from_vfsuid(mnt_idmap, ns, attr.ia_uid),
      from_vfsgid(mnt_idmap, ns, attr.ia_gid),
    )
    return rc !== 0 ? rc : notify_change(mnt_idmap, path.dentry, attr)
  }

  const chownPath = (path: Path, user: number, group: number): number => {
    const rc = mnt_want_write(path.mnt)
    return rc !== 0 ? rc : chown_common(path, user, group)
  }

  const fchownat = (dfd: number, filename: unknown, user: number, group: number, flags: number): number => {
    if (!knownAtFlags(flags)) return -EINVAL
    const path = user_path_at(dfd, filename, atFlags(flags))
    return typeof path === 'number' ? path : chownPath(path, user, group)
  }
  const chown = (filename: unknown, user: number, group: number): number => fchownat(AT_FDCWD, filename, user, group, 0)
  const lchown = (filename: unknown, user: number, group: number): number =>
    fchownat(AT_FDCWD, filename, user, group, AT_SYMLINK_NOFOLLOW)
  const fchown = (fd: number, user: number, group: number): number => {
    const file = fget(current.task, fd)
    return file === null ? -EBADF : chownPath(file.f_path, user, group)
  }

  /** As `vfs_utimes`; null times, or both UTIME_NOW: touch. */
  const vfs_utimes = (path: Path, times: readonly Timespec[] | null): number => {
    const rc = mnt_want_write(path.mnt)
    if (rc !== 0) return rc
    const attr = new AttrChange(ATTR_CTIME | ATTR_MTIME | ATTR_ATIME)
    const [atime, mtime] = times ?? []
    if (atime === undefined || mtime === undefined || (atime.tv_nsec === UTIME_NOW && mtime.tv_nsec === UTIME_NOW)) {
      attr.ia_valid |= ATTR_TOUCH
      return notify_change(path.mnt.mnt_idmap, path.dentry, attr)
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
    return notify_change(path.mnt.mnt_idmap, path.dentry, attr)
  }

  /**
   * A null name means the descriptor itself. Omitting both times is no change at all, not even of a path that is
   * wrong.
   */
  const utimensat = (dfd: number, filename: unknown, times: readonly Timespec[] | null, flags: number): number => {
    if (times !== null && times[0]?.tv_nsec === UTIME_OMIT && times[1]?.tv_nsec === UTIME_OMIT) return 0
    const bad = times !== null && (times.length < 2 || !times.every(nsecValid))
    if (filename === null && dfd !== AT_FDCWD) {
      if (flags !== 0) return -EINVAL
      const file = fget(current.task, dfd)
      return file === null ? -EBADF : bad ? -EINVAL : vfs_utimes(file.f_path, times)
    }
    if (!knownAtFlags(flags)) return -EINVAL
    const path = user_path_at(dfd, filename, atFlags(flags))
    return typeof path === 'number' ? path : bad ? -EINVAL : vfs_utimes(path, times)
  }

  /** access(2) asks for the real ids: whether they differ from those the task acts with. */
  const needsOverride = (cred: Cred, flags: number): boolean => {
    if ((flags & AT_EACCESS) !== 0) return false
    if (cred.fsuid !== cred.uid || cred.fsgid !== cred.gid) return true
    if ((cred.securebits & SECBIT_NO_SETUID_FIXUP) !== 0) return false
    return cred.uid === make_kuid(cred.user_ns, 0)
      ? !capEqual(cred.cap_effective, cred.cap_permitted)
      : !capIsEmpty(cred.cap_effective)
  }

  const realCreds = (): Cred | null => {
    const cred = prepare_creds()
    if (cred === null) return null
    cred.fsuid = cred.uid
    cred.fsgid = cred.gid
    if ((cred.securebits & SECBIT_NO_SETUID_FIXUP) === 0) {
      const isRoot = cred.uid === make_kuid(cred.user_ns, 0)
      capAssign(cred.cap_effective, isRoot ? cred.cap_permitted : CAP_EMPTY_SET)
    }
    return cred
  }

  const accessPath = (dfd: number, filename: unknown, mode: number, lookup_flags: number): number => {
    const path = user_path_at(dfd, filename, lookup_flags)
    if (typeof path === 'number') return path
    const inode = path.dentry.d_inode as Inode
    if ((mode & MAY_EXEC) !== 0 && (inode.i_mode & S_IFMT) === S_IFREG && path_noexec(path)) return -EACCES
    const rc = inode_permission(path.mnt.mnt_idmap, inode, mode | MAY_ACCESS)
    if (rc !== 0 || (mode & S_IWOTH) === 0 || isSpecial(inode.i_mode)) return rc
    return mntIsReadonly(path.mnt) ? -EROFS : 0
  }

  const faccessat2 = (dfd: number, filename: unknown, mode: number, flags: number): number => {
    if ((mode & ~S_IRWXO) !== 0) return -EINVAL
    if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL
    const { task } = current
    if (!needsOverride(task.cred, flags)) return accessPath(dfd, filename, mode, atFlags(flags))
    const real = realCreds()
    if (real === null) return -ENOMEM
    const own = task.cred
    task.cred = real
    const rc = accessPath(dfd, filename, mode, atFlags(flags))
    task.cred = own
    put_cred_now(real)
    return rc
  }
  const faccessat = (dfd: number, filename: unknown, mode: number): number => faccessat2(dfd, filename, mode, 0)
  const access = (filename: unknown, mode: number): number => faccessat2(AT_FDCWD, filename, mode, 0)

  const umask = (mask: number): number => {
    const fs = current.task.fs as FsStruct
    const before = fs.umask
    fs.umask = mask & 0o777
    return before
  }

  return {
    chmod,
    fchmod,
    fchmodat,
    fchmodat2,
    chown,
    lchown,
    fchown,
    fchownat,
    utimensat,
    access,
    faccessat,
    faccessat2,
    umask,
  }
}
