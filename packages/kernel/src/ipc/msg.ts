/** Message queues (ipc/msg.c): made, removed, and the table of their calls. */
import { ENOMEM } from '@lsmkit/abi'
import { COST } from '../state/memory-costs.ts'
import { IpcPerm } from '../state/ipc/ids.ts'
import { MsgQueue } from '../state/ipc/msg-queue.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { secondsNow } from './parts.ts'
import type { Machine } from '../machine.ts'
import { ownIpcNamespace } from './namespaces.ts'
import { ipcget } from './checks.ts'

const newque = (machine: Machine, ns: IpcNamespace, key: number, flag: number): number => {
  const { lsm } = machine
  const { account } = machine
  if (!account.charge(COST.msgQueue)) return -ENOMEM
  const perm = new IpcPerm(machine.current.task, key, flag)
  const queue = new MsgQueue(account, perm, ns.msg_ctlmnb, secondsNow(machine))
  let rc = lsm.msg_queue_alloc_security.ask(perm)
  if (rc === 0) {
    rc = ns.msg.add(queue, ns.msg_ctlmni)
    if (rc < 0) lsm.msg_queue_free_security.tell(perm)
  }
  if (rc < 0) queue.release()
  return rc
}

export const msgget = (machine: Machine, key: number, flag: number): number => {
  const ns = ownIpcNamespace(machine)
  return ipcget(machine, ns.user_ns, ns.msg, key, flag, {
    getnew: () => newque(machine, ns, key, flag),
    associate: (perm) => machine.lsm.msg_queue_associate.ask(perm, flag),
    moreChecks: () => 0,
  })
}
