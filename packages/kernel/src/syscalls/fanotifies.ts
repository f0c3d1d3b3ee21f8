/** fanotify: events with open files, and the right to refuse (fs/notify/fanotify). */
import {
  AT_FDCWD, CAP_AUDIT_WRITE, CAP_SYS_ADMIN, EAGAIN, EBADF, EINVAL, ENOENT, ENOTDIR, EPERM, EPOLLIN, EPOLLRDNORM,
  ERESTARTSYS, FAN_ALL_CLASS_BITS, FAN_ALL_EVENTS, FAN_ALL_PERM_EVENTS, FAN_ALLOW, FAN_ATTRIB,
  FAN_CLASS_NOTIF, FAN_CLOEXEC, FAN_CREATE, FAN_DELETE, FAN_DELETE_SELF, FAN_DENY,
  FAN_ENABLE_AUDIT, FAN_EVENT_ON_CHILD, FAN_MARK_ADD, FAN_MARK_DONT_FOLLOW, FAN_MARK_EVICTABLE, FAN_MARK_FILESYSTEM,
  FAN_MARK_FLUSH, FAN_MARK_IGNORE, FAN_MARK_IGNORED_MASK, FAN_MARK_IGNORED_SURV_MODIFY, FAN_MARK_MOUNT,
  FAN_MARK_ONLYDIR, FAN_MARK_REMOVE, FAN_MOVE, FAN_MOVE_SELF, FAN_NOFD, FAN_NONBLOCK, FAN_ONDIR, FAN_OPEN_EXEC,
  FAN_OPEN_EXEC_PERM, FAN_REPORT_PIDFD, FAN_REPORT_TID, FAN_UNLIMITED_MARKS, FAN_UNLIMITED_QUEUE,
  FMODE_NONOTIFY, IN_ISDIR, MAY_READ, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDWR, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, Inode, KeyMap, Path, Task } from '@lsmkit/core'
import { fileOperations } from '../fs/driver.ts'
import type { Machine } from '../machine.ts'
import { fdTable, fget, get_unused_fd } from '../vfs/fdtable.ts'
import type { Mark, NotifyEvent, NotifyGroup } from '../vfs/fsnotify.ts'
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from '../vfs/lookup-flags.ts'
import { fileState } from '../vfs/state.ts'
import { WaitQueue } from '../vfs/wait.ts'

/** Bytes of `struct fanotify_event_metadata`, and of a response. */
const EVENT_SIZE = 24
const METADATA_VERSION = 3
const RESPONSE_SIZE = 8
const INIT_FLAGS =
  FAN_CLOEXEC | FAN_NONBLOCK | FAN_ALL_CLASS_BITS | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_ENABLE_AUDIT |
  FAN_REPORT_TID | FAN_REPORT_PIDFD
const MARK_FLAGS =
  FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM |
  FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY | FAN_MARK_FLUSH | FAN_MARK_EVICTABLE | FAN_MARK_IGNORE
/** Events of names and of inodes carry no open file: only a group that reports handles could have them. */
const NEEDS_HANDLES = FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_ATTRIB | FAN_DELETE_SELF | FAN_MOVE_SELF
const EVENTS = FAN_ALL_EVENTS | FAN_OPEN_EXEC | FAN_ALL_PERM_EVENTS | FAN_OPEN_EXEC_PERM | NEEDS_HANDLES
const EVENT_F_FLAGS = O_ACCMODE | 0o2000 | O_NONBLOCK | 0o10000 | 0o4010000 | O_CLOEXEC | 0o100000 | 0o1000000
const OBJ_TYPES: ReadonlyMap<number, number> = new Map([[0, 0], [FAN_MARK_MOUNT, 1], [FAN_MARK_FILESYSTEM, 2]])

/** A field that inodes, mounts and file systems have, by the kind of a mark. */
const OF_KIND = ['i_ino', 'mnt_root', 's_type']

interface Queued {
  readonly mask: number
  readonly path: Path
  readonly task: Task
  /** Of a permission event: 0 while nobody has answered, then FAN_ALLOW or FAN_DENY. */
  answer: number
  fd: number
}

class Fanotify implements NotifyGroup {
  readonly queue: Queued[] = []
  /** Permission events that were read and wait for an answer, or have one that was not collected. */
  readonly asked: Queued[] = []
  readonly wait = new WaitQueue()
  readonly answered = new WaitQueue()
  readonly marks: Mark[] = []
  readonly flags: number
  readonly event_f_flags: number
  private readonly machine: Machine

