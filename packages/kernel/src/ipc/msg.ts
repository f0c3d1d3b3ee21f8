/** Message queues: msgget, msgsnd, msgrcv, msgctl (ipc/msg.c). */
import {
  CAP_SYS_RESOURCE, E2BIG, EACCES, EAGAIN, EFAULT, EINVAL, ENOMEM, ENOMSG, EPERM, ERESTARTSYS, IPC_INFO, IPC_NOWAIT,
  IPC_RMID, IPC_SET, IPC_STAT, MSG_COPY, MSG_EXCEPT, MSG_INFO, MSG_NOERROR, MSG_STAT, MSG_STAT_ANY,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KeyMap, Task } from '@lsmkit/core'
import type { Msgbuf } from '../interfaces/ipc.ts'
import { COST } from '../memory-costs.ts'
import type { Machine } from '../machine.ts'
import { WaitQueue } from '../vfs/wait.ts'
import type { IpcChecks } from './checks.ts'
import { IpcPerm } from './ids.ts'
import { findMessage, matches, Message, messageCost, MsgQueue, SEARCH_MODES } from './msg-queue.ts'
import type { Receiver, SearchMode } from './msg-queue.ts'
import type { IpcNamespace } from './namespace.ts'
import type { IpcNamespaces } from './namespaces.ts'
import { ipcStat, nrOf, tgidOf } from './stat.ts'
import type { IpcStat } from './stat.ts'

const S_IRUGO = 0o444
const S_IWUGO = 0o222

/** `struct msqid64_ds`. */
export interface MsqidDs extends IpcStat {
  msg_stime: number
  msg_rtime: number
  msg_ctime: number
  msg_cbytes: number
  msg_qnum: number
  msg_qbytes: number
  msg_lspid: number
  msg_lrpid: number
}
/** `struct msginfo`, as far as anybody fills it in. */
export interface Msginfo {
  msgpool: number
  msgmap: number
  msgmax: number
  msgmnb: number
  msgmni: number
  msgtql: number
}

const searchMode = (type: number, flags: number): SearchMode =>
  (flags & MSG_COPY) !== 0 ? 'number'
    : type === 0 ? 'any'
    : type < 0 ? 'less-equal'
    : (flags & MSG_EXCEPT) !== 0 ? 'not-equal' : 'equal'

