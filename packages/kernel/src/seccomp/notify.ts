/** Who decides a call for a filter that answers SECCOMP_RET_USER_NOTIF: a listener's file (kernel/seccomp.c). */
import {
  EBADF, EFAULT, EINPROGRESS, EINVAL, EMFILE, ENOENT, ENOMEM, ENOSYS, ENOTTY, EPOLLIN, EPOLLOUT, ERESTARTSYS, O_CLOEXEC,
  SECCOMP_ADDFD_FLAG_SEND, SECCOMP_ADDFD_FLAG_SETFD, SECCOMP_IOCTL_NOTIF_ADDFD, SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from '@lsmkit/abi'
import type { File, Ref, Task } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { SeccompNotify } from '../interfaces/seccomp.ts'
import type { Machine } from '../machine.ts'
import { fdLimit, fdTable, fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'

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

/** One call that waits. */
class Notification {
  readonly id: number
  readonly task: Task
  readonly nr: number
  readonly args: readonly unknown[]
  readonly listener: Listener
  /** Nobody has seen it; somebody has; somebody has answered. */
  state: 'init' | 'sent' | 'replied' = 'init'
  /** Null goes on with the call. */
  answer: number | null = -ENOSYS
  readonly queue = new WaitQueue()

  constructor(id: number, task: Task, nr: number, args: readonly unknown[], listener: Listener) {
    this.id = id
    this.task = task
    this.nr = nr
    this.args = args
    this.listener = listener
  }

  reply(answer: number | null): void {
    this.answer = answer
    this.state = 'replied'
    this.queue.wake()
  }
}

export class Listener {
  isOpen = true
  readonly pending = new Map<number, Notification>()
  readonly queue = new WaitQueue()
}

const isObject = (arg: unknown): arg is object => arg !== null && typeof arg === 'object'

export const seccompNotify = (machine: Machine): SeccompNotify => {
  const waiting = new WeakMap<Task, Notification>()
  let lastId = 0

  const forget = (one: Notification): void => {
    waiting.delete(one.task)
    one.listener.pending.delete(one.id)
  }
  machine.onExit.push((task) => {
    const one = waiting.get(task)
    if (one !== undefined) forget(one)
  })

  /**
   * As `seccomp_do_user_notification`: the answer, or null to go on. The caller sleeps meanwhile, and makes the call
   * again when it is woken; another call than the one that waits means that a signal came between.
   */
  const ask = (task: Task, nr: number, args: readonly unknown[], listener: object | null): number | null => {
    let one = waiting.get(task)
    if (one !== undefined && (one.nr !== nr || one.listener !== listener)) {
      forget(one)
      one = undefined
    }
    if (one?.state === 'replied') {
      forget(one)
      return one.answer
    }
    if (!(listener instanceof Listener) || !listener.isOpen) return -ENOSYS
    if (one === undefined) {
      one = new Notification(++lastId, task, nr, args, listener)
      waiting.set(task, one)
      listener.pending.set(one.id, one)
      listener.queue.wake()
    }
    machine.sleepOn = one.queue
    return -ERESTARTSYS
  }

  const inState = (listener: Listener, state: Notification['state']): Notification | null => {
    for (const one of listener.pending.values()) if (one.state === state) return one
    return null
  }

  const recv = (listener: Listener, arg: unknown): number => {
    if (!isObject(arg)) return -EFAULT
    if (Object.values(arg).some((value) => value !== 0 && value !== null && value !== undefined)) return -EINVAL
    const one = inState(listener, 'init')
    if (one === null) {
      machine.sleepOn = listener.queue
      return -ERESTARTSYS
    }
    one.state = 'sent'
    const { id, task, nr, args } = one
    Object.assign(arg, { id, pid: machine.tasks.pidNr(task), flags: 0, nr, args } satisfies SeccompNotif)
    return 0
  }

  /** A call that was handed out and not answered. */
  const sent = (listener: Listener, id: number): Notification | number => {
    const one = listener.pending.get(id)
    if (one === undefined) return -ENOENT
    return one.state === 'sent' ? one : -EINPROGRESS
  }

  const send = (listener: Listener, arg: unknown): number => {
    if (!isObject(arg)) return -EFAULT
    const { id, val = 0, error = 0, flags = 0 } = arg as SeccompNotifResp
    if ((flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) return -EINVAL
    const goesOn = (flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0
    if (goesOn && (error !== 0 || val !== 0)) return -EINVAL
    const one = sent(listener, id)
    if (typeof one === 'number') return one
    one.reply(goesOn ? null : error !== 0 ? error : val)
    return 0
  }

  /** Puts a file of the caller's into the table of the task that waits, as if that had received it. */
  const receive = (task: Task, file: File, { newfd = 0, flags = 0, newfd_flags = 0 }: SeccompNotifAddfd): number => {
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

  const addfd = (listener: Listener, arg: unknown): number => {
    if (!isObject(arg)) return -EFAULT
    const request = arg as SeccompNotifAddfd
    const { id, flags = 0, srcfd, newfd = 0, newfd_flags = 0 } = request
    if ((newfd_flags & ~O_CLOEXEC) !== 0) return -EINVAL
    if ((flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) !== 0) return -EINVAL
    if (newfd !== 0 && (flags & SECCOMP_ADDFD_FLAG_SETFD) === 0) return -EINVAL
    const file = fget(machine.current.task, srcfd)
    if (file === null) return -EBADF
    const one = sent(listener, id)
    if (typeof one === 'number') return one
    const fd = receive(one.task, file, request)
    if (fd >= 0 && (flags & SECCOMP_ADDFD_FLAG_SEND) !== 0) one.reply(fd)
    return fd
  }

  const listenerOf = (file: File): Listener => fileState(file).data as Listener
  const fops = fileOperations({
    poll: (file) => {
      const listener = listenerOf(file)
      return (inState(listener, 'init') === null ? 0 : EPOLLIN) | (inState(listener, 'sent') === null ? 0 : EPOLLOUT)
    },
    poll_queue: (file) => listenerOf(file).queue,
    ioctl(file, cmd, arg) {
      const listener = listenerOf(file)
      switch (cmd) {
        case SECCOMP_IOCTL_NOTIF_RECV: return recv(listener, arg)
        case SECCOMP_IOCTL_NOTIF_SEND: return send(listener, arg)
        case SECCOMP_IOCTL_NOTIF_ADDFD: return addfd(listener, arg)
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
    },
    /** Nobody decides any more: calls that wait answer -ENOSYS. */
    release(_inode, file) {
      const listener = listenerOf(file)
      listener.isOpen = false
      for (const one of listener.pending.values()) one.reply(-ENOSYS)
      listener.pending.clear()
    },
  })

  return { ask, fops }
}
