/** fanotify: events with open files, and the right to refuse (fs/notify/fanotify). */
import {
  AT_FDCWD, CAP_AUDIT_WRITE, CAP_SYS_ADMIN, EAGAIN, EBADF, EINVAL, EISDIR, ENOENT, ENOMEM, ENOTDIR, EOPNOTSUPP, EPERM,
  EPOLLIN, EPOLLRDNORM, ERESTARTSYS, FAN_ALLOW, FAN_ALL_CLASS_BITS, FAN_ALL_EVENTS, FAN_ALL_PERM_EVENTS, FAN_ATTRIB,
  FAN_CLASS_NOTIF, FAN_CLOEXEC, FAN_DELETE_SELF, FAN_DENY, FAN_ENABLE_AUDIT, FAN_EVENT_ON_CHILD, FAN_FS_ERROR,
  FAN_MARK_ADD, FAN_MARK_DONT_FOLLOW, FAN_MARK_EVICTABLE, FAN_MARK_FILESYSTEM, FAN_MARK_FLUSH, FAN_MARK_IGNORE,
  FAN_MARK_IGNORED_MASK, FAN_MARK_IGNORED_SURV_MODIFY, FAN_MARK_MOUNT, FAN_MARK_ONLYDIR, FAN_MARK_REMOVE, FAN_MOVE_SELF,
  FAN_NOFD, FAN_NONBLOCK, FAN_ONDIR, FAN_OPEN_EXEC, FAN_OPEN_EXEC_PERM, FAN_RENAME, FAN_REPORT_DIR_FID,
  FAN_REPORT_FD_ERROR, FAN_REPORT_FID, FAN_REPORT_NAME, FAN_REPORT_PIDFD, FAN_REPORT_TARGET_FID, FAN_REPORT_TID,
  FAN_UNLIMITED_MARKS, FAN_UNLIMITED_QUEUE, FMODE_NONOTIFY, MAY_READ, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDWR,
  SB_NOUSER, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, Inode, KeyMap, Path, Task } from '@lsmkit/core'
import { fileOperations } from '../fs/driver.ts'
import { COST } from '../memory-costs.ts'
import type { Machine } from '../machine.ts'
import { threadOf } from '../task/thread.ts'
import { fdTable, fget, get_unused_fd } from '../vfs/fdtable.ts'
import type { Mark } from '../vfs/fsnotify.ts'
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from '../vfs/lookup-flags.ts'
import { fileState, superState } from '../vfs/state.ts'
import { Fanotify } from './fanotify-group.ts'
import type { Queued } from './fanotify-group.ts'
import { DIRENT_EVENTS, FID_BITS, infoRecords, PIDFD_RECORD, pidfdRecord } from './fanotify-info.ts'

/** Bytes of `struct fanotify_event_metadata`, and of a response. */
const EVENT_SIZE = 24
const METADATA_VERSION = 3
const RESPONSE_SIZE = 8
/** Flags of groups that are for the administrator alone, and those for everybody. */
const ADMIN_FLAGS =
  FAN_ALL_CLASS_BITS | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_TID | FAN_REPORT_PIDFD |
  FAN_REPORT_FD_ERROR
const INIT_FLAGS = ADMIN_FLAGS | FID_BITS | FAN_CLOEXEC | FAN_NONBLOCK | FAN_ENABLE_AUDIT
/** Of pidfds that could not be made. */
const FAN_NOPIDFD = -1
const FAN_EPIDFD = -2
const MARK_FLAGS =
  FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM |
  FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY | FAN_MARK_FLUSH | FAN_MARK_EVICTABLE | FAN_MARK_IGNORE
