/** One message queue: its messages, and the tasks that wait for it (struct msg_queue of ipc/msg.c). */
import type { AnyKeyMap, MsgMsg, Security, Task } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { Pid } from '../task/pid.ts'
import { WaitQueue } from '../vfs/wait.ts'
import type { IpcPerm } from './ids.ts'

/** Bytes of the host's heap. */
export const messageCost = (size: number): number => COST.message + size

export class Message extends Holder implements MsgMsg {
  security: Security | null = null
  m_type = 0
  text: Uint8Array
  /** `account` has been charged with what `messageCost` says. */
  constructor(account: MemoryAccount, text: Uint8Array) {
    super(account, messageCost(text.length))
    this.text = text
  }

  get m_ts(): number {
    return this.text.length
  }
}

/** How msgrcv's type picks a message. */
export type SearchMode = 'any' | 'equal' | 'not-equal' | 'less-equal' | 'number'
/** SEARCH_* as LSMs see it. */
export const SEARCH_MODES: Readonly<Record<SearchMode, number>> = {
  any: 1, equal: 2, 'not-equal': 3, 'less-equal': 4, number: 5,
}

/** A caller of msgrcv that sleeps. */
export interface Receiver {
  readonly type: number
  readonly mode: SearchMode
  readonly maxsize: number
  readonly wait: WaitQueue
  /** The message that was handed over, or -E2BIG; null while the task waits. */
  got: Message | number | null
}

export class MsgQueue extends Holder {
  readonly perm: IpcPerm
  stime = 0
  rtime = 0
  ctime: number
  qbytes: number
  cbytes = 0
  lspid: Pid | null = null
  lrpid: Pid | null = null
  messages: Message[] = []
  readonly receivers = new Map<Task, Receiver>()
  /** Callers of msgsnd that wait for room. */
  readonly room = new WaitQueue()

  /** `account` has been charged for a queue. */
  constructor(account: MemoryAccount, perm: IpcPerm, qbytes: number, ctime: number) {
    super(account, COST.msgQueue)
    this.perm = perm
    this.qbytes = qbytes
    this.ctime = ctime
  }

  fits(size: number): boolean {
    return this.cbytes + size <= this.qbytes && 1 + this.messages.length <= this.qbytes
  }

  put(message: Message): void {
    this.messages.push(message)
    this.cbytes += message.m_ts
  }

  take(message: Message): void {
    this.messages.splice(this.messages.indexOf(message), 1)
    this.cbytes -= message.m_ts
  }
}

/** As `testmsg`. */
export const matches = ({ m_type }: Message, type: number, mode: SearchMode): boolean => {
  switch (mode) {
    case 'less-equal':
      return m_type <= type
    case 'equal':
      return m_type === type
    case 'not-equal':
      return m_type !== type
    default:
      return true
  }
}

/** As `find_msg`: the message the caller gets, of those the LSMs let it have. */
export const findMessage = (
  lsm: AnyKeyMap, { perm, messages }: MsgQueue, task: Task, asked: number, mode: SearchMode,
): Message | null => {
  let found: Message | null = null
  let type = asked
  let count = 0
  for (const message of messages) {
    if (!matches(message, type, mode)) continue
    if (lsm.msg_queue_msgrcv.ask(perm, message, task, type, SEARCH_MODES[mode]) !== 0) continue
    if (mode === 'less-equal' && message.m_type !== 1) {
      type = message.m_type - 1
      found = message
    } else if (mode !== 'number' || count++ === asked) return message
  }
  return found
}
