/** mq_open and its kin (ipc/mqueue.c). */
import {
  EACCES, EAGAIN, EBADF, EBUSY, EEXIST, EFAULT, EINVAL, EMSGSIZE, ENOENT, ENOMEM, ENOTSOCK, EROFS, ETIMEDOUT,
  FMODE_READ, FMODE_WRITE, MAY_EXEC, MAY_READ, MAY_WRITE, MQ_PRIO_MAX, O_ACCMODE, O_CREAT, O_EXCL, O_NONBLOCK,
  S_IALLUGO, S_IFREG, SI_MESGQ, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, File, Inode, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { copyIn, copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'
import { validSignal } from '../state/task/sigset.ts'
import type { Sigevent } from '../state/task/sigset.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { mntIsReadonly } from '../state/vfs/mount.ts'
import { getname } from '../state/vfs/names.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'
import { MqMessage, Mqueue, NOTIFY_WOKENUP } from '../state/ipc/mqueue-inode.ts'
import type { MqAttr } from '../state/ipc/mqueue-inode.ts'
import { messageCost } from '../state/ipc/msg-queue.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { createQueue, isQueue } from './mqueue-fs.ts'
import { ownIpcNamespace } from './namespaces.ts'

const NOTIFY_COOKIE_LEN = 32

/** As `lookup_one_len` in the root of the namespace's file system. */
const lookup = (machine: Machine, ns: IpcNamespace, name: string): Dentry | number => {
  if (name === '' || name === '.' || name === '..' || name.includes('/')) return -EACCES
  const root = ns.mq_mnt!.mnt_root
  const rc = machine.rules.mqueueSearches
    ? machine.vfs.inode_permission(nop_mnt_idmap, root.d_inode!, MAY_EXEC) : 0
  return rc !== 0 ? rc : machine.vfs.lookup_one_qstr_excl(name, root, 0)
}

/** As `vfs_mkobj`. */
const make = (machine: Machine, dentry: Dentry, mode: number, attr: MqAttr | null): number => {
  const dir = dentry.d_parent!.d_inode!
  const rc = machine.vfs.may_create(nop_mnt_idmap, dir, dentry)
  if (rc !== 0) return rc
  const allowed = (mode & ~machine.current.task.fs!.umask & S_IALLUGO) | S_IFREG
  return machine.lsm.inode_create.ask(dir, dentry, allowed) || createQueue(
    machine, dir, dentry, allowed & S_IALLUGO, attr,
  )
}

/** As `prepare_open`. */
const prepare = (
  machine: Machine, dentry: Dentry, oflag: number, readonly: boolean, mode: number, attr: MqAttr | null,
): number => {
  if (dentry.d_inode === null) {
    if ((oflag & O_CREAT) === 0) return -ENOENT
    return readonly ? -EROFS : make(machine, dentry, mode, attr)
  }
  if ((oflag & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return -EEXIST
  if ((oflag & O_ACCMODE) === O_ACCMODE) return -EINVAL
  const access = [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE][oflag & O_ACCMODE]!
  return machine.vfs.inode_permission(nop_mnt_idmap, dentry.d_inode, access)
}

const openQueue = (
  machine: Machine, name: unknown, oflag: number, mode: number, attr: MqAttr | null,
): File | number => {
  const text = getname(name)
  if (typeof text === 'number') return text
  const ns = ownIpcNamespace(machine)
  const dentry = lookup(machine, ns, text)
  if (typeof dentry === 'number') return dentry
  const rc = prepare(machine, dentry, oflag, mntIsReadonly(ns.mq_mnt!), mode, attr)
  if (rc !== 0) return rc
  return machine.vfs.dentry_open({ mnt: ns.mq_mnt!, dentry }, oflag, machine.current.task.cred)
}

/** Names have no slash in front: the C library has taken it away. The descriptor is closed by exec. */
export const mq_open = (machine: Machine, name: unknown, oflag: number, mode: number, attr: MqAttr | null): number =>
  machine.vfs.installNew(() => openQueue(machine, name, oflag, mode, attr), true)

export const mq_unlink = (machine: Machine, name: unknown): number => {
  const text = getname(name)
  if (typeof text === 'number') return text
  const ns = ownIpcNamespace(machine)
  if (mntIsReadonly(ns.mq_mnt!)) return -EROFS
  const dentry = lookup(machine, ns, text)
  if (typeof dentry === 'number') return dentry
  const inode = dentry.d_inode
  if (inode === null) return -ENOENT
  machine.vfs.ihold(inode)
  const rc = machine.vfs.vfs_unlink(nop_mnt_idmap, dentry.d_parent!.d_inode as Inode, dentry)
  machine.vfs.iput(inode)
  return rc
}

const queueFile = (machine: Machine, fd: number, mode: number): File | number => {
  const file = fget(machine.current.task, fd)
  if (file === null || !isQueue(machine, file.f_inode) || (file.f_mode & mode) !== mode) return -EBADF
  return file
}

/** Full or empty: EAGAIN, or sleep until the absolute time given. */
const waitOn = (machine: Machine, file: File, wait: WaitQueue, call: string, timeout: Timespec | null): number => {
  if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN
  const ms = timeout === null ? Infinity : Math.max(msOf(timeout) - machine.realtime(), 0)
  return machine.deadlines.sleep(call, wait, ms, -ETIMEDOUT)
}

/**
 * Notifies the task that asked, once, of the first message in an empty queue. A message for a sleeper does not count.
 */
const notify = (machine: Machine, queue: Mqueue): void => {
  const asked = queue.notify
  if (asked === null || queue.messages.length !== 1) return
  queue.notify = null
  asked.tell?.(NOTIFY_WOKENUP)
  if (asked.signo === 0) return
  const info = { ...machine.signals.userSiginfo(asked.signo), si_code: SI_MESGQ }
  machine.signals.send(asked.signo, info, asked.task, 'process')
}

const free = (machine: Machine, message: MqMessage): void => {
  machine.lsm.msg_msg_free_security.tell(message)
  message.release()
}

export const mq_timedsend = (
  machine: Machine, fd: number, text: GuestBytes | null, len: number, priority: number, timeout: Timespec | null,
): number => {
  if (priority < 0 || priority >= MQ_PRIO_MAX || (timeout !== null && !isTimespec(timeout))) return -EINVAL
  const file = queueFile(machine, fd, FMODE_WRITE)
  if (typeof file === 'number') return file
  const queue = Mqueue.of(file.f_inode)
  if (len > queue.msgsize || len < 0) return -EMSGSIZE
  if (text === null || text.length < len) return -EFAULT
  const { account } = machine
  if (!account.charge(messageCost(len))) return -ENOMEM
  const message = new MqMessage(account, copyIn(text, 0, len), priority)
  let rc = machine.lsm.msg_msg_alloc_security.ask(message)
  if (rc !== 0) {
    message.release()
    return rc
  }
  if (queue.messages.length >= queue.maxmsg) {
    rc = waitOn(machine, file, queue.wait, 'mq_timedsend', timeout)
    free(machine, message)
    return rc
  }
  machine.deadlines.forget()
  const isAwaited = queue.receivers.isWaitedFor
  queue.put(message)
  if (!isAwaited) notify(machine, queue)
  return 0
}

export const mq_timedreceive = (
  machine: Machine, fd: number, buf: GuestBytes | null, len: number, priority: Ref<number> | null,
  timeout: Timespec | null,
): number => {
  if (timeout !== null && !isTimespec(timeout)) return -EINVAL
  const file = queueFile(machine, fd, FMODE_READ)
  if (typeof file === 'number') return file
  const queue = Mqueue.of(file.f_inode)
  // a size_t
  if (len >= 0 && len < queue.msgsize) return -EMSGSIZE
  const message = queue.take()
  if (message === null) return waitOn(machine, file, queue.receivers, 'mq_timedreceive', timeout)
  machine.deadlines.forget()
  free(machine, message)
  if (buf === null || buf.length < message.m_ts) return -EFAULT
  copyOut(message.text, buf)
  if (priority !== null) priority.value = message.m_type
  return message.m_ts
}

/**
 * SIGEV_THREAD: the function that sends a message to the netlink socket `fd`; called with null it sends nothing. Or
 * -errno.
 */
const toThread = (machine: Machine, fd: number, cookie: unknown): ((data: Uint8Array | null) => void) | number => {
  if (!isGuestBytes(cookie) || cookie.length < NOTIFY_COOKIE_LEN) return -EFAULT
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const socket = machine.net.sock_from_file(file)
  return socket === null ? -ENOTSOCK : machine.net.attachNetlink(socket)
}

const register = (
  machine: Machine, fd: number, { sigev_notify: how, sigev_signo = 0, sigev_value }: Sigevent,
): number => {
  if (how !== SIGEV_NONE && how !== SIGEV_SIGNAL && how !== SIGEV_THREAD) return -EINVAL
  if (how === SIGEV_SIGNAL && !validSignal(sigev_signo)) return -EINVAL
  const send = how === SIGEV_THREAD ? toThread(machine, sigev_signo, sigev_value) : null
  if (typeof send === 'number') return send
  const file = queueFile(machine, fd, 0)
  const rc = typeof file === 'number' ? file : Mqueue.of(file.f_inode).notify !== null ? -EBUSY : 0
  if (rc !== 0) {
    send?.(null)
    return rc
  }
  const cookie = send === null ? new Uint8Array() : copyIn(sigev_value as GuestBytes, 0, NOTIFY_COOKIE_LEN)
  const tell = send === null ? null : (what: number): void => {
    cookie[NOTIFY_COOKIE_LEN - 1] = what
    send(cookie)
  }
  const signo = how === SIGEV_SIGNAL ? sigev_signo : 0
  Mqueue.of((file as File).f_inode).notify = { task: machine.current.task, how, signo, tell }
  return 0
}

export const mq_notify = (machine: Machine, fd: number, event: Sigevent | null): number => {
  if (event !== null) return register(machine, fd, event)
  const file = queueFile(machine, fd, 0)
  if (typeof file === 'number') return file
  Mqueue.of(file.f_inode).forgetNotify(machine.current.task)
  return 0
}

/** O_NONBLOCK alone can be changed. */
export const mq_getsetattr = (
  machine: Machine, fd: number, next: MqAttr | null, old: Partial<MqAttr> | null,
): number => {
  if (next !== null && (next.mq_flags & ~O_NONBLOCK) !== 0) return -EINVAL
  const file = queueFile(machine, fd, 0)
  if (typeof file === 'number') return file
  const { maxmsg, msgsize, messages } = Mqueue.of(file.f_inode)
  if (old !== null)
    Object.assign(old, {
      mq_flags: file.f_flags & O_NONBLOCK, mq_maxmsg: maxmsg, mq_msgsize: msgsize, mq_curmsgs: messages.length,
    })
  if (next !== null) file.f_flags = (file.f_flags & ~O_NONBLOCK) | (next.mq_flags & O_NONBLOCK)
  return 0
}
