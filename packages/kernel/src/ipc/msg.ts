/** Message queues (ipc/msg.c): made, removed, and the table of their calls. */
import { ENOMEM } from '@lsmkit/abi'
import { bound } from '../state/bound.ts'
import { COST } from '../state/memory-costs.ts'
import { IpcPerm } from '../state/ipc/ids.ts'
import { MsgQueue } from '../state/ipc/msg-queue.ts'
import { msgrcv } from './msg-receive.ts'
import { msgsnd } from './msg-send.ts'
import { msgctl } from './msgctl.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { secondsNow } from './parts.ts'
import type { IpcParts } from './parts.ts'

const newque = (ipc: IpcParts, ns: IpcNamespace, key: number, flag: number): number => {
  const { lsm } = ipc.machine
  const { account } = ipc.machine
  if (!account.charge(COST.msgQueue)) return -ENOMEM
  const perm = new IpcPerm(ipc.machine.current.task, key, flag)
  const queue = new MsgQueue(account, perm, ns.msg_ctlmnb, secondsNow(ipc))
  let rc = lsm.msg_queue_alloc_security.ask(perm)
  if (rc === 0) {
    rc = ns.msg.add(queue, ns.msg_ctlmni)
    if (rc < 0) lsm.msg_queue_free_security.tell(perm)
  }
  if (rc < 0) queue.release()
  return rc
}

const msgget = (ipc: IpcParts, key: number, flag: number): number => {
  const ns = ipc.namespaces.own()
  return ipc.checks.ipcget(ns.user_ns, ns.msg, key, flag, {
    getnew: () => newque(ipc, ns, key, flag),
    associate: (perm) => ipc.machine.lsm.msg_queue_associate.ask(perm, flag),
    moreChecks: () => 0,
  })
}

export const msgSyscalls = (ipc: IpcParts) => bound(ipc, { msgget, msgsnd, msgrcv, msgctl })
