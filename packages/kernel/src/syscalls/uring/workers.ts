/** Threads of the kernel's that do what would wait: at most four for each task (io_uring/io-wq.c). */
import {
  CLONE_FILES, CLONE_FS, CLONE_IO, CLONE_SIGHAND, CLONE_THREAD, CLONE_UNTRACED, CLONE_VM, ECANCELED, PF_EXITING,
  PF_IO_WORKER, PF_USER_WORKER, SIGKILL, SIGSTOP,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { threadOf } from '../../state/task/thread.ts'
import type { Request, TaskRings, Worker } from '../../state/uring/ring.ts'

/** Most workers of a task: four for each processor. */
const MAX_WORKERS = 4
/** Milliseconds after which a worker without work ends. */
const IDLE = 5000
const FLAGS = CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_IO | CLONE_VM | CLONE_UNTRACED
const bitOf = (signal: number): bigint => 1n << BigInt(signal - 1)
const BLOCKED = BigInt.asUintN(64, ~(bitOf(SIGKILL) | bitOf(SIGSTOP)))

/** As `create_io_thread`: a thread of the caller's process that never returns to a program; or -errno. */
export const create_io_thread = (machine: Machine, comm: string): Task | number => {
  const task = machine.forks.copy_process({ flags: FLAGS, exit_signal: 0 }, false)
  if (typeof task === 'number') return task
  task.flags |= PF_IO_WORKER | PF_USER_WORKER
  task.comm = comm
  threadOf(task).blocked = BLOCKED
  return task
}

export const isAlive = (task: Task): boolean => (task.flags & PF_EXITING) === 0

const idle = (machine: Machine, own: TaskRings, worker: Worker): void => {
  worker.request = null
  worker.stopIdling = machine.hrtimers.start(IDLE, () => {
    own.workers.splice(own.workers.indexOf(worker), 1)
    machine.exits.do_exit(worker.task, 0)
  })
}

const take = (worker: Worker, request: Request): Worker => {
  worker.stopIdling?.()
  worker.stopIdling = null
  worker.request = request
  request.worker = worker
  return worker
}

/** A worker for the request, which may be new; null: the request waits for one; -errno: it will not get one. */
export const workerFor = (machine: Machine, own: TaskRings, request: Request): Worker | number | null => {
  const free = own.workers.find(({ request: busy, task }) => busy === null && isAlive(task))
  if (free !== undefined) return take(free, request)
  if (own.workers.length >= MAX_WORKERS) {
    own.queue.push(request)
    return null
  }
  const task = create_io_thread(machine, `iou-wrk-${request.task.pid}`)
  // without a worker the work is given up (`io_acct_cancel_pending_work`)
  if (typeof task === 'number') return -ECANCELED
  const worker: Worker = { task, request: null, stopIdling: null }
  own.workers.push(worker)
  return take(worker, request)
}

/** The request of a worker has its answer: gives the next one that waits for a worker, or null. */
export const release = (machine: Machine, own: TaskRings, worker: Worker): Request | null => {
  const next = own.queue.shift() ?? null
  if (next === null) idle(machine, own, worker)
  else take(worker, next)
  return next
}

export const endWorkers = (machine: Machine, own: TaskRings): void => {
  own.queue.length = 0
  for (const worker of own.workers.splice(0)) {
    worker.stopIdling?.()
    machine.as(worker.task, () => machine.exits.do_exit(worker.task, 0))
  }
}