  constructor(machine: Machine, flags: number, event_f_flags: number) {
    this.machine = machine
    this.flags = flags
    this.event_f_flags = event_f_flags
  }

  /** Whoever listens is not asked about what it does itself: its files are opened without notification. */
  handle({ mask, path, inode }: NotifyEvent, mark: Mark): number {
    if (path === null) return 0
    if ((mask & IN_ISDIR) !== 0 && (mark.mask & FAN_ONDIR) === 0) return 0
    const wanted = mask & mark.mask & ~IN_ISDIR
    const { task } = this.machine.current
    if ((mask & FAN_ALL_PERM_EVENTS) !== 0) return this.permission(wanted, path, inode, task)
    const isSame = (event: Queued): boolean =>
      event.answer < 0 && event.path.dentry === path.dentry && event.task === task
    const same = this.queue.find(isSame)
    if (same !== undefined) this.queue.splice(this.queue.indexOf(same), 1)
    this.queue.push({ mask: wanted | (same?.mask ?? 0), path, task, answer: -1, fd: FAN_NOFD })
    this.wait.wake()
    return 0
  }

  /** Sleeps until the listener has answered; the call is made again then. */
  private permission(mask: number, path: Path, inode: Inode | null, task: Task): number {
    const isSame = (event: Queued): boolean =>
      event.task === task && event.mask === mask && event.path.dentry.d_inode === inode
    const known = this.asked.find(isSame) ?? this.queue.find(isSame)
    if (known !== undefined && known.answer !== 0) {
      this.asked.splice(this.asked.indexOf(known), 1)
      return (known.answer & FAN_DENY) !== 0 ? -EPERM : 0
    }
    if (known === undefined) {
      this.queue.push({ mask, path, task, answer: 0, fd: FAN_NOFD })
      this.wait.wake()
    }
    this.machine.sleepOn = this.answered
    return -ERESTARTSYS
  }
}

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

  const put = (buf: Uint8Array, off: number, mask: number, fd: number, pid: number): number => {
    const view = new DataView(buf.buffer, buf.byteOffset + off, EVENT_SIZE)
    view.setUint32(0, EVENT_SIZE, true)
    view.setUint8(4, METADATA_VERSION)
    view.setUint8(5, 0)
    view.setUint16(6, EVENT_SIZE, true)
    view.setBigUint64(8, BigInt(mask >>> 0), true)
    view.setInt32(16, fd, true)
    view.setInt32(20, pid, true)
    return EVENT_SIZE
  }

  const takeEvent = (group: Fanotify, buf: Uint8Array, off: number): number => {
    const event = group.queue[0]!
    const fd = openFor(group, event.path)
    if (fd < 0) return fd
    group.queue.shift()
    event.fd = fd
    if (event.answer === 0) group.asked.push(event)
    const { tasks } = machine
    const pid = (group.flags & FAN_REPORT_TID) !== 0 ? tasks.pidNr(event.task) : tasks.tgidNr(event.task)
    return put(buf, off, event.mask, fd, pid)
  }

  const fanotify_fops = fileOperations({
    read(file, buf, off, len) {
      const group = groupOf(file)
      if (len < EVENT_SIZE) return -EINVAL
      let done = 0
      while (group.queue.length > 0 && done + EVENT_SIZE <= len) {
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
      for (const mark of group.marks) machine.fsnotify.remove(mark)
      for (const event of [...group.queue, ...group.asked]) if (event.answer === 0) event.answer = FAN_ALLOW
      group.asked.push(...group.queue.filter(({ answer }) => answer > 0))
      group.answered.wake()
    },
  })

  const fanotify_init = (flags: number, event_f_flags: number): number => {
    // only groups that report file handles are for everybody, and there are none here
    if (!capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
    if ((flags & ~INIT_FLAGS) !== 0 || (event_f_flags & ~EVENT_F_FLAGS) !== 0) return -EINVAL
    if ((flags & FAN_REPORT_PIDFD) !== 0 && (flags & FAN_REPORT_TID) !== 0) return -EINVAL
    if ((event_f_flags & O_ACCMODE) === 3 || (flags & FAN_ALL_CLASS_BITS) === FAN_ALL_CLASS_BITS) return -EINVAL
    if ((flags & FAN_ENABLE_AUDIT) !== 0 && !capable(lsm, current, CAP_AUDIT_WRITE)) return -EPERM
    const group = new Fanotify(machine, flags, event_f_flags)
    const nonblock = (flags & FAN_NONBLOCK) !== 0 ? O_NONBLOCK : 0
    return anon_inode_getfd('[fanotify]', fanotify_fops, group, O_RDWR | nonblock, (flags & FAN_CLOEXEC) !== 0)
  }

  /** As `fanotify_find_path`: by name, or the directory of a descriptor itself. */
  const findPath = (dfd: number, pathname: unknown, flags: number, mask: number, objType: number): Path | number => {
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
    if (typeof path === 'number') return path
    const rc = inode_permission(path.mnt.mnt_idmap, path.dentry.d_inode as Inode, MAY_READ)
    return rc || lsm.path_notify.ask(path, mask, objType) || path
  }

  const setMark = (group: Fanotify, target: object, mask: number, flags: number): number => {
    const ignores = (flags & (FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE)) !== 0
    const known = group.marks.find((mark) => mark.target === target)
    if ((flags & FAN_MARK_REMOVE) !== 0) {
      if (known === undefined) return -ENOENT
      if (ignores) known.ignored &= ~mask
      else known.mask &= ~mask
      if ((known.mask | known.ignored) !== 0) return 0
      group.marks.splice(group.marks.indexOf(known), 1)
      machine.fsnotify.remove(known)
      return 0
    }
    const mark: Mark = known ?? { group, target, mask: 0, ignored: 0 }
    if (ignores) mark.ignored |= mask
    else mark.mask |= mask
    if (known !== undefined) return 0
    group.marks.push(mark)
    machine.fsnotify.add(mark)
    return 0
  }

  const flush = (group: Fanotify, kind: number): void => {
    const field = OF_KIND[kind]!
    const isKind = ({ target }: Mark): boolean => field in target
    for (const mark of group.marks.filter(isKind)) {
      group.marks.splice(group.marks.indexOf(mark), 1)
      machine.fsnotify.remove(mark)
    }
  }

  /** What the mask and the flags have to do with one another and with the group; 0 to go on. */
  const checkMark = (group: Fanotify, flags: number, mask: number): number => {
    const events = mask & ~(FAN_EVENT_ON_CHILD | FAN_ONDIR)
    if ((events & ~EVENTS) !== 0 || (events & NEEDS_HANDLES) !== 0) return -EINVAL
    const isPermission = (events & (FAN_ALL_PERM_EVENTS | FAN_OPEN_EXEC_PERM)) !== 0
    if (isPermission && !machine.config.FANOTIFY_ACCESS_PERMISSIONS) return -EINVAL
    if (isPermission && (group.flags & FAN_ALL_CLASS_BITS) === FAN_CLASS_NOTIF) return -EINVAL
    if ((flags & FAN_MARK_IGNORE) !== 0 && (flags & FAN_MARK_IGNORED_MASK) !== 0) return -EINVAL
    return (flags & FAN_MARK_FLUSH) === 0 && events === 0 && (mask & FAN_ONDIR) === 0 ? -EINVAL : 0
  }

  const fanotify_mark = (fd: number, flags: number, mask: number, dfd: number, pathname: unknown): number => {
    if ((flags & ~MARK_FLAGS) !== 0) return -EINVAL
    const objType = OBJ_TYPES.get(flags & (FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM))
    if (objType === undefined) return -EINVAL
    const action = flags & (FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH)
    if (action === 0 || (action & (action - 1)) !== 0) return -EINVAL
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (fileState(file).f_op !== fanotify_fops) return -EINVAL
    const group = groupOf(file)
    const rc = checkMark(group, flags, mask)
    if (rc !== 0) return rc
    if (!capable(lsm, current, CAP_SYS_ADMIN) && objType !== 0) return -EPERM
    if (action === FAN_MARK_FLUSH) {
      flush(group, objType)
      return 0
    }
    const path = findPath(dfd, pathname, flags, mask, objType)
    if (typeof path === 'number') return path
    const target = objType === 0 ? path.dentry.d_inode! : objType === 1 ? path.mnt : path.mnt.mnt_sb
    return setMark(group, target, objType === 0 ? mask : mask & ~FAN_EVENT_ON_CHILD, flags)
  }

  return { fanotify_init, fanotify_mark }
}