export const msgSyscalls = (lsm: KeyMap, machine: Machine, namespaces: IpcNamespaces, checks: IpcChecks) => {
  const { current } = machine
  const { ipcperms, ipcget, obtain, obtainOwned, update, sleepOn } = checks
  const seconds = (): number => machine.now().sec

  const newque = (ns: IpcNamespace, key: number, flag: number): number => {
    const { account } = machine
    if (!account.charge(COST.msgQueue)) return -ENOMEM
    const perm = new IpcPerm(current.task, key, flag)
    const queue = new MsgQueue(account, perm, ns.msg_ctlmnb, seconds())
    let rc = lsm.msg_queue_alloc_security.ask(perm)
    if (rc === 0) {
      rc = ns.msg.add(queue, ns.msg_ctlmni)
      if (rc < 0) lsm.msg_queue_free_security.tell(perm)
    }
    if (rc < 0) queue.release()
    return rc
  }

  const msgget = (key: number, flag: number): number => {
    const ns = namespaces.own()
    return ipcget(ns.user_ns, ns.msg, key, flag, {
      getnew: () => newque(ns, key, flag),
      associate: (perm) => lsm.msg_queue_associate.ask(perm, flag),
      moreChecks: () => 0,
    })
  }

  const free = (message: Message): void => {
    lsm.msg_msg_free_security.tell(message)
    message.release()
  }

  /** As `load_msg`, with its LSM state; or -errno. */
  const newMessage = (text: Uint8Array): Message | number => {
    const { account } = machine
    if (!account.charge(messageCost(text.length))) return -ENOMEM
    const message = new Message(account, text)
    const rc = lsm.msg_msg_alloc_security.ask(message)
    if (rc === 0) return message
    message.release()
    return rc
  }

  /** As `pipelined_send`: straight to a sleeper who may have it. One who is not asleep any more gets nothing. */
  const handOver = (queue: MsgQueue, message: Message): boolean => {
    for (const [task, receiver] of queue.receivers) {
      if (!receiver.wait.isWaitedFor || !matches(message, receiver.type, receiver.mode)) continue
      const mode = SEARCH_MODES[receiver.mode]
      if (lsm.msg_queue_msgrcv.ask(queue.perm, message, task, receiver.type, mode) !== 0) continue
      const fits = message.m_ts <= receiver.maxsize
      receiver.got = fits ? message : -E2BIG
      receiver.wait.wake()
      if (!fits) continue
      queue.lrpid = tgidOf(task)
      queue.rtime = seconds()
      return true
    }
    return false
  }

  const sendTo = (ns: IpcNamespace, id: number, message: Message, flags: number): number => {
    const queue = obtain(ns.msg, id)
    if (typeof queue === 'number') return queue
    if (!ipcperms(ns.user_ns, queue.perm, S_IWUGO)) return -EACCES
    const rc = lsm.msg_queue_msgsnd.ask(queue.perm, message, flags)
    if (rc !== 0) return rc
    if (!queue.fits(message.m_ts)) {
      if ((flags & IPC_NOWAIT) !== 0) return -EAGAIN
      sleepOn(queue.perm)
      machine.sleepOn = queue.room
      return -ERESTARTSYS
    }
    queue.lspid = tgidOf(current.task)
    queue.stime = seconds()
    if (!handOver(queue, message)) queue.put(message)
    return 0
  }

  const msgsnd = (id: number, msgp: Msgbuf | null, size: number, flags: number): number => {
    const ns = namespaces.own()
    if (msgp === null) return -EFAULT
    if (size < 0 || size > ns.msg_ctlmax || id < 0 || msgp.mtype < 1) return -EINVAL
    if (msgp.mtext.length < size) return -EFAULT
    const message = newMessage(msgp.mtext.slice(0, size))
    if (typeof message === 'number') return message
    message.m_type = msgp.mtype
    const rc = sendTo(ns, id, message, flags)
    if (rc !== 0) free(message)
    return rc
  }

  /** Waits; what comes is there when the call is made again. */
  const waitFor = (queue: MsgQueue, type: number, mode: SearchMode, maxsize: number): number => {
    const receiver: Receiver = { type, mode, maxsize, wait: new WaitQueue(), got: null }
    queue.receivers.set(current.task, receiver)
    const { task } = current
    sleepOn(queue.perm, () => abandon(queue, task))
    machine.sleepOn = receiver.wait
    return -ERESTARTSYS
  }

  /** Who has slept does not come back for what it was given. */
  const abandon = (queue: MsgQueue, task: Task): void => {
    const got = queue.receivers.get(task)?.got ?? null
    queue.receivers.delete(task)
    if (got instanceof Message) free(got)
  }

  /** What the caller was given while it slept. */
  const delivered = (queue: MsgQueue): Message | number | null => {
    const receiver = queue.receivers.get(current.task)
    queue.receivers.delete(current.task)
    return receiver?.got ?? null
  }

  /** `copy`: what MSG_COPY fills. */
  const receive = (
    ns: IpcNamespace, id: number, size: number, asked: number, flags: number, copy: Message | null,
  ): Message | number => {
    const queue = obtain(ns.msg, id)
    if (typeof queue === 'number') return queue
    const given = delivered(queue)
    if (given !== null) return given
    if (!ipcperms(ns.user_ns, queue.perm, S_IRUGO)) return -EACCES
    const mode = searchMode(asked, flags)
    const type = mode === 'less-equal' ? Math.min(-asked, Number.MAX_SAFE_INTEGER) : asked
    const message = findMessage(lsm, queue, current.task, type, mode)
    if (message === null) {
      if ((flags & IPC_NOWAIT) !== 0) return -ENOMSG
      return waitFor(queue, type, mode, (flags & MSG_NOERROR) !== 0 ? Infinity : size)
    }
    if (size < message.m_ts && (flags & MSG_NOERROR) === 0) return -E2BIG
    if (copy !== null) return fill(copy, message)
    queue.take(message)
    queue.rtime = seconds()
    queue.lrpid = tgidOf(current.task)
    queue.room.wake()
    return message
  }

  /** As `prepare_copy`: MSG_COPY leaves the message where it is, and has made its own before it looks for one. */
  const prepareCopy = (ns: IpcNamespace, size: number): Message | number =>
    newMessage(new Uint8Array(Math.min(size, ns.msg_ctlmax)))
  /** Nothing is cut, whatever MSG_NOERROR says. */
  const fill = (copy: Message, { m_type, text, m_ts }: Message): Message | number => {
    if (m_ts > copy.m_ts) return -EINVAL
    copy.m_type = m_type
    copy.text = text
    return copy
  }

  const msgrcv = (id: number, msgp: Msgbuf | null, size: number, type: number, flags: number): number => {
    if (id < 0 || size < 0) return -EINVAL
    if ((flags & MSG_COPY) !== 0 && ((flags & MSG_EXCEPT) !== 0 || (flags & IPC_NOWAIT) === 0)) return -EINVAL
    const ns = namespaces.own()
    const copy = (flags & MSG_COPY) === 0 ? null : prepareCopy(ns, size)
    if (typeof copy === 'number') return copy
    const message = receive(ns, id, size, type, flags, copy)
    if (typeof message === 'number') {
      if (copy !== null) free(copy)
      return message
    }
    const length = Math.min(size, message.m_ts)
    free(message)
    if (msgp === null) return -EFAULT
    msgp.mtype = message.m_type
    msgp.mtext = message.text.slice(0, length)
    return length
  }

  const freeque = (ns: IpcNamespace, queue: MsgQueue): void => {
    ns.msg.remove(queue)
    for (const { wait } of queue.receivers.values()) wait.wake()
    queue.room.wake()
    for (const message of queue.messages) free(message)
    queue.messages = []
    machine.callRcu(() => {
      lsm.msg_queue_free_security.tell(queue.perm)
      queue.release()
    })
  }

  const msgctlDown = (ns: IpcNamespace, id: number, cmd: number, buf: MsqidDs | null): number => {
    const queue = obtainOwned(ns.user_ns, ns.msg, id)
    if (typeof queue === 'number') return queue
    let rc = lsm.msg_queue_msgctl.ask(queue.perm, cmd)
    if (rc !== 0) return rc
    if (cmd === IPC_RMID) {
      freeque(ns, queue)
      return 0
    }
    const { msg_qbytes } = buf as MsqidDs
    if (msg_qbytes > ns.msg_ctlmnb && !capable(lsm, current, CAP_SYS_RESOURCE)) return -EPERM
    rc = update(queue.perm, buf as MsqidDs)
    if (rc !== 0) return rc
    queue.qbytes = msg_qbytes
    queue.ctime = seconds()
    for (const { wait } of queue.receivers.values()) wait.wake()
    queue.room.wake()
    return 0
  }

  const msgctlStat = (ns: IpcNamespace, id: number, cmd: number, buf: MsqidDs | null): number => {
    const queue = cmd === IPC_STAT ? obtain(ns.msg, id) : (ns.msg.at(id) ?? -EINVAL)
    if (typeof queue === 'number') return queue
    if (cmd !== MSG_STAT_ANY && !ipcperms(ns.user_ns, queue.perm, S_IRUGO)) return -EACCES
    const rc = lsm.msg_queue_msgctl.ask(queue.perm, cmd)
    if (rc !== 0) return rc
    if (buf === null) return -EFAULT
    Object.assign(buf, ipcStat(current.task.cred.user_ns, queue.perm), {
      msg_stime: queue.stime, msg_rtime: queue.rtime, msg_ctime: queue.ctime, msg_cbytes: queue.cbytes,
      msg_qnum: queue.messages.length, msg_qbytes: queue.qbytes,
      msg_lspid: nrOf(machine, queue.lspid), msg_lrpid: nrOf(machine, queue.lrpid),
    })
    return cmd === IPC_STAT ? 0 : queue.perm.id
  }

  const msgctlInfo = (ns: IpcNamespace, cmd: number, buf: Msginfo | null): number => {
    const rc = lsm.msg_queue_msgctl.ask(null as never, cmd)
    if (rc !== 0) return rc
    if (buf === null) return -EFAULT
    const queues = [...ns.msg.byIndex.values()]
    Object.assign(buf, {
      msgmni: ns.msg_ctlmni, msgmax: ns.msg_ctlmax, msgmnb: ns.msg_ctlmnb,
      msgpool: cmd === MSG_INFO ? queues.length : Math.floor((ns.msg_ctlmni * ns.msg_ctlmnb) / 1024),
      msgmap: cmd === MSG_INFO ? queues.reduce((sum, { messages }) => sum + messages.length, 0) : ns.msg_ctlmnb,
      msgtql: cmd === MSG_INFO ? queues.reduce((sum, { cbytes }) => sum + cbytes, 0) : ns.msg_ctlmnb,
    })
    return Math.max(ns.msg.maxIndex, 0)
  }

  const msgctl = (id: number, cmd: number, buf: object | null): number => {
    if (id < 0 || cmd < 0) return -EINVAL
    const ns = namespaces.own()
    switch (cmd) {
      case IPC_INFO:
      case MSG_INFO:
        return msgctlInfo(ns, cmd, buf as Msginfo | null)
      case MSG_STAT:
      case MSG_STAT_ANY:
      case IPC_STAT:
        return msgctlStat(ns, id, cmd, buf as MsqidDs | null)
      case IPC_SET:
        return buf === null ? -EFAULT : msgctlDown(ns, id, cmd, buf as MsqidDs)
      case IPC_RMID:
        return msgctlDown(ns, id, cmd, null)
      default:
        return -EINVAL
    }
  }

  return { calls: { msgget, msgsnd, msgrcv, msgctl }, freeque }
}
