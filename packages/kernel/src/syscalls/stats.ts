/** stat, statx and statfs (fs/stat.c, fs/statfs.c). */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW, EBADF, EFAULT, EINVAL, MNT_NOATIME,
  MNT_NODEV, MNT_NODIRATIME, MNT_NOEXEC, MNT_NOSUID, MNT_NOSYMFOLLOW, MNT_READONLY, MNT_RELATIME, SB_MANDLOCK,
  SB_RDONLY, SB_SYNCHRONOUS, STATX_ATTR_MOUNT_ROOT, STATX_BTIME, STATX_MNT_ID, STATX_MNT_ID_UNIQUE, STATX__RESERVED,
} from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged, INVALID_GID, INVALID_UID } from '@lsmkit/core'
import type { Path, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { new_encode_dev } from '../vfs/devnum.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import type { Kstat, Kstatfs } from '../state/vfs/kstat.ts'
import { LOOKUP_AUTOMOUNT, LOOKUP_EMPTY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { asMount, path_mounted } from '../state/vfs/mount.ts'
import { getname } from '../state/vfs/names.ts'

// f_flags of statfs(2)
const ST_RDONLY = 0x1
const ST_NOSUID = 0x2
const ST_NODEV = 0x4
const ST_NOEXEC = 0x8
const ST_SYNCHRONOUS = 0x10
const ST_VALID = 0x20
const ST_MANDLOCK = 0x40
const ST_NOATIME = 0x400
const ST_NODIRATIME = 0x800
const ST_RELATIME = 0x1000
const ST_NOSYMFOLLOW = 0x2000

const ST_FLAGS: readonly (readonly [number, number])[] = [
  [MNT_READONLY, ST_RDONLY], [MNT_NOSUID, ST_NOSUID], [MNT_NODEV, ST_NODEV], [MNT_NOEXEC, ST_NOEXEC],
  [MNT_NOATIME, ST_NOATIME], [MNT_NODIRATIME, ST_NODIRATIME], [MNT_RELATIME, ST_RELATIME],
  [MNT_NOSYMFOLLOW, ST_NOSYMFOLLOW],
]
const ST_SB_FLAGS: readonly (readonly [number, number])[] = [
  [SB_SYNCHRONOUS, ST_SYNCHRONOUS], [SB_MANDLOCK, ST_MANDLOCK], [SB_RDONLY, ST_RDONLY],
]

const statfsFlags = (mnt: VfsMount): number => {
  let flags = ST_VALID
  for (const [bit, st] of ST_FLAGS) if ((mnt.mnt_flags & bit) !== 0) flags |= st
  for (const [bit, st] of ST_SB_FLAGS) if ((mnt.mnt_sb.s_flags & bit) !== 0) flags |= st
  return flags
}

/** Turns device numbers and ids into the form that the caller sees. */
const toUser = (machine: Machine, stat: Kstat): void => {
  stat.dev = new_encode_dev(stat.dev)
  stat.rdev = new_encode_dev(stat.rdev)
  const { user_ns } = machine.current.task.cred
  if (user_ns.level === 0 && stat.uid !== INVALID_UID && stat.gid !== INVALID_GID) return
  stat.uid = from_kuid_munged(user_ns, stat.uid, machine.sysctl.overflowuid)
  stat.gid = from_kgid_munged(user_ns, stat.gid, machine.sysctl.overflowgid)
}

const statPath = (machine: Machine, path: Path, stat: Kstat | null): number => {
  if (stat === null) return -EFAULT
  const rc = machine.vfs.vfs_getattr(path, stat)
  if (rc === 0) toUser(machine, stat)
  return rc
}

const statFd = (machine: Machine, fd: number, stat: Kstat | null): number => {
  const file = fget_raw(machine.current.task, fd)
  return file === null ? -EBADF : statPath(machine, file.f_path, stat)
}

const lookupFlags = (flags: number): number =>
  ((flags & AT_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) |
  ((flags & AT_NO_AUTOMOUNT) === 0 ? LOOKUP_AUTOMOUNT : 0) |
  ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)

const isEmptyPath = (dfd: number, filename: unknown): boolean => dfd >= 0 && (filename === '' || filename === null)

const statAt = (machine: Machine, dfd: number, filename: unknown, flags: number, stat: Kstat | null): number => {
  const lookup_flags = lookupFlags(flags)
  const name = getname(filename, lookup_flags)
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) !== 0) return -EINVAL
  if (typeof name === 'number') return name
  const path = machine.vfs.filename_lookup(dfd, name, lookup_flags, null)
  return typeof path === 'number' ? path : statPath(machine, path, stat)
}

