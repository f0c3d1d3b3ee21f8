/** The subsystem: its three calls, and what it does when a task ends or gets a new program. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { IoUringParams } from '../../state/uring/entries.ts'
import { cancelOf } from './cancel.ts'
import { io_uring_enter } from './enter.ts'
import { attempt } from './issue.ts'
import { io_uring_register } from './register.ts'
import { uringFileOperations } from './ring-file.ts'
import { setup } from './setup.ts'
import { setUringTable, UringTable, uringTableIfAny } from './table.ts'
import { endWorkers } from './workers.ts'

/** The task's requests and workers end, and it has no registered rings any more (`io_uring_task_cancel`). */
const leave = (machine: Machine, table: UringTable, task: Task): void => {
  const own = table.known(task)
  if (own === null) return
  for (const ring of own.rings) {
    cancelOf(machine, ring, (request) => request.task === task)
    ring.submitted.delete(task)
  }
  endWorkers(machine, own)
  for (const file of own.registered) if (file !== null) machine.vfs.fput(file)
  table.forget(task)
}

/** The machine gets its first ring. */
const setUp = (machine: Machine): void => {
  const table = new UringTable(machine, uringFileOperations(machine), (request) => attempt(machine, request))
  setUringTable(machine, table)
  machine.onExiting.push((task) => leave(machine, table, task))
  machine.onExec.push((task) => leave(machine, table, task))
  machine.onCallEnded.push((task) => {
    for (const ring of table.known(task)?.rings ?? []) ring.submitted.delete(task)
  })
}

const io_uring_setup = (machine: Machine, entries: number, p: IoUringParams | null): number => {
  if (uringTableIfAny(machine) === null) setUp(machine)
  return setup(machine, entries, p)
}

export const ioUringSyscalls = { io_uring_setup, io_uring_enter, io_uring_register }