/** Events of names and of inodes carry no open file: only a group that reports handles has them. */
const NEEDS_HANDLES = DIRENT_EVENTS | FAN_ATTRIB | FAN_DELETE_SELF | FAN_MOVE_SELF | FAN_FS_ERROR
const PERMISSION_EVENTS = FAN_ALL_PERM_EVENTS | FAN_OPEN_EXEC_PERM
const EVENT_FLAGS = FAN_EVENT_ON_CHILD | FAN_ONDIR
const DIR_ONLY = DIRENT_EVENTS | EVENT_FLAGS
const EVENTS = FAN_ALL_EVENTS | FAN_OPEN_EXEC | NEEDS_HANDLES
const EVENT_F_FLAGS = O_ACCMODE | 0o2000 | O_NONBLOCK | 0o10000 | 0o4010000 | O_CLOEXEC | 0o100000 | 0o1000000
const IGNORES = FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE
const OBJ_TYPES: ReadonlyMap<number, number> = new Map([[0, 0], [FAN_MARK_MOUNT, 1], [FAN_MARK_FILESYSTEM, 2]])

/** A field that inodes, mounts and file systems have, by the kind of a mark. */
const OF_KIND = ['i_ino', 'mnt_root', 's_type']

export const fanotifySyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { anon_inode_getfd, inode_permission, user_path_at, dentry_open } = machine.vfs
  const groupOf = (file: File): Fanotify => fileState(file).data as Fanotify

  /** As `create_fd`: the file of an event, opened for the listener. */
  const openFor = (group: Fanotify, path: Path): number => {
    const fd = get_unused_fd(current.task, (group.event_f_flags & O_CLOEXEC) !== 0)
    if (fd < 0) return fd
    const file = dentry_open(path, group.event_f_flags, current.task.cred, FMODE_NONOTIFY)
    if (typeof file === 'number') {
      fdTable(current.task).free(fd)
      return file
    }
    fdTable(current.task).install(fd, file)
    return fd
  }

  const put = (buf: Uint8Array, off: number, mask: number, fd: number, pid: number, length: number): void => {
    const view = new DataView(buf.buffer, buf.byteOffset + off, EVENT_SIZE)
    view.setUint32(0, length, true)
    view.setUint8(4, METADATA_VERSION)
    view.setUint8(5, 0)
    view.setUint16(6, EVENT_SIZE, true)
    view.setBigUint64(8, BigInt(mask >>> 0), true)
    view.setInt32(16, fd, true)
    view.setInt32(20, pid, true)
  }

  /** An unprivileged group learns of its own process alone. */
  const pidFor = (group: Fanotify, task: Task | null): number => {
    const { tasks } = machine
    if (task === null) return 0
    if ((group.flags & FAN_REPORT_TID) !== 0) return tasks.pidNr(task)
    return !group.unprivileged || task.tgid === current.task.tgid ? tasks.tgidNr(task) : 0
  }

  const pidfdFor = (task: Task | null): number => {
    const pid = task === null ? null : threadOf(task).pid
    if (pid === null || pid.task === null) return FAN_NOPIDFD
    const fd = machine.pidfds.create(pid, 0)
    return fd < 0 ? FAN_EPIDFD : fd
  }

  const recordsOf = ({ flags }: Fanotify, { mask, info }: Queued): readonly Uint8Array[] =>
    infoRecords(flags, mask, info)

  const lengthOf = (group: Fanotify, event: Queued): number =>
    recordsOf(group, event).reduce((total, { length }) => total + length, EVENT_SIZE) +
    ((group.flags & FAN_REPORT_PIDFD) !== 0 ? PIDFD_RECORD : 0)

  const takeEvent = (group: Fanotify, buf: Uint8Array, off: number): number => {
    const event = group.queue[0]!
    const fd = event.path === null ? FAN_NOFD : openFor(group, event.path)
    if (fd < 0 && event.path !== null && (group.flags & FAN_REPORT_FD_ERROR) === 0) return fd
    group.shift()
    event.fd = fd
    if (event.answer === 0) group.asked.push(event)
    const length = lengthOf(group, event)
    put(buf, off, event.mask, fd, pidFor(group, event.task), length)
    let at = off + EVENT_SIZE
    for (const record of recordsOf(group, event)) {
      buf.set(record, at)
      at += record.length
    }
    if ((group.flags & FAN_REPORT_PIDFD) !== 0) buf.set(pidfdRecord(pidfdFor(event.task)), at)
    return length
  }

  const fanotify_fops = fileOperations({
    read(file, buf, off, len) {
      const group = groupOf(file)
      if (group.queue.length > 0 && len < lengthOf(group, group.queue[0]!)) return -EINVAL
      let done = 0
      while (group.queue.length > 0 && done + lengthOf(group, group.queue[0]!) <= len) {
        const rc = takeEvent(group, buf, off + done)
        if (rc < 0) return done > 0 ? done : rc
        done += rc
      }
      if (done > 0) return done
      if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN
      machine.sleepOn = group.wait
      return -ERESTARTSYS
    },
    /** `struct fanotify_response`: allow or deny what was read. */
    write(file, buf, off, len) {
      const group = groupOf(file)
      if (len < RESPONSE_SIZE) return -EINVAL
      const view = new DataView(buf.buffer, buf.byteOffset + off, RESPONSE_SIZE)
      const fd = view.getInt32(0, true)
      const response = view.getUint32(4, true)
      if ((response & 3) !== FAN_ALLOW && (response & 3) !== FAN_DENY) return -EINVAL
      const event = group.asked.find((each) => each.fd === fd && each.answer === 0)
      if (event === undefined) return -ENOENT
      event.answer = response
      group.answered.wake()
      return RESPONSE_SIZE
    },
    poll: (file) => (groupOf(file).queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0),
    poll_queue: (file) => groupOf(file).wait,
    release(_inode, file) {
      const group = groupOf(file)
      for (const mark of group.marks.values()) machine.fsnotify.remove(mark)
      for (const event of [...group.queue, ...group.asked]) if (event.answer === 0) event.answer = FAN_ALLOW
      for (const event of group.queue) if (event.answer > 0) group.asked.push(event)
      group.answered.wake()
      group.release()
    },
  })

  const fanotify_init = (flags: number, event_f_flags: number): number => {
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
    return anon_inode_getfd('[fanotify]', fanotify_fops, group, O_RDWR | nonblock, (flags & FAN_CLOEXEC) !== 0)
  }

  /** As `fanotify_find_path`: by name, or the directory of a descriptor itself. */
  const findPath = (dfd: number, pathname: unknown, flags: number): Path | number => {
    let path: Path | number
    if (pathname === null) {
      const file = dfd === AT_FDCWD ? null : fget(current.task, dfd)
      if (file === null) return dfd === AT_FDCWD ? -EINVAL : -EBADF
      path = file.f_path
      if ((flags & FAN_MARK_ONLYDIR) !== 0 && (file.f_inode.i_mode & S_IFMT) !== S_IFDIR) return -ENOTDIR
    } else {
      const how = ((flags & FAN_MARK_DONT_FOLLOW) === 0 ? LOOKUP_FOLLOW : 0) |
        ((flags & FAN_MARK_ONLYDIR) !== 0 ? LOOKUP_DIRECTORY : 0)
      path = user_path_at(dfd, pathname, how)
    }
    return path
  }

  /** As `fanotify_events_supported`, then what the caller may read and the LSMs say, then whether handles work. */
  const mayMark = (group: Fanotify, { mnt, dentry }: Path, flags: number, mask: number, objType: number): number => {
    const inode = dentry.d_inode as Inode
    if ((flags & FAN_MARK_ADD) !== 0) {
      if (objType !== 0 && (mnt.mnt_sb.s_flags & SB_NOUSER) !== 0) return -EINVAL
      const isStrict =
        (group.flags & FAN_REPORT_TARGET_FID) !== 0 || (mask & FAN_RENAME) !== 0 || (flags & FAN_MARK_IGNORE) !== 0
      const isDir = (inode.i_mode & S_IFMT) === S_IFDIR
      if (isStrict && objType === 0 && !isDir && (mask & DIR_ONLY) !== 0) return -ENOTDIR
    }
    const rc = inode_permission(mnt.mnt_idmap, inode, MAY_READ) || lsm.path_notify.ask({ mnt, dentry }, mask, objType)
    if (rc !== 0 || (group.flags & FID_BITS) === 0) return rc
    return objType !== 0 && !superState(inode.i_sb).s_op.exports ? -EOPNOTSUPP : 0
  }

  /** An ignore mask that a change would clear may not begin on what is being written, nor on more than a file. */
  const mayIgnore = (target: Inode | null, flags: number): number => {
    if ((flags & FAN_MARK_ADD) === 0 || (flags & IGNORES) === 0) return 0
    if ((flags & FAN_MARK_IGNORED_SURV_MODIFY) !== 0 || (flags & FAN_MARK_IGNORE) === 0) return 0
    if (target === null) return -EINVAL
    return (target.i_mode & S_IFMT) === S_IFDIR ? -EISDIR : 0
  }

  const setMark = (group: Fanotify, target: object, mask: number, flags: number): number => {
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

  const flush = (group: Fanotify, kind: number): void => {
    const field = OF_KIND[kind]!
    for (const mark of [...group.marks.values()]) {
      if (!(field in mark.target)) continue
      machine.fsnotify.remove(mark)
      group.freed(mark)
    }
  }

  /** What the mask has to do with the group and the kind of mark; 0 to go on. */
  const checkMark = (group: Fanotify, flags: number, mask: number, objType: number): number => {
    const mayRule = capable(lsm, current, CAP_SYS_ADMIN) && !group.unprivileged
    if (!mayRule && objType !== 0) return -EPERM
    if ((mask & PERMISSION_EVENTS) !== 0 && (group.flags & FAN_ALL_CLASS_BITS) === FAN_CLASS_NOTIF) return -EINVAL
    if ((mask & FAN_FS_ERROR) !== 0 && objType !== 2) return -EINVAL
    if ((flags & FAN_MARK_EVICTABLE) !== 0 && objType !== 0) return -EINVAL
    if ((mask & NEEDS_HANDLES) !== 0 && ((group.flags & FID_BITS) === 0 || objType === 1)) return -EINVAL
    return (mask & FAN_RENAME) !== 0 && (group.flags & FAN_REPORT_NAME) === 0 ? -EINVAL : 0
  }

  /** The kind of object, or -EINVAL for flags and a mask that go with no group. */
  const kindOfMark = (flags: number, mask: number): number => {
    const objType = OBJ_TYPES.get(flags & (FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM))
    const action = flags & (FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH)
    if ((flags & ~MARK_FLAGS) !== 0 || objType === undefined) return -EINVAL
    if (action === FAN_MARK_FLUSH) {
      if ((flags & ~(FAN_MARK_FLUSH | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM)) !== 0) return -EINVAL
    } else if ((action !== FAN_MARK_ADD && action !== FAN_MARK_REMOVE) || mask === 0) return -EINVAL
    const valid = EVENTS | EVENT_FLAGS | (machine.config.FANOTIFY_ACCESS_PERMISSIONS ? PERMISSION_EVENTS : 0)
    return (mask & ~valid) !== 0 || (flags & IGNORES) === IGNORES ? -EINVAL : objType
  }

  const fanotify_mark = (fd: number, flags: number, given: number, dfd: number, pathname: unknown): number => {
    if (given > 0xffffffff || given < -0x80000000) return -EINVAL
    const objType = kindOfMark(flags, given)
    if (objType < 0) return objType
    let mask = (flags & IGNORES) === FAN_MARK_IGNORED_MASK ? given & ~EVENT_FLAGS : given
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (fileState(file).f_op !== fanotify_fops) return -EINVAL
    const group = groupOf(file)
    let rc = checkMark(group, flags, mask, objType)
    if (rc !== 0) return rc
    if ((flags & FAN_MARK_FLUSH) !== 0) {
      flush(group, objType)
      return 0
    }
    const path = findPath(dfd, pathname, flags)
    if (typeof path === 'number') return path
    rc = mayMark(group, path, flags, mask, objType)
    const inode = path.dentry.d_inode!
    if (rc === 0) rc = mayIgnore(objType === 0 ? inode : null, flags)
    if (rc !== 0) return rc
    if (objType !== 0 || (inode.i_mode & S_IFMT) !== S_IFDIR) mask &= ~FAN_EVENT_ON_CHILD
    return setMark(group, objType === 0 ? inode : objType === 1 ? path.mnt : path.mnt.mnt_sb, mask, flags)
  }

  return { fanotify_init, fanotify_mark }
}
