/** The short name of a task. */
import { TASK_COMM_LEN } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

/** The first 15 bytes of a name. */
export const truncateComm = (name: string): string => {
  const bytes = new TextEncoder().encode(name)
  if (bytes.length < TASK_COMM_LEN) return name
  return new TextDecoder().decode(bytes.subarray(0, TASK_COMM_LEN - 1)).replace(/\ufffd+$/, '')
}

/** As `__set_task_comm`, of a name of any length. */
export const set_task_comm = ({ tracing: { points: { task_rename } } }: Machine, task: Task, name: string): void => {
  const comm = truncateComm(name)
  if (task_rename.on) task_rename.hit(task, comm)
  task.comm = comm
}
