/** The file system POSIX message queues live on: one for each ipc namespace (ipc/mqueue.c). */
import {
  CAP_SYS_RESOURCE, EACCES, EINVAL, EMFILE, ENAMETOOLONG, ENOMEM, ENOSPC, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM,
  FS_USERNS_MOUNT, MNT_INTERNAL, RLIMIT_MSGQUEUE, S_IFDIR, S_IFREG, S_ISVTX,
} from '@lsmkit/abi'
import { capable, nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import { give } from '../state/guest-bytes.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import { fileOperations, inodeOperations, superOperations } from '../state/vfs/driver.ts'
import { offsetAdd, offsetRemove, tmpfsDirs } from '../fs/tmpfs/dir.ts'
import { TmpfsNode } from '../fs/tmpfs/node.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { isTooLong } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'
import { Mqueue } from '../state/ipc/mqueue-inode.ts'
import type { MqAttr } from '../state/ipc/mqueue-inode.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { ipcNamespaceOf, ownIpcNamespace } from './namespaces.ts'

const MQUEUE_MAGIC = 0x19800202
const HARD_MSGMAX = 65536
const HARD_MSGSIZEMAX = 16 * 1024 * 1024
const DEFAULT_MSGS = 10
const DEFAULT_MSGSIZE = 8192
const FILENT_SIZE = 80
const DIRENT_SIZE = 20
/** What each message costs beside its text. */
const MESSAGE_COST = 48

const encoder = new TextEncoder()

export const queueFileOps = (machine: Machine) => fileOperations({
  read(file, buf, off, len, pos) {
    const { bytes, notify } = Mqueue.of(file.f_inode)
    const pid = notify === null ? 0 : machine.tasks.tgidNr(notify.task)
    const field = (value: number, width: number): string => String(value).padEnd(width)
    const text = encoder.encode(
      `QSIZE:${field(bytes, 10)} NOTIFY:${field(notify?.how ?? 0, 5)} SIGNO:${field(notify?.signo ?? 0, 5)} ` +
        `NOTIFY_PID:${field(pid, 6)}\n`,
    )
    const part = text.subarray(pos, pos + len)
    return give(part, buf, off)
  },
  poll(file) {
    const queue = Mqueue.of(file.f_inode)
    return (
      (queue.messages.length > 0 ? EPOLLIN | EPOLLRDNORM : 0) |
      (queue.messages.length < queue.maxmsg ? EPOLLOUT | EPOLLWRNORM : 0)
    )
  },
  poll_queue: (file) => Mqueue.of(file.f_inode).wait,
  flush(file) {
    Mqueue.of(file.f_inode).forgetNotify(machine.current.task)
    return 0
  },
})

const queueInode = inodeOperations({})

/** As `mqueue_get_inode` for a queue, within the limits of the namespace and the user. */
const newQueue = (
  machine: Machine, sb: SuperBlock, ns: IpcNamespace, mode: number, attr: MqAttr | null,
): Inode | number => {
  const { vfs } = machine
  const { task } = machine.current
  const maxmsg = attr?.mq_maxmsg ?? Math.min(ns.mq_msg_max, DEFAULT_MSGS)
  const msgsize = attr?.mq_msgsize ?? Math.min(ns.mq_msgsize_max, DEFAULT_MSGSIZE)
  const queue = new Mqueue(maxmsg, msgsize, task.cred.uid)
  const inode = vfs.new_inode(sb, mode | S_IFREG, queueInode, machine.ipcTable.queue_fops, queue)
  if (inode === null) return -ENOSPC
  vfs.inode_init_owner(nop_mnt_idmap, inode, null, mode | S_IFREG)
  inode.i_size = FILENT_SIZE
  const refuse = (rc: number): number => {
    queue.cost = -1
    vfs.evictIfUnused(inode)
    return rc
  }
  if (!inodeState(inode).charge(COST.mqueue)) return refuse(-ENOMEM)
  if (maxmsg <= 0 || msgsize <= 0) return refuse(-EINVAL)
  const isPrivileged = capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)
  const [most, largest] = isPrivileged ? [HARD_MSGMAX, HARD_MSGSIZEMAX] : [ns.mq_msg_max, ns.mq_msgsize_max]
  if (maxmsg > most || msgsize > largest) return refuse(-EINVAL)
  const cost = maxmsg * (MESSAGE_COST + msgsize)
  const used = machine.ipcTable.mqueueBytes.get(task.cred.uid) ?? 0
  if (used + cost > rlimit(task, RLIMIT_MSGQUEUE)) return refuse(-EMFILE)
  machine.ipcTable.mqueueBytes.set(task.cred.uid, used + cost)
  queue.cost = cost
  ns.mq_queues_count++
  queue.onGone = () => ns.mq_queues_count--
  return inode
}

