/** kcmp(2): whether two processes share a thing (kernel/kcmp.c). */
import { EBADF, EFAULT, EINVAL, ENOENT, EPERM, ESRCH, PTRACE_MODE_READ_REALCREDS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { EventPoll } from '../vfs/epoll.ts'
import { fget_task } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { threadOf } from '../state/task/thread.ts'

/** `struct kcmp_epoll_slot`: of those the instance watches by a number, the `toff`th. */
export interface KcmpEpollSlot {
  readonly efd: number
  readonly tfd: number
  readonly toff: number
}

const KCMP_EPOLL_TFD = 7

/** KCMP_*: file, address space, descriptor table, fs, handlers, I/O context, semaphore undo. */
const KCMP: readonly ((task: Task, idx: number) => object | null)[] = [
  fget_task,
  (task) => task.mm,
  (task) => task.files,
  (task) => task.fs,
  (task) => threadOf(task).sighand,
  () => null,
  () => null,
]

/** Gives each compared object a number. Any order will do, as long as it stays the same. */
class KcmpOrder {
  readonly #numbers = new WeakMap<object, number>()
  #last = 0

  #numberOf(thing: object | null): number {
    if (thing === null) return 0
    const number = this.#numbers.get(thing) ?? ++this.#last
    this.#numbers.set(thing, number)
    return number
  }

  compare(a: object | null, b: object | null): number {
    if (a === b) return 0
    return this.#numberOf(a) < this.#numberOf(b) ? 1 : 2
  }
}

/** Compares an open file of one process with a file that an epoll instance of the other watches. */
const compareWatched = (order: KcmpOrder, one: Task, two: Task, idx1: number, slot: KcmpEpollSlot | null): number => {
  if (slot === null || typeof slot !== 'object') return -EFAULT
  const file = fget_task(one, idx1)
  const epoll = fget_task(two, slot.efd)
  if (file === null || epoll === null) return -EBADF
  const { data } = fileState(epoll)
  if (!(data instanceof EventPoll)) return -EINVAL
  const watched = [...data.items].filter(({ fd }) => fd === slot.tfd)[slot.toff]
  return watched === undefined ? -ENOENT : order.compare(file, watched.file)
}

/** Compares two things of two processes: 0 the same, 1 and 2 different. `idx2`: a slot for KCMP_EPOLL_TFD. */
export const kcmp = (
  machine: Machine, pid1: number, pid2: number, type: number, idx1: number, idx2: number | KcmpEpollSlot | null,
): number => {
  const { tasks, ptrace } = machine
  const order = machine.part(KcmpOrder)
  const one = tasks.findByVpid(pid1)
  const two = tasks.findByVpid(pid2)
  if (one === null || two === null) return -ESRCH
  if (!ptrace.may_access(one, PTRACE_MODE_READ_REALCREDS)) return -EPERM
  if (!ptrace.may_access(two, PTRACE_MODE_READ_REALCREDS)) return -EPERM
  if (type === KCMP_EPOLL_TFD) return compareWatched(order, one, two, idx1, idx2 as KcmpEpollSlot | null)
  const pick = KCMP[type]
  if (pick === undefined) return -EINVAL
  const a = pick(one, idx1)
  const b = pick(two, idx2 as number)
  if (type === 0 && (a === null || b === null)) return -EBADF
  return order.compare(a, b)
}
