/** msgrcv(2): takes what fits, copies it, or waits (ipc/msg.c). */
import { E2BIG, EACCES, EFAULT, EINVAL, ENOMSG, IPC_NOWAIT, MSG_COPY, MSG_EXCEPT, MSG_NOERROR } from '@lsmkit/abi'
import type { Msgbuf } from '../interfaces/ipc.ts'
import { findMessage } from '../state/ipc/msg-queue.ts'
import type { Message, MsgQueue, SearchMode } from '../state/ipc/msg-queue.ts'
import { free_msg, load_msg } from './msg-send.ts'
import { waitFor } from './msg-wait.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { S_IRUGO, secondsNow } from './parts.ts'
import { tgidOf } from './stat.ts'
import type { Machine } from '../machine.ts'
import { obtain, ipcperms } from './checks.ts'
import { ownIpcNamespace } from './namespaces.ts'

const searchMode = (type: number, flags: number): SearchMode =>
  (flags & MSG_COPY) !== 0 ? 'number'
    : type === 0 ? 'any'
      : type < 0 ? 'less-equal'
        : (flags & MSG_EXCEPT) !== 0 ? 'not-equal' : 'equal'

/** The message that the caller was given while it slept. */
const delivered = (machine: Machine, queue: MsgQueue): Message | number | null => {
  const { current } = machine
  const receiver = queue.receivers.get(current.task)
  queue.receivers.delete(current.task)
  return receiver?.got ?? null
}

/** `copy`: what MSG_COPY fills. */
const receive = (
  machine: Machine, ns: IpcNamespace, id: number, size: number, asked: number, flags: number, copy: Message | null,
): Message | number => {
  const { current } = machine
  const queue = obtain(machine, ns.msg, id)
  if (typeof queue === 'number') return queue
  const given = delivered(machine, queue)
  if (given !== null) return given
  if (!ipcperms(machine, ns.user_ns, queue.perm, S_IRUGO)) return -EACCES
  const mode = searchMode(asked, flags)
  const type = mode === 'less-equal' ? Math.min(-asked, Number.MAX_SAFE_INTEGER) : asked
  const message = findMessage(machine.lsm, queue, current.task, type, mode)
  if (message === null) {
    if ((flags & IPC_NOWAIT) !== 0) return -ENOMSG
    return waitFor(machine, queue, type, mode, (flags & MSG_NOERROR) !== 0 ? Infinity : size)
  }
  if (size < message.m_ts && (flags & MSG_NOERROR) === 0) return -E2BIG
  if (copy !== null) return fill(copy, message)
  queue.take(message)
  queue.rtime = secondsNow(machine)
  queue.lrpid = tgidOf(current.task)
  queue.room.wake()
  return message
}

/** As `prepare_copy`: MSG_COPY leaves the message where it is, and has made its own before it looks for one. */
const prepare_copy = (machine: Machine, ns: IpcNamespace, size: number): Message | number =>
  load_msg(machine, new Uint8Array(Math.min(size, ns.msg_ctlmax)))

/** Nothing is cut, whatever MSG_NOERROR says. */
const fill = (copy: Message, { m_type, text, m_ts }: Message): Message | number => {
  if (m_ts > copy.m_ts) return -EINVAL
  copy.m_type = m_type
  copy.text = text
  return copy
}

export const msgrcv = (
  machine: Machine, id: number, msgp: Msgbuf | null, size: number, type: number, flags: number,
): number => {
  if (id < 0 || size < 0) return -EINVAL
  if ((flags & MSG_COPY) !== 0 && ((flags & MSG_EXCEPT) !== 0 || (flags & IPC_NOWAIT) === 0)) return -EINVAL
  const ns = ownIpcNamespace(machine)
  const copy = (flags & MSG_COPY) === 0 ? null : prepare_copy(machine, ns, size)
  if (typeof copy === 'number') return copy
  const message = receive(machine, ns, id, size, type, flags, copy)
  if (typeof message === 'number') {
    if (copy !== null) free_msg(machine, copy)
    return message
  }
  const length = Math.min(size, message.m_ts)
  free_msg(machine, message)
  if (msgp === null) return -EFAULT
  msgp.mtype = message.m_type
  msgp.mtext = message.text.slice(0, length)
  return length
}
