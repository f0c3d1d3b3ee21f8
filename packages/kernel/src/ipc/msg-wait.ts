/** Waiting at a queue. */
import type { Task } from '@lsmkit/core'
import { WaitQueue } from '../state/vfs/wait.ts'
import { Message } from '../state/ipc/msg-queue.ts'
import type { MsgQueue, Receiver, SearchMode } from '../state/ipc/msg-queue.ts'
import { free_msg } from './msg-send.ts'
import type { Machine } from '../machine.ts'
import { sleepOnIpc } from './checks.ts'

/** The task makes another call, so it does not take the message that it was given. */
const abandon = (machine: Machine, queue: MsgQueue, task: Task): void => {
  const got = queue.receivers.get(task)?.got ?? null
  queue.receivers.delete(task)
  if (got instanceof Message) free_msg(machine, got)
}

/** Sleeps until a message arrives. The call is made again and finds it. */
export const waitFor = (machine: Machine, queue: MsgQueue, type: number, mode: SearchMode, maxsize: number): number => {
  const { current } = machine
  const receiver: Receiver = { type, mode, maxsize, wait: new WaitQueue(), got: null }
  queue.receivers.set(current.task, receiver)
  const { task } = current
  sleepOnIpc(machine, queue.perm, () => abandon(machine, queue, task))
  return machine.sleep(receiver.wait)
}
