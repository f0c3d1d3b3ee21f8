/** msgsnd(2): queues a message, or gives it to a task that waits for it (ipc/msg.c). */
import { E2BIG, EACCES, EAGAIN, EFAULT, EINVAL, ENOMEM, IPC_NOWAIT } from '@lsmkit/abi'
import type { Msgbuf } from '../interfaces/ipc.ts'
import { copyIn } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { Message, SEARCH_MODES, matches, messageCost } from '../state/ipc/msg-queue.ts'
import type { MsgQueue } from '../state/ipc/msg-queue.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { S_IWUGO, secondsNow } from './parts.ts'
import { tgidOf } from './stat.ts'
import type { Machine } from '../machine.ts'
import { obtain, ipcperms, sleepOnIpc } from './checks.ts'
import { ownIpcNamespace } from './namespaces.ts'

/** As `load_msg`, with its LSM state; or -errno. */
export const load_msg = (machine: Machine, text: Uint8Array): Message | number => {
  const { account } = machine
  if (!account.charge(messageCost(text.length))) return -ENOMEM
  const message = new Message(account, text)
  const rc = machine.lsm.msg_msg_alloc_security.ask(message)
  if (rc === 0) return message
  message.release()
  return rc
}

export const free_msg = (machine: Machine, message: Message): void => {
  machine.lsm.msg_msg_free_security.tell(message)
  message.release()
}

/** As `pipelined_send`: gives the message to a task that sleeps and may have it. */
const pipelined_send = (machine: Machine, queue: MsgQueue, message: Message): boolean => {
  for (const [task, receiver] of queue.receivers) {
    if (!receiver.wait.isWaitedFor || !matches(message, receiver.type, receiver.mode)) continue
    const mode = SEARCH_MODES[receiver.mode]
    if (machine.lsm.msg_queue_msgrcv.ask(queue.perm, message, task, receiver.type, mode) !== 0) continue
    const fits = message.m_ts <= receiver.maxsize
    receiver.got = fits ? message : -E2BIG
    receiver.wait.wake()
    if (!fits) continue
    queue.lrpid = tgidOf(task)
    queue.rtime = secondsNow(machine)
    return true
  }
  return false
}

const sendTo = (machine: Machine, ns: IpcNamespace, id: number, message: Message, flags: number): number => {
  const queue = obtain(machine, ns.msg, id)
  if (typeof queue === 'number') return queue
  if (!ipcperms(machine, ns.user_ns, queue.perm, S_IWUGO)) return -EACCES
  const rc = machine.lsm.msg_queue_msgsnd.ask(queue.perm, message, flags)
  if (rc !== 0) return rc
  if (!queue.fits(message.m_ts)) {
    if ((flags & IPC_NOWAIT) !== 0) return -EAGAIN
    sleepOnIpc(machine, queue.perm)
    return machine.sleep(queue.room)
  }
  queue.lspid = tgidOf(machine.current.task)
  queue.stime = secondsNow(machine)
  if (!pipelined_send(machine, queue, message)) queue.put(message)
  return 0
}

export const msgsnd = (machine: Machine, id: number, msgp: Msgbuf | null, size: number, flags: number): number => {
  const ns = ownIpcNamespace(machine)
  if (msgp === null) return -EFAULT
  const { mtype, mtext }: { mtype: number; mtext: GuestBytes } = msgp
  if (size < 0 || size > ns.msg_ctlmax || id < 0 || mtype < 1) return -EINVAL
  if (mtext.length < size) return -EFAULT
  const message = load_msg(machine, copyIn(mtext, 0, size))
  if (typeof message === 'number') return message
  message.m_type = mtype
  const rc = sendTo(machine, ns, id, message, flags)
  if (rc !== 0) free_msg(machine, message)
  return rc
}