/** As `mqueue_create_attr`; asked by mq_open, and by open(2) with O_CREAT without attributes. */
export const createQueue = (
  machine: Machine, dir: Inode, dentry: Dentry, mode: number, attr: MqAttr | null,
): number => {
  const ns = inodeState(dir).fs instanceof RootNode ? (inodeState(dir).fs as RootNode).ns : null
  if (ns === null) return -EACCES
  if (ns.mq_queues_count >= ns.mq_queues_max && !capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -ENOSPC
  const inode = newQueue(machine, dir.i_sb, ns, mode, attr)
  if (typeof inode === 'number') return inode
  offsetAdd(dir, dentry)
  dir.i_size += DIRENT_SIZE
  machine.vfs.touchModified(dir)
  machine.vfs.d_instantiate(dentry, inode)
  return 0
}

export const queueDirOps = (machine: Machine) => inodeOperations({
  lookup(_dir, dentry) {
    if (isTooLong(dentry.d_name.name)) return -ENAMETOOLONG
    machine.vfs.d_add(dentry, null)
    return 0
  },
  create: (_idmap, dir, dentry, mode) => createQueue(machine, dir, dentry, mode, null),
  unlink(dir, dentry) {
    offsetRemove(dir, dentry)
    dir.i_size -= DIRENT_SIZE
    machine.vfs.touchModified(dir)
    dentry.d_inode!.i_nlink--
    return 0
  },
})

export const mqueueSuperOps = (machine: Machine) => superOperations({
  evict_inode(inode) {
    const queue = inodeState(inode).fs
    if (!(queue instanceof Mqueue) || queue.cost < 0) return
    for (const message of queue.messages) {
      machine.lsm.msg_msg_free_security.tell(message)
      message.release()
    }
    const left = (machine.ipcTable.mqueueBytes.get(queue.uid) ?? 0) - queue.cost
    if (left === 0) machine.ipcTable.mqueueBytes.delete(queue.uid)
    else machine.ipcTable.mqueueBytes.set(queue.uid, left)
    queue.onGone()
  },
})

const fill = (machine: Machine, sb: SuperBlock, ns: IpcNamespace): Inode | number => {
  const now = machine.now()
  sb.s_magic = MQUEUE_MAGIC
  const mode = S_IFDIR | S_ISVTX | 0o777
  const root = machine.vfs.new_inode(
    sb, mode, machine.ipcTable.queueDir, tmpfsDirs, new RootNode(ns, now.sec, now.nsec),
  )
  if (root === null) return -ENOSPC
  root.i_nlink = 2
  return root
}

export const mqueueType = (machine: Machine): FileSystem => ({
  name: 'mqueue',
  fs_flags: FS_USERNS_MOUNT,
  parse_param: null,
  reconfigure: null,
  /** Mounting it shows the queues of the caller's namespace; a new one has its own made before its maker is in it. */
  get_tree(fc) {
    const ns = (fc.fs_private as IpcNamespace | null) ?? ownIpcNamespace(machine)
    if (ns.mq_mnt !== null) return machine.vfs.share_super(fc, ns.mq_mnt.mnt_sb)
    return machine.vfs.get_tree_nodev(fc, machine.ipcTable.mqueueSuper, [], null, (sb) => fill(machine, sb, ns))
  },
})

/** As `mq_init_ns`. */
export const mountFor = (machine: Machine, plain: PlainNamespace): number => {
  const { vfs } = machine
  const ns = ipcNamespaceOf(machine, plain)
  const fc = vfs.fs_context_for_mount(machine.ipcTable.mqueueType, 0)
  fc.fs_private = ns
  const rc = vfs.vfs_get_tree(fc)
  if (rc === 0) {
    ns.mq_mnt = vfs.alloc_mount(fc.root!, MNT_INTERNAL, 'mqueue')
    // the namespace holds it as long as it lives
    vfs.mntget(ns.mq_mnt)
  }
  vfs.put_fs_context(fc)
  return rc
}

/** As `mq_clear_sbinfo` and `mq_put_mnt`: where it is mounted still, no queue is made any more. */
export const unmountFor = (machine: Machine, { mq_mnt }: IpcNamespace): void => {
  if (mq_mnt === null) return
  ;(inodeState(mq_mnt.mnt_root.d_inode!).fs as RootNode).ns = null
  machine.vfs.mntput(mq_mnt)
}

export const isQueue = (
  machine: Machine, inode: Inode,
): boolean => inodeState(inode).i_fop === machine.ipcTable.queue_fops

/** The root directory; names are kept as tmpfs keeps them. */
class RootNode extends TmpfsNode {
  /** Null when it has ended. */
  ns: IpcNamespace | null
  constructor(ns: IpcNamespace, sec: number, nsec: number) {
    super(null, sec, nsec)
    this.ns = ns
  }
}
