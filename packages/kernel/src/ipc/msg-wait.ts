/** Waiting at a queue. */
import { ERESTARTSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { WaitQueue } from '../state/vfs/wait.ts'
import { Message } from '../state/ipc/msg-queue.ts'
import type { MsgQueue, Receiver, SearchMode } from '../state/ipc/msg-queue.ts'
import { free_msg } from './msg-send.ts'
import type { IpcParts } from './parts.ts'

/** Who has slept does not come back for what it was given. */
const abandon = (ipc: IpcParts, queue: MsgQueue, task: Task): void => {
  const got = queue.receivers.get(task)?.got ?? null
  queue.receivers.delete(task)
  if (got instanceof Message) free_msg(ipc, got)
}

/** Waits; what comes is there when the call is made again. */
export const waitFor = (ipc: IpcParts, queue: MsgQueue, type: number, mode: SearchMode, maxsize: number): number => {
  const { current } = ipc.machine
  const receiver: Receiver = { type, mode, maxsize, wait: new WaitQueue(), got: null }
  queue.receivers.set(current.task, receiver)
  const { task } = current
  ipc.checks.sleepOn(queue.perm, () => abandon(ipc, queue, task))
  ipc.machine.sleepOn = receiver.wait
  return -ERESTARTSYS
}
