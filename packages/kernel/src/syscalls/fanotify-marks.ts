/** Checks and sets the marks of fanotify_mark(2). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, EBADF, EINVAL, EISDIR, ENOENT, ENOMEM, ENOTDIR, EOPNOTSUPP, EPERM, FAN_ALL_CLASS_BITS,
  FAN_ALL_EVENTS, FAN_ALL_PERM_EVENTS, FAN_ATTRIB, FAN_CLASS_NOTIF, FAN_DELETE_SELF, FAN_EVENT_ON_CHILD, FAN_FS_ERROR,
  FAN_MARK_ADD, FAN_MARK_DONT_FOLLOW, FAN_MARK_EVICTABLE, FAN_MARK_FILESYSTEM, FAN_MARK_FLUSH, FAN_MARK_IGNORE,
  FAN_MARK_IGNORED_MASK, FAN_MARK_IGNORED_SURV_MODIFY, FAN_MARK_INODE, FAN_MARK_MOUNT, FAN_MARK_ONLYDIR,
  FAN_MARK_REMOVE, FAN_MOVE_SELF, FAN_ONDIR, FAN_OPEN_EXEC, FAN_OPEN_EXEC_PERM, FAN_RENAME, FAN_REPORT_NAME,
  FAN_REPORT_TARGET_FID, MAY_READ, SB_NOUSER, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Inode, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { fget } from '../state/vfs/fdtable.ts'
import type { Mark } from '../state/vfs/fsnotify.ts'
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { superState } from '../state/vfs/state.ts'
import type { Fanotify } from './fanotify-group.ts'
import { DIRENT_EVENTS, FID_BITS } from './fanotify-info.ts'

const MARK_FLAGS =
  FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM |
  FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY | FAN_MARK_FLUSH | FAN_MARK_EVICTABLE | FAN_MARK_IGNORE

/** Events of names and inodes have no open file: only a group that reports handles may ask for them. */
const NEEDS_HANDLES = DIRENT_EVENTS | FAN_ATTRIB | FAN_DELETE_SELF | FAN_MOVE_SELF | FAN_FS_ERROR
const PERMISSION_EVENTS = FAN_ALL_PERM_EVENTS | FAN_OPEN_EXEC_PERM
export const EVENT_FLAGS = FAN_EVENT_ON_CHILD | FAN_ONDIR
const DIR_ONLY = DIRENT_EVENTS | EVENT_FLAGS
const EVENTS = FAN_ALL_EVENTS | FAN_OPEN_EXEC | NEEDS_HANDLES
export const IGNORES = FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE
/** FSNOTIFY_OBJ_TYPE_*: the kinds of objects that a mark is on. */
export const OBJ_INODE = 0
export const OBJ_MOUNT = 1
const OBJ_FILESYSTEM = 2
const OBJ_TYPES: ReadonlyMap<number, number> = new Map([
  [FAN_MARK_INODE, OBJ_INODE], [FAN_MARK_MOUNT, OBJ_MOUNT], [FAN_MARK_FILESYSTEM, OBJ_FILESYSTEM],
])
/** A field that inodes, mounts and file systems have, by the kind of a mark. */
const OF_KIND = ['i_ino', 'mnt_root', 's_type']

/** As `fanotify_find_path`: by name, or the directory of a descriptor itself. */
export const fanotify_find_path = (machine: Machine, dfd: number, pathname: unknown, flags: number): Path | number => {
  let path: Path | number
  if (pathname === null) {
    const file = dfd === AT_FDCWD ? null : fget(machine.current.task, dfd)
    if (file === null) return dfd === AT_FDCWD ? -EINVAL : -EBADF
    path = file.f_path
    if ((flags & FAN_MARK_ONLYDIR) !== 0 && (file.f_inode.i_mode & S_IFMT) !== S_IFDIR) return -ENOTDIR
  } else {
    const how = ((flags & FAN_MARK_DONT_FOLLOW) === 0 ? LOOKUP_FOLLOW : 0) |
      ((flags & FAN_MARK_ONLYDIR) !== 0 ? LOOKUP_DIRECTORY : 0)
    path = machine.vfs.user_path_at(dfd, pathname, how)
  }
  return path
}

/** As `fanotify_events_supported`; then checks permissions, asks the LSMs, and checks that handles work. */
export const mayMark = (
  machine: Machine, group: Fanotify, { mnt, dentry }: Path, flags: number, mask: number, objType: number,
): number => {
  const inode = dentry.d_inode as Inode
  if ((flags & FAN_MARK_ADD) !== 0) {
    if (objType !== OBJ_INODE && (mnt.mnt_sb.s_flags & SB_NOUSER) !== 0) return -EINVAL
    const isStrict =
      (group.flags & FAN_REPORT_TARGET_FID) !== 0 || (mask & FAN_RENAME) !== 0 || (flags & FAN_MARK_IGNORE) !== 0
    const isDir = (inode.i_mode & S_IFMT) === S_IFDIR
    if (isStrict && objType === OBJ_INODE && !isDir && (mask & DIR_ONLY) !== 0) return -ENOTDIR
  }
  const rc = machine.vfs.inode_permission(mnt.mnt_idmap, inode, MAY_READ) ||
    machine.lsm.path_notify.ask({ mnt, dentry }, mask, objType)
  if (rc !== 0 || objType === OBJ_INODE) return rc
  if ((group.flags & FID_BITS) !== 0 && !superState(inode.i_sb).s_op.exports) return -EOPNOTSUPP
  return overFileSystem(machine, mnt.mnt_sb) ? 0 : -EPERM
}

