/** inotify: a queue of what happens to watched files and directories (fs/notify/inotify). */
import {
  AT_FDCWD, EBADF, EEXIST, EINVAL, EMFILE, ENOMEM, ENOSPC, ENOTTY, EPOLLIN, EPOLLRDNORM, FIONREAD,
  IN_ALL_EVENTS, IN_CLOEXEC, IN_DELETE_SELF, IN_DONT_FOLLOW, IN_EXCL_UNLINK, IN_IGNORED, IN_ISDIR, IN_MASK_ADD,
  IN_MASK_CREATE, IN_MOVE_SELF, IN_NONBLOCK, IN_ONESHOT, IN_ONLYDIR, IN_Q_OVERFLOW, IN_UNMOUNT, MAY_READ, O_RDONLY,
} from '@lsmkit/abi'
import type { File, Inode, Path, Ref } from '@lsmkit/core'
import { give } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { ChurnMap } from '../state/churn-map.ts'
import { fasync_helper, fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { UserCounts } from '../state/task/user-counts.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { FS_EVENT_ON_CHILD } from '../state/vfs/fsnotify.ts'
import type { Mark, NotifyEvent, NotifyGroup } from '../state/vfs/fsnotify.ts'
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { encodeName } from '../state/vfs/names.ts'
import { fileState } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'

/** Bytes of `struct inotify_event` before its name; names are padded to a multiple of it. */
const EVENT_HEAD = 16
const MAX_QUEUED = 16384
const MAX_WATCHES = 65536
const MAX_INSTANCES = 128
const ALL_INOTIFY_BITS =
  IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK |
  IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR | IN_ONESHOT
const FSNOTIFY_OBJ_TYPE_INODE = 0

interface Queued {
  readonly wd: number
  readonly mask: number
  readonly cookie: number
  readonly name: string
}

const costOf = ({ name }: Queued): number => COST.event + 2 * name.length

/** A watch. Programs know it by the number `wd`. */
interface Watch extends Mark {
  readonly wd: number
}

class Inotify extends Holder implements NotifyGroup {
  readonly queue: Queued[] = []
  readonly wait = new WaitQueue()
  readonly watches = new Map<number, Watch>()
  readonly byInode = new ChurnMap<object, Watch>()
  lastWd = 0
  readonly #machine: Machine

  constructor(machine: Machine) {
    super(machine.account, 0)
    this.#machine = machine
  }

  /** An event equal to the last one is dropped. A full queue gets one overflow event. */
  put(event: Queued): void {
    const last = this.queue.at(-1)
    const isSame = last !== undefined && last.wd === event.wd && last.mask === event.mask && last.name === event.name
    if (isSame) return
    const overflows = this.queue.length >= MAX_QUEUED || !this.account.hasRoom(costOf(event))
    if (overflows && last?.mask === IN_Q_OVERFLOW) return
    const queued = overflows ? { wd: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: '' } : event
    this.force(costOf(queued))
    this.queue.push(queued)
    this.wait.wake()
  }

  /** Takes the first event out of the queue. */
  next(): Queued {
    const event = this.queue.shift()!
    this.uncharge(costOf(event))
    return event
  }

  handle({ mask, name, dir, cookie }: NotifyEvent, mark: Mark): number {
    const { wd } = mark as Watch
    // events of the watched inode itself never have IN_ISDIR
    const shown = (mask & (IN_MOVE_SELF | IN_DELETE_SELF)) !== 0 ? mask & ~IN_ISDIR : mask
    this.put({ wd, mask: shown, cookie, name: dir === null ? '' : name })
    if ((mark.mask & IN_ONESHOT) !== 0) this.drop(wd)
    return 0
  }

  freed(mark: Mark): void {
    this.drop((mark as Watch).wd)
  }

  drop(wd: number): void {
    const mark = this.watches.get(wd)
    if (mark === undefined) return
    this.watches.delete(wd)
    this.uncharge(COST.watch)
    this.byInode.delete(mark.target)
    this.#machine.fsnotify.remove(mark)
    this.put({ wd, mask: IN_IGNORED, cookie: 0, name: '' })
  }
}

const padded = (length: number): number => (length === 0 ? 0 : Math.ceil((length + 1) / EVENT_HEAD) * EVENT_HEAD)

const inotifyOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    const group = groupOf(file)
    const { queue, wait } = group
    let done = 0
    while (queue[0] !== undefined && done + sizeOf(queue[0]) <= len) done += write(buf, off + done, group.next())
    if (done > 0) return done
    if (queue.length > 0) return -EINVAL
    return machine.sleepUnlessNonblock(file, wait)
  },
  fasync: fasync_helper,
  poll: (file) => (groupOf(file).queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0),
  poll_queue: (file) => groupOf(file).wait,
  ioctl(file, cmd, arg) {
    if (cmd !== FIONREAD) return -ENOTTY
    ;(arg as Ref<number>).value = groupOf(file).queue.reduce((sum, event) => sum + sizeOf(event), 0)
    return 0
  },
  release(_inode, file) {
    const { group, uid } = fileState(file).data as { group: Inotify; uid: number }
    for (const mark of group.watches.values()) machine.fsnotify.remove(mark)
    group.release()
    machine.part(InotifyTable).instances.add(uid, -1)
  },
})

