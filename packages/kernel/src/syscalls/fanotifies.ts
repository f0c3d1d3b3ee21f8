/** fanotify_init(2) and fanotify_mark(2) (fs/notify/fanotify/fanotify_user.c). */
import {
  CAP_AUDIT_WRITE, CAP_SYS_ADMIN, EBADF, EINVAL, EPERM, FAN_ALL_CLASS_BITS, FAN_CLOEXEC, FAN_ENABLE_AUDIT,
  FAN_EVENT_ON_CHILD, FAN_MARK_FLUSH, FAN_MARK_IGNORED_MASK, FAN_NONBLOCK, FAN_REPORT_DIR_FID, FAN_REPORT_FD_ERROR,
  FAN_REPORT_FID, FAN_REPORT_NAME, FAN_REPORT_PIDFD, FAN_REPORT_TARGET_FID, FAN_REPORT_TID, FAN_UNLIMITED_MARKS,
  FAN_UNLIMITED_QUEUE, O_ACCMODE, O_APPEND, O_CLOEXEC, O_DSYNC, O_LARGEFILE, O_NOATIME, O_NONBLOCK, O_RDWR, O_SYNC,
  S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable, ns_capable_noaudit } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { FanotifyFiles } from './fanotify-file.ts'
import { Fanotify } from './fanotify-group.ts'
import { FID_BITS } from './fanotify-info.ts'
import {
  EVENT_FLAGS, IGNORES, OBJ_INODE, OBJ_MOUNT, checkMark, fanotify_find_path, flushMarks, kindOfMark, mayIgnore, mayMark,
  setMark,
} from './fanotify-marks.ts'
import { groupOf } from './fanotify-read.ts'

/** Flags that only the administrator may give. */
const ADMIN_FLAGS =
  FAN_ALL_CLASS_BITS | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_TID | FAN_REPORT_PIDFD |
  FAN_REPORT_FD_ERROR

/** A mask of more than 32 bits is not valid; it may be given as a signed number. */
const U32_MAX = 0xffffffff
const S32_MIN = -0x80000000

const INIT_FLAGS = ADMIN_FLAGS | FID_BITS | FAN_CLOEXEC | FAN_NONBLOCK | FAN_ENABLE_AUDIT
const EVENT_F_FLAGS =
  O_ACCMODE | O_APPEND | O_NONBLOCK | O_DSYNC | O_SYNC | O_CLOEXEC | O_LARGEFILE | O_NOATIME

const fanotify_init = (machine: Machine, flags: number, event_f_flags: number): number => {
  const { lsm, current } = machine
  const fid = flags & FID_BITS
  const has = (flag: number): boolean => (flags & flag) !== 0
  const needsAdmin = has(ADMIN_FLAGS) || fid === 0
  if (machine.rules.fanotifyAsksLess && needsAdmin && !capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
  const isAdmin = machine.rules.fanotifyAsksLess ? ns_capable_noaudit(lsm, current, machine.init_user_ns, CAP_SYS_ADMIN)
    : capable(lsm, current, CAP_SYS_ADMIN)
  if (!isAdmin && needsAdmin) return -EPERM
  if (has(~INIT_FLAGS) || (has(FAN_REPORT_PIDFD) && has(FAN_REPORT_TID))) return -EINVAL
  if ((event_f_flags & ~EVENT_F_FLAGS) !== 0 || (event_f_flags & O_ACCMODE) === O_ACCMODE) return -EINVAL
  if (fid !== 0 && has(FAN_ALL_CLASS_BITS)) return -EINVAL
  if (has(FAN_REPORT_NAME) && !has(FAN_REPORT_DIR_FID)) return -EINVAL
  if (has(FAN_REPORT_TARGET_FID) && (!has(FAN_REPORT_NAME) || !has(FAN_REPORT_FID))) return -EINVAL
  if ((flags & FAN_ALL_CLASS_BITS) === FAN_ALL_CLASS_BITS) return -EINVAL
  if (has(FAN_UNLIMITED_QUEUE) && !capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
  if (has(FAN_UNLIMITED_MARKS) && !capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
  if (has(FAN_ENABLE_AUDIT) && !capable(lsm, current, CAP_AUDIT_WRITE)) return -EPERM
  const group = new Fanotify(machine, flags, event_f_flags, !isAdmin)
  const nonblock = (flags & FAN_NONBLOCK) !== 0 ? O_NONBLOCK : 0
  const { fops } = machine.part(FanotifyFiles)
  return machine.vfs.anon_inode_getfd('[fanotify]', fops, group, O_RDWR | nonblock, (flags & FAN_CLOEXEC) !== 0)
}

const fanotify_mark = (
  machine: Machine, fd: number, flags: number, given: number, dfd: number, pathname: unknown,
): number => {
  if (given > U32_MAX || given < S32_MIN) return -EINVAL
  const objType = kindOfMark(machine, flags, given)
  if (objType < 0) return objType
  let mask = (flags & IGNORES) === FAN_MARK_IGNORED_MASK ? given & ~EVENT_FLAGS : given
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (fileState(file).f_op !== machine.part(FanotifyFiles).fops) return -EINVAL
  const group = groupOf(file)
  let rc = checkMark(machine, group, flags, mask, objType)
  if (rc !== 0) return rc
  if ((flags & FAN_MARK_FLUSH) !== 0) {
    flushMarks(machine, group, objType)
    return 0
  }
  const path = fanotify_find_path(machine, dfd, pathname, flags)
  if (typeof path === 'number') return path
  rc = mayMark(machine, group, path, flags, mask, objType)
  const inode = path.dentry.d_inode!
  if (rc === 0) rc = mayIgnore(objType === OBJ_INODE ? inode : null, flags)
  if (rc !== 0) return rc
  if (objType !== OBJ_INODE || (inode.i_mode & S_IFMT) !== S_IFDIR) mask &= ~FAN_EVENT_ON_CHILD
  const target = objType === OBJ_INODE ? inode : objType === OBJ_MOUNT ? path.mnt : path.mnt.mnt_sb
  return setMark(machine, group, target, mask, flags)
}

export const fanotifySyscalls = { fanotify_init, fanotify_mark }
