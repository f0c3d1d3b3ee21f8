/** A ring as its program sees it in its own memory: it puts requests in and takes answers out. */
import { IORING_OFF_CQ_RING, IORING_OFF_SQES, IORING_OFF_SQ_RING, PAGE_SIZE, VM_WRITE } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { find_vma } from '../../state/mm/address-space.ts'
import type { IoUringCqe, IoUringSqe } from '../../state/uring/entries.ts'
import { ringOf } from './ring-of-fd.ts'
import type { Ring } from '../../state/uring/ring.ts'

export class UserRing {
  readonly #ring: Ring

  constructor(ring: Ring) {
    this.#ring = ring
  }

  /** Puts a request in; false: the queue is full. A thread that polls the ring sees it by itself. */
  push(sqe: IoUringSqe): boolean {
    const ring = this.#ring
    if (ring.sq.length >= ring.sq_entries) return false
    ring.sq.push(sqe)
    ring.poller?.noticed()
    return true
  }

  /** Takes the oldest answer out; null: there is none. */
  shift(): IoUringCqe | null {
    return this.#ring.cq.shift() ?? null
  }

  /** IORING_SQ_*. */
  get sq_flags(): number {
    return this.#ring.sq_flags
  }

  /** Answers that are there. */
  get length(): number {
    return this.#ring.cq.length
  }
}

/** The ring whose part at `offset` is mapped, to be written, at an address of the task. */
const mappedRing = (machine: Machine, task: Task, address: number, offsets: readonly number[]): Ring | null => {
  const vma = task.mm === null ? null : find_vma(task.mm, address)
  if (vma === null || vma.vm_start !== address || vma.vm_file === null) return null
  if ((vma.vm_flags & VM_WRITE) === 0 || !offsets.includes(vma.vm_pgoff * PAGE_SIZE)) return null
  return ringOf(machine, vma.vm_file)
}

/**
 * The view that a program has of a ring that it has mapped: `ring` is the address of the queues (offset
 * IORING_OFF_SQ_RING or IORING_OFF_CQ_RING), `sqes` that of the requests (IORING_OFF_SQES). Null unless both are
 * writable mappings of one ring in the memory of `task`.
 */
export const userRing = (machine: Machine, task: Task, ring: number, sqes: number): UserRing | null => {
  const queues = mappedRing(machine, task, ring, [IORING_OFF_SQ_RING, IORING_OFF_CQ_RING])
  const requests = mappedRing(machine, task, sqes, [IORING_OFF_SQES])
  return queues !== null && queues === requests ? new UserRing(queues) : null
}