class InotifyTable {
  /** How many inotify files each user has. */
  readonly instances = new UserCounts()
  readonly fops: FileOperations

  constructor(machine: Machine) {
    this.fops = inotifyOps(machine)
  }
}

const groupOf = (file: File): Inotify => (fileState(file).data as { group: Inotify }).group

const write = (buf: GuestBytes, off: number, { wd, mask, cookie, name }: Queued): number => {
  const bytes = encodeName(name)
  const len = padded(bytes.length)
  const event = new Uint8Array(EVENT_HEAD + len)
  const view = new DataView(event.buffer)
  view.setInt32(0, wd, true)
  view.setUint32(4, mask, true)
  view.setUint32(8, cookie, true)
  view.setUint32(12, len, true)
  event.set(bytes, EVENT_HEAD)
  return give(event, buf, off)
}

const sizeOf = ({ name }: Queued): number => EVENT_HEAD + padded(encodeName(name).length)

const inotify_init1 = (machine: Machine, flags: number): number => {
  if ((flags & ~(IN_CLOEXEC | IN_NONBLOCK)) !== 0) return -EINVAL
  const { uid } = machine.current.task.cred
  const { instances, fops } = machine.part(InotifyTable)
  if (instances.of(uid) >= MAX_INSTANCES) return -EMFILE
  const data = { group: new Inotify(machine), uid }
  const cloexec = (flags & IN_CLOEXEC) !== 0
  const fd = machine.vfs.anon_inode_getfd('inotify', fops, data, O_RDONLY | (flags & IN_NONBLOCK), cloexec)
  if (fd >= 0) instances.add(uid, 1)
  return fd
}

const inotify_init = (machine: Machine): number => inotify_init1(machine, 0)

const inotifyFile = (machine: Machine, fd: number): Inotify | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  return fileState(file).f_op === machine.part(InotifyTable).fops ? groupOf(file) : -EINVAL
}

/** As `inotify_find_inode`: a watch needs the right to read. */
const find = (machine: Machine, pathname: unknown, flags: number, mask: number): Path | number => {
  const path = machine.vfs.user_path_at(AT_FDCWD, pathname, flags)
  if (typeof path === 'number') return path
  const rc = machine.vfs.inode_permission(path.mnt.mnt_idmap, path.dentry.d_inode as Inode, MAY_READ)
  return rc || machine.lsm.path_notify.ask(path, mask, FSNOTIFY_OBJ_TYPE_INODE) || path
}

const inotify_add_watch = (machine: Machine, fd: number, pathname: unknown, mask: number): number => {
  if ((mask & ~ALL_INOTIFY_BITS) !== 0 || mask === 0) return -EINVAL
  const group = inotifyFile(machine, fd)
  if (typeof group === 'number') return group
  if ((mask & IN_MASK_ADD) !== 0 && (mask & IN_MASK_CREATE) !== 0) return -EINVAL
  const follow = (mask & IN_DONT_FOLLOW) === 0 ? LOOKUP_FOLLOW : 0
  const flags = follow | ((mask & IN_ONLYDIR) !== 0 ? LOOKUP_DIRECTORY : 0)
  const path = find(machine, pathname, flags, mask & IN_ALL_EVENTS)
  if (typeof path === 'number') return path
  const inode = path.dentry.d_inode as Inode
  const wanted = (mask & (IN_ALL_EVENTS | IN_ONESHOT)) | IN_UNMOUNT | FS_EVENT_ON_CHILD
  const known = group.byInode.get(inode)
  if (known !== undefined) {
    if ((mask & IN_MASK_CREATE) !== 0) return -EEXIST
    known.mask = (mask & IN_MASK_ADD) !== 0 ? known.mask | wanted : wanted
    return known.wd
  }
  if (group.watches.size >= MAX_WATCHES) return -ENOSPC
  if (!group.charge(COST.watch)) return -ENOMEM
  const mark: Watch = { group, target: inode, mask: wanted, ignored: 0, wd: ++group.lastWd }
  machine.fsnotify.add(mark)
  group.watches.set(mark.wd, mark)
  group.byInode.set(inode, mark)
  return mark.wd
}

const inotify_rm_watch = (machine: Machine, fd: number, wd: number): number => {
  const group = inotifyFile(machine, fd)
  if (typeof group === 'number') return group
  if (!group.watches.has(wd)) return -EINVAL
  group.drop(wd)
  return 0
}

export const inotifySyscalls = { inotify_init, inotify_init1, inotify_add_watch, inotify_rm_watch }