/** Whether the caller rules the file system that is marked as a whole or at one mount. */
const overFileSystem = ({ rules, lsm, current }: Machine, { s_user_ns }: SuperBlock): boolean =>
  rules.fanotifyOwners === 'initial' || ns_capable(lsm, current, s_user_ns, CAP_SYS_ADMIN)

/** FAN_MARK_IGNORE without FAN_MARK_IGNORED_SURV_MODIFY works on files only. */
export const mayIgnore = (target: Inode | null, flags: number): number => {
  if ((flags & FAN_MARK_ADD) === 0 || (flags & IGNORES) === 0) return 0
  if ((flags & FAN_MARK_IGNORED_SURV_MODIFY) !== 0 || (flags & FAN_MARK_IGNORE) === 0) return 0
  if (target === null) return -EINVAL
  return (target.i_mode & S_IFMT) === S_IFDIR ? -EISDIR : 0
}

export const setMark = (machine: Machine, group: Fanotify, target: object, mask: number, flags: number): number => {
  const ignores = (flags & IGNORES) !== 0
  const known = group.marks.get(target)
  if ((flags & FAN_MARK_REMOVE) !== 0) {
    if (known === undefined) return -ENOENT
    if (ignores) known.ignored &= ~mask
    else known.mask &= ~mask
    if ((known.mask | known.ignored) !== 0) return 0
    machine.fsnotify.remove(known)
    group.freed(known)
    return 0
  }
  if (known === undefined && !group.charge(COST.watch)) return -ENOMEM
  const mark: Mark = known ?? { group, target, mask: 0, ignored: 0 }
  if (ignores) mark.ignored |= mask
  else mark.mask |= mask
  if (known !== undefined) return 0
  group.marks.set(target, mark)
  machine.fsnotify.add(mark)
  return 0
}

export const flushMarks = (machine: Machine, group: Fanotify, kind: number): void => {
  const field = OF_KIND[kind]!
  for (const mark of [...group.marks.values()]) {
    if (!(field in mark.target)) continue
    machine.fsnotify.remove(mark)
    group.freed(mark)
  }
}

/** Whether the caller may mark mounts and file systems in this group; marks of inodes are for everybody. */
const mayRule = ({ rules, lsm, current }: Machine, group: Fanotify, objType: number): boolean => {
  if (objType === OBJ_INODE && rules.fanotifyAsksLess) return true
  const may = rules.fanotifyOwners === 'own' ? ns_capable(lsm, current, group.user_ns, CAP_SYS_ADMIN)
    : capable(lsm, current, CAP_SYS_ADMIN) && !group.unprivileged
  return may || objType === OBJ_INODE
}

/** Checks the mask against the group and the kind of mark: 0 or -errno. */
export const checkMark = (machine: Machine, group: Fanotify, flags: number, mask: number, objType: number): number => {
  if (!mayRule(machine, group, objType)) return -EPERM
  if ((mask & PERMISSION_EVENTS) !== 0 && (group.flags & FAN_ALL_CLASS_BITS) === FAN_CLASS_NOTIF) return -EINVAL
  if ((mask & FAN_FS_ERROR) !== 0 && objType !== OBJ_FILESYSTEM) return -EINVAL
  if ((flags & FAN_MARK_EVICTABLE) !== 0 && objType !== OBJ_INODE) return -EINVAL
  if ((mask & NEEDS_HANDLES) !== 0 && ((group.flags & FID_BITS) === 0 || objType === OBJ_MOUNT)) return -EINVAL
  return (mask & FAN_RENAME) !== 0 && (group.flags & FAN_REPORT_NAME) === 0 ? -EINVAL : 0
}

/** The kind of object, or -EINVAL for flags or a mask that no group takes. */
export const kindOfMark = (machine: Machine, flags: number, mask: number): number => {
  const objType = OBJ_TYPES.get(flags & (FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM))
  const action = flags & (FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH)
  if ((flags & ~MARK_FLAGS) !== 0 || objType === undefined) return -EINVAL
  if (action === FAN_MARK_FLUSH) {
    if ((flags & ~(FAN_MARK_FLUSH | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM)) !== 0) return -EINVAL
  } else if ((action !== FAN_MARK_ADD && action !== FAN_MARK_REMOVE) || mask === 0) return -EINVAL
  const valid = EVENTS | EVENT_FLAGS | (machine.config.FANOTIFY_ACCESS_PERMISSIONS ? PERMISSION_EVENTS : 0)
  return (mask & ~valid) !== 0 || (flags & IGNORES) === IGNORES ? -EINVAL : objType
}