const newfstatat = (machine: Machine, dfd: number, filename: unknown, stat: Kstat | null, flags: number): number =>
  flags === AT_EMPTY_PATH && isEmptyPath(dfd, filename)
    ? statFd(machine, dfd, stat)
    : statAt(machine, dfd, filename, flags | AT_NO_AUTOMOUNT, stat)

const stat = (
  machine: Machine, filename: unknown, buf: Kstat | null,
): number => statAt(machine, AT_FDCWD, filename, AT_NO_AUTOMOUNT, buf)

const lstat = (machine: Machine, filename: unknown, buf: Kstat | null): number =>
  statAt(machine, AT_FDCWD, filename, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, buf)

const fstat = (machine: Machine, fd: number, buf: Kstat | null): number => statFd(machine, fd, buf)

/** Adds the fields that only statx has: the mount, and the time of birth if it is asked for. */
const statxPath = (machine: Machine, path: Path, mask: number, buf: Kstat | null): number => {
  const rc = statPath(machine, path, buf)
  if (rc !== 0 || buf === null) return rc
  const unique = (mask & STATX_MNT_ID_UNIQUE) !== 0
  buf.result_mask |= unique ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID
  buf.mnt_id = unique ? asMount(path.mnt).mnt_id_unique : asMount(path.mnt).mnt_id
  if ((mask & STATX_BTIME) === 0) {
    buf.result_mask &= ~STATX_BTIME
    buf.btime_sec = buf.btime_nsec = 0
  }
  buf.attributes_mask |= STATX_ATTR_MOUNT_ROOT
  if (path_mounted(path)) buf.attributes |= STATX_ATTR_MOUNT_ROOT
  return 0
}

const statx = (
  machine: Machine, dfd: number, filename: unknown, flags: number, mask: number, buf: Kstat | null,
): number => {
  const lookup_flags = lookupFlags(flags)
  const byFd = (flags & ~(AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE)) === AT_EMPTY_PATH && isEmptyPath(dfd, filename)
  const name = byFd ? '' : getname(filename, lookup_flags)
  if ((mask & STATX__RESERVED) !== 0 || (flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return -EINVAL
  if (byFd) {
    const file = fget_raw(machine.current.task, dfd)
    return file === null ? -EBADF : statxPath(machine, file.f_path, mask, buf)
  }
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) !== 0) return -EINVAL
  if (typeof name === 'number') return name
  const path = machine.vfs.filename_lookup(dfd, name, lookup_flags, null)
  return typeof path === 'number' ? path : statxPath(machine, path, mask, buf)
}

const statfsPath = (machine: Machine, path: Path, buf: Kstatfs | null): number => {
  if (buf === null) return -EFAULT
  const rc = machine.vfs.statfs_by_dentry(path.dentry, buf)
  if (rc === 0) buf.f_flags = statfsFlags(path.mnt)
  return rc
}

const statfs = (machine: Machine, pathname: unknown, buf: Kstatfs | null): number => {
  const path = machine.vfs.user_path_at(AT_FDCWD, pathname, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT)
  return typeof path === 'number' ? path : statfsPath(machine, path, buf)
}

const fstatfs = (machine: Machine, fd: number, buf: Kstatfs | null): number => {
  const file = fget_raw(machine.current.task, fd)
  return file === null ? -EBADF : statfsPath(machine, file.f_path, buf)
}

export const statSyscalls = { stat, lstat, fstat, newfstatat, statx, statfs, fstatfs }
