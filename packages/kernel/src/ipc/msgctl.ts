/** msgctl(2) (ipc/msg.c). */
import {
  CAP_SYS_RESOURCE, EFAULT, EINVAL, EPERM, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, MSG_INFO, MSG_STAT,
  MSG_STAT_ANY,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { MsgQueue } from '../state/ipc/msg-queue.ts'
import { free_msg } from './msg-send.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { secondsNow } from './parts.ts'
import { nrOf } from './stat.ts'
import type { IpcStat } from './stat.ts'
import type { Machine } from '../machine.ts'
import { updatePerm } from './checks.ts'
import { obtainToChange, readInfo, readStat } from './ctl.ts'
import type { IpcKind } from './ctl.ts'
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

/** `struct msginfo`; fields that the kernel leaves 0 are left out. */
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

const kind: IpcKind<MsgQueue> = {
  ids: ({ msg }) => msg,
  ask: (lsm, perm, cmd) => lsm.msg_queue_msgctl.ask(perm, cmd),
  statAny: MSG_STAT_ANY,
}

const msgctlDown = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: MsqidDs | null): number => {
  const queue = obtainToChange(machine, kind, ns, id, cmd)
  if (typeof queue === 'number') return queue
  if (cmd === IPC_RMID) {
    freeque(machine, ns, queue)
    return 0
  }
  const { msg_qbytes } = buf as MsqidDs
  if (msg_qbytes > ns.msg_ctlmnb && !capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
  const rc = updatePerm(machine, queue.perm, buf as MsqidDs)
  if (rc !== 0) return rc
  queue.qbytes = msg_qbytes
  queue.ctime = secondsNow(machine)
  for (const { wait } of queue.receivers.values()) wait.wake()
  queue.room.wake()
  return 0
}

const statOf = (machine: Machine, queue: MsgQueue): Omit<MsqidDs, keyof IpcStat> => ({
  msg_stime: queue.stime, msg_rtime: queue.rtime, msg_ctime: queue.ctime, msg_cbytes: queue.cbytes,
  msg_qnum: queue.messages.length, msg_qbytes: queue.qbytes,
  msg_lspid: nrOf(machine, queue.lspid), msg_lrpid: nrOf(machine, queue.lrpid),
})

/** MSG_INFO gives what is in use where IPC_INFO gives limits. */
const infoOf = ({ msg, msg_ctlmni, msg_ctlmax, msg_ctlmnb }: IpcNamespace, cmd: number): Msginfo => {
  const limits = { msgmni: msg_ctlmni, msgmax: msg_ctlmax, msgmnb: msg_ctlmnb }
  if (cmd !== MSG_INFO) {
    const msgpool = Math.floor((msg_ctlmni * msg_ctlmnb) / 1024)
    return { ...limits, msgpool, msgmap: msg_ctlmnb, msgtql: msg_ctlmnb }
  }
  const queues = [...msg.byIndex.values()]
  return {
    ...limits,
    msgpool: queues.length,
    msgmap: queues.reduce((sum, { messages }) => sum + messages.length, 0),
    msgtql: queues.reduce((sum, { cbytes }) => sum + cbytes, 0),
  }
}

export const msgctl = (machine: Machine, id: number, cmd: number, buf: object | null): number => {
  if (id < 0 || cmd < 0) return -EINVAL
  const ns = ownIpcNamespace(machine)
  switch (cmd) {
    case IPC_INFO:
    case MSG_INFO:
      return readInfo(machine, kind, ns, cmd, buf, () => infoOf(ns, cmd))
    case MSG_STAT:
    case MSG_STAT_ANY:
    case IPC_STAT:
      return readStat(machine, kind, ns, id, cmd, buf, (queue) => statOf(machine, queue))
    case IPC_SET:
      return buf === null ? -EFAULT : msgctlDown(machine, ns, id, cmd, buf as MsqidDs)
    case IPC_RMID:
      return msgctlDown(machine, ns, id, cmd, null)
    default:
      return -EINVAL
  }
}
