/** msgctl(2) (ipc/msg.c). */
import {
  CAP_SYS_RESOURCE, EACCES, EFAULT, EINVAL, EPERM, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, MSG_INFO, MSG_STAT,
  MSG_STAT_ANY,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { MsgQueue } from '../state/ipc/msg-queue.ts'
import { free_msg } from './msg-send.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { S_IRUGO, secondsNow } from './parts.ts'
import { ipcStat, nrOf } from './stat.ts'
import type { IpcStat } from './stat.ts'
import type { Machine } from '../machine.ts'
import { obtainOwned, updatePerm, obtain, ipcperms } from './checks.ts'
import { ownIpcNamespace } from './namespaces.ts'

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

export const freeque = (machine: Machine, ns: IpcNamespace, queue: MsgQueue): void => {
  ns.msg.remove(queue)
  for (const { wait } of queue.receivers.values()) wait.wake()
  queue.room.wake()
  for (const message of queue.messages) free_msg(machine, message)
  queue.messages = []
  machine.callRcu(() => {
    machine.lsm.msg_queue_free_security.tell(queue.perm)
    queue.release()
  })
}

const msgctlDown = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: MsqidDs | null): number => {
  const { lsm } = machine
  const queue = obtainOwned(machine, ns.user_ns, ns.msg, id)
  if (typeof queue === 'number') return queue
  let rc = lsm.msg_queue_msgctl.ask(queue.perm, cmd)
  if (rc !== 0) return rc
  if (cmd === IPC_RMID) {
    freeque(machine, ns, queue)
    return 0
  }
  const { msg_qbytes } = buf as MsqidDs
  if (msg_qbytes > ns.msg_ctlmnb && !capable(lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
  rc = updatePerm(machine, queue.perm, buf as MsqidDs)
  if (rc !== 0) return rc
  queue.qbytes = msg_qbytes
  queue.ctime = secondsNow(machine)
  for (const { wait } of queue.receivers.values()) wait.wake()
  queue.room.wake()
  return 0
}

const msgctlStat = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: MsqidDs | null): number => {
  const queue = cmd === IPC_STAT ? obtain(machine, ns.msg, id) : (ns.msg.at(id) ?? -EINVAL)
  if (typeof queue === 'number') return queue
  if (cmd !== MSG_STAT_ANY && !ipcperms(machine, ns.user_ns, queue.perm, S_IRUGO)) return -EACCES
  const rc = machine.lsm.msg_queue_msgctl.ask(queue.perm, cmd)
  if (rc !== 0) return rc
  if (buf === null) return -EFAULT
  Object.assign(buf, ipcStat(machine.current.task.cred.user_ns, queue.perm), {
    msg_stime: queue.stime, msg_rtime: queue.rtime, msg_ctime: queue.ctime, msg_cbytes: queue.cbytes,
    msg_qnum: queue.messages.length, msg_qbytes: queue.qbytes,
    msg_lspid: nrOf(machine, queue.lspid), msg_lrpid: nrOf(machine, queue.lrpid),
  })
  return cmd === IPC_STAT ? 0 : queue.perm.id
}

const msgctlInfo = (machine: Machine, ns: IpcNamespace, cmd: number, buf: Msginfo | null): number => {
  const rc = machine.lsm.msg_queue_msgctl.ask(null as never, cmd)
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

export const msgctl = (machine: Machine, id: number, cmd: number, buf: object | null): number => {
  if (id < 0 || cmd < 0) return -EINVAL
  const ns = ownIpcNamespace(machine)
  switch (cmd) {
    case IPC_INFO:
    case MSG_INFO:
      return msgctlInfo(machine, ns, cmd, buf as Msginfo | null)
    case MSG_STAT:
    case MSG_STAT_ANY:
    case IPC_STAT:
      return msgctlStat(machine, ns, id, cmd, buf as MsqidDs | null)
    case IPC_SET:
      return buf === null ? -EFAULT : msgctlDown(machine, ns, id, cmd, buf as MsqidDs)
    case IPC_RMID:
      return msgctlDown(machine, ns, id, cmd, null)
    default:
      return -EINVAL
  }
}
