/** SECCOMP_RET_USER_NOTIF: a program decides calls through the file of a listener (kernel/seccomp.c). */
import {
  EBADF, EFAULT, EINPROGRESS, EINVAL, EMFILE, ENOENT, ENOMEM, ENOSYS, ENOTTY, EPOLLIN, EPOLLOUT, O_CLOEXEC,
  SECCOMP_ADDFD_FLAG_SEND, SECCOMP_ADDFD_FLAG_SETFD, SECCOMP_IOCTL_NOTIF_ADDFD, SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from '@lsmkit/abi'
import type { File, Inode, Ref, Task } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import { Listener } from '../state/seccomp/notifications.ts'
import type { Notification } from '../state/seccomp/notifications.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { SeccompNotify } from '../interfaces/seccomp.ts'
import type { Machine } from '../machine.ts'
import { fdLimit, fdTable, fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'

/** `struct seccomp_notif`; arguments are the call's own values. */
export interface SeccompNotif {
  id: number
  pid: number
  flags: number
  nr: number
  args: readonly unknown[]
}
/** `struct seccomp_notif_resp`. */
export interface SeccompNotifResp {
  readonly id: number
  readonly val?: number
  readonly error?: number
  readonly flags?: number
}
/** `struct seccomp_notif_addfd`. */
export interface SeccompNotifAddfd {
  readonly id: number
  readonly flags?: number
  readonly srcfd: number
  readonly newfd?: number
  readonly newfd_flags?: number
}

const isObject = (arg: unknown): arg is object => arg !== null && typeof arg === 'object'

/**
 * As `seccomp_do_user_notification`: the result of the call, or null to make it. The caller sleeps until the answer,
 * and then makes the call again. If it makes another call instead, a signal has interrupted the first one.
 */
const ask = (
  machine: Machine, task: Task, nr: number, args: readonly unknown[], listener: object | null,
): number | null => {
  let one = machine.notifications.byTask.get(task)
  if (one !== undefined && (one.nr !== nr || one.listener !== listener)) {
    machine.notifications.remove(one)
    one = undefined
  }
  if (one?.state === 'replied') {
    machine.notifications.remove(one)
    return one.answer
  }
  if (!(listener instanceof Listener) || !listener.isOpen) return -ENOSYS
  if (one === undefined) {
    one = machine.notifications.add(task, nr, args, listener)
    listener.queue.wake()
  }
  return machine.sleep(one.queue)
}

const firstIn = (listener: Listener, state: Notification['state']): Notification | null => {
  for (const one of listener.pending.values()) if (one.state === state) return one
  return null
}

const seccomp_notify_recv = (machine: Machine, listener: Listener, arg: unknown): number => {
  if (!isObject(arg)) return -EFAULT
  if (Object.values(arg).some((value) => value !== 0 && value !== null && value !== undefined)) return -EINVAL
  const one = firstIn(listener, 'init')
  if (one === null) return machine.sleep(listener.queue)
  one.state = 'sent'
  const { id, task, nr, args } = one
  Object.assign(arg, { id, pid: machine.tasks.pidNr(task), flags: 0, nr, args } satisfies SeccompNotif)
  return 0
}

/** The call that the listener has received and not answered yet, or -errno. */
const sentCall = (listener: Listener, id: number): Notification | number => {
  const one = listener.pending.get(id)
  if (one === undefined) return -ENOENT
  return one.state === 'sent' ? one : -EINPROGRESS
}

const seccomp_notify_send = (listener: Listener, arg: unknown): number => {
  if (!isObject(arg)) return -EFAULT
  const { id, val = 0, error = 0, flags = 0 } = arg as SeccompNotifResp
  if ((flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) return -EINVAL
  const goesOn = (flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0
  if (goesOn && (error !== 0 || val !== 0)) return -EINVAL
  const one = sentCall(listener, id)
  if (typeof one === 'number') return one
  one.reply(goesOn ? null : error !== 0 ? error : val)
  return 0
}

/** Installs a file of the caller in the table of the waiting task, which receives it (`file_receive`). */
const seccomp_handle_addfd = (
  machine: Machine, task: Task, file: File, { newfd = 0, flags = 0, newfd_flags = 0 }: SeccompNotifAddfd,
): number => {
  const rc = machine.as(task, () => machine.lsm.file_receive.ask(file))
  if (rc !== 0) return rc
  const table = fdTable(task)
  const cloexec = (newfd_flags & O_CLOEXEC) !== 0
  if ((flags & SECCOMP_ADDFD_FLAG_SETFD) === 0) {
    const fd = table.alloc(0, fdLimit(task), cloexec)
    if (fd < 0) return fd
    file.f_count++
    table.install(fd, file)
    return fd
  }
  if (newfd >= fdLimit(task)) return newfd < 0 ? -EBADF : -EMFILE
  if (!table.reserve(newfd)) return -ENOMEM
  file.f_count++
  const before = table.replace(newfd, file, cloexec)
  if (before !== null) machine.vfs.filp_close(before, table)
  return newfd
}

const seccomp_notify_addfd = (machine: Machine, listener: Listener, arg: unknown): number => {
  if (!isObject(arg)) return -EFAULT
  const request = arg as SeccompNotifAddfd
  const { id, flags = 0, srcfd, newfd = 0, newfd_flags = 0 } = request
  if ((newfd_flags & ~O_CLOEXEC) !== 0) return -EINVAL
  if ((flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) !== 0) return -EINVAL
  if (newfd !== 0 && (flags & SECCOMP_ADDFD_FLAG_SETFD) === 0) return -EINVAL
  const file = fget(machine.current.task, srcfd)
  if (file === null) return -EBADF
  const one = sentCall(listener, id)
  if (typeof one === 'number') return one
  const fd = seccomp_handle_addfd(machine, one.task, file, request)
  if (fd >= 0 && (flags & SECCOMP_ADDFD_FLAG_SEND) !== 0) one.reply(fd)
  return fd
}

const listenerOf = (file: File): Listener => fileState(file).data as Listener

const notify_ioctl = (machine: Machine, file: File, cmd: number, arg: unknown): number => {
  const listener = listenerOf(file)
  switch (cmd) {
    case SECCOMP_IOCTL_NOTIF_RECV: return seccomp_notify_recv(machine, listener, arg)
    case SECCOMP_IOCTL_NOTIF_SEND: return seccomp_notify_send(listener, arg)
    case SECCOMP_IOCTL_NOTIF_ADDFD: return seccomp_notify_addfd(machine, listener, arg)
    case SECCOMP_IOCTL_NOTIF_ID_VALID: {
      if (!isObject(arg)) return -EFAULT
      return listener.pending.get((arg as Ref<number>).value)?.state === 'sent' ? 0 : -ENOENT
    }
    case SECCOMP_IOCTL_NOTIF_SET_FLAGS: {
      const flags = isObject(arg) ? (arg as Ref<number>).value : Number(arg)
      return (flags & ~SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) !== 0 ? -EINVAL : 0
    }
    default: return -ENOTTY
  }
}

const notify_poll = (file: File): number => {
  const listener = listenerOf(file)
  return (firstIn(listener, 'init') === null ? 0 : EPOLLIN) | (firstIn(listener, 'sent') === null ? 0 : EPOLLOUT)
}

/** As `seccomp_notify_release`: calls that wait fail with -ENOSYS. */
const notify_release = (_inode: Inode, file: File): void => {
  const listener = listenerOf(file)
  listener.isOpen = false
  for (const one of listener.pending.values()) one.reply(-ENOSYS)
  listener.pending.clear()
}

export const seccompNotify = (machine: Machine): SeccompNotify => {
  machine.onExit.push((task) => {
    const one = machine.notifications.byTask.get(task)
    if (one !== undefined) machine.notifications.remove(one)
  })
  return {
    ...bound(machine, { ask }),
    fops: fileOperations({
      poll: notify_poll,
      poll_queue: (file) => listenerOf(file).queue,
      release: notify_release,
      ...bound(machine, { ioctl: notify_ioctl }),
    }),
  }
}
