/** fanotify_init(2) and fanotify_mark(2) (fs/notify/fanotify/fanotify_user.c). */
import {
  CAP_AUDIT_WRITE, CAP_SYS_ADMIN, EBADF, EINVAL, EPERM, FAN_ALL_CLASS_BITS, FAN_CLOEXEC, FAN_ENABLE_AUDIT,
  FAN_EVENT_ON_CHILD, FAN_MARK_FLUSH, FAN_MARK_IGNORED_MASK, FAN_NONBLOCK, FAN_REPORT_DIR_FID, FAN_REPORT_FD_ERROR,
  FAN_REPORT_FID, FAN_REPORT_NAME, FAN_REPORT_PIDFD, FAN_REPORT_TARGET_FID, FAN_REPORT_TID, FAN_UNLIMITED_MARKS,
  FAN_UNLIMITED_QUEUE, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDWR, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { FanotifyFiles } from './fanotify-file.ts'
import { Fanotify } from './fanotify-group.ts'
import { FID_BITS } from './fanotify-info.ts'
import {
  EVENT_FLAGS, IGNORES, checkMark, fanotify_find_path, flushMarks, kindOfMark, mayIgnore, mayMark, setMark,
} from './fanotify-marks.ts'
import { groupOf } from './fanotify-read.ts'

/** Flags of groups that are for the administrator alone, and those for everybody. */
const ADMIN_FLAGS =
  FAN_ALL_CLASS_BITS | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_TID | FAN_REPORT_PIDFD |
  FAN_REPORT_FD_ERROR

const INIT_FLAGS = ADMIN_FLAGS | FID_BITS | FAN_CLOEXEC | FAN_NONBLOCK | FAN_ENABLE_AUDIT
const EVENT_F_FLAGS = O_ACCMODE | 0o2000 | O_NONBLOCK | 0o10000 | 0o4010000 | O_CLOEXEC | 0o100000 | 0o1000000

const fanotify_init = (machine: Machine, flags: number, event_f_flags: number): number => {
  const { lsm, current } = machine
  const fid = flags & FID_BITS
  const has = (flag: number): boolean => (flags & flag) !== 0
  const isAdmin = capable(lsm, current, CAP_SYS_ADMIN)
  if (!isAdmin && (has(ADMIN_FLAGS) || fid === 0)) return -EPERM
  if (has(~INIT_FLAGS) || (has(FAN_REPORT_PIDFD) && has(FAN_REPORT_TID))) return -EINVAL
  if ((event_f_flags & ~EVENT_F_FLAGS) !== 0 || (event_f_flags & O_ACCMODE) === 3) return -EINVAL
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
  if (given > 0xffffffff || given < -0x80000000) return -EINVAL
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
  if (rc === 0) rc = mayIgnore(objType === 0 ? inode : null, flags)
  if (rc !== 0) return rc
  if (objType !== 0 || (inode.i_mode & S_IFMT) !== S_IFDIR) mask &= ~FAN_EVENT_ON_CHILD
  return setMark(machine, group, objType === 0 ? inode : objType === 1 ? path.mnt : path.mnt.mnt_sb, mask, flags)
}

export const fanotifySyscalls = { fanotify_init, fanotify_mark }
