/** One POSIX message queue: messages by priority, and the task to notify of the next one (struct mqueue_inode_info). */
import type { Inode, Task } from '@lsmkit/core'
import type { MemoryAccount } from '../host-memory.ts'
import { inodeState } from '../vfs/state.ts'
import { WaitQueue } from '../vfs/wait.ts'
import { Message } from './msg-queue.ts'

/** `struct mq_attr`. */
export interface MqAttr {
  mq_flags: number
  mq_maxmsg: number
  mq_msgsize: number
  mq_curmsgs: number
}

/** `m_type` is the priority. */
export class MqMessage extends Message {
  constructor(account: MemoryAccount, text: Uint8Array, priority: number) {
    super(account, text)
    this.m_type = priority
  }
}

export interface MqNotify {
  readonly task: Task
  /** SIGEV_*. */
  readonly how: number
  /** The signal; 0 sends none, which is valid. */
  readonly signo: number
  /** Of SIGEV_THREAD: takes what has become of it to a netlink socket, once. */
  readonly tell: ((what: number) => void) | null
}
/** The last byte of a SIGEV_THREAD's cookie. */
export const NOTIFY_WOKENUP = 1
const NOTIFY_REMOVED = 2

export class Mqueue {
  readonly messages: MqMessage[] = []
  readonly maxmsg: number
  readonly msgsize: number
  /** The user that pays for it, and the bytes; -1 until it is charged. */
  readonly uid: number
  cost = -1
  notify: MqNotify | null = null
  /** The namespace has room for another one. */
  onGone: () => void = () => {}
  /** Tasks that poll, or wait for room. */
  readonly wait = new WaitQueue()
  /** Tasks that sleep in mq_timedreceive. */
  readonly receivers = new WaitQueue()

  constructor(maxmsg: number, msgsize: number, uid: number) {
    this.maxmsg = maxmsg
    this.msgsize = msgsize
    this.uid = uid
  }

  static of(inode: Inode): Mqueue {
    return inodeState(inode).fs as Mqueue
  }

  get bytes(): number {
    return this.messages.reduce((sum, { m_ts }) => sum + m_ts, 0)
  }

  /** Behind all of its priority. */
  put(message: MqMessage): void {
    const at = this.messages.findIndex(({ m_type }) => m_type < message.m_type)
    if (at < 0) this.messages.push(message)
    else this.messages.splice(at, 0, message)
    this.receivers.wake()
    this.wait.wake()
  }

  take(): MqMessage | null {
    const message = this.messages.shift() ?? null
    if (message !== null) this.wait.wake()
    return message
  }

  forgetNotify(task: Task): void {
    if (this.notify?.task.signal !== task.signal) return
    this.notify.tell?.(NOTIFY_REMOVED)
    this.notify = null
  }
}
