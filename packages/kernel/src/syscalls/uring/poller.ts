/** The thread that submits by itself what it finds in the rings (IORING_SETUP_SQPOLL, io_uring/sqpoll.c). */
import { IORING_SETUP_R_DISABLED } from '@lsmkit/abi'
import type { Cred, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { submit } from './submit.ts'
import { create_io_thread, isAlive } from './workers.ts'
import type { Poller, Ring } from '../../state/uring/ring.ts'

/** Most requests that are taken from one of several rings in a turn. */
const CAP_ENTRIES = 8

class SqThread implements Poller {
  readonly task: Task
  readonly tgid: number
  readonly rings = new Map<Ring, Cred>()
  readonly #machine: Machine
  readonly #idle: number
  /** Since boot, in milliseconds. */
  #sleepsAt: number
  #isDue = false

  /** `idle`: milliseconds without work after which it sleeps. */
  constructor(machine: Machine, task: Task, tgid: number, idle: number) {
    this.#machine = machine
    this.task = task
    this.tgid = tgid
    this.#idle = idle
    this.#sleepsAt = machine.monotonic() + idle
  }

  get isAlive(): boolean {
    return isAlive(this.task)
  }

  get isAsleep(): boolean {
    return !this.isAlive || this.#machine.monotonic() > this.#sleepsAt
  }

  noticed(): void {
    if (this.#isDue || this.isAsleep) return
    this.#isDue = true
    this.#machine.hrtimers.start(0, () => this.run())
  }

  run(): void {
    this.#isDue = false
    if (!this.isAlive) return
    const machine = this.#machine
    machine.as(this.task, () => {
      for (let found = true; found;) {
        found = false
        for (const [ring, creds] of this.rings) if (this.#submit(ring, creds) > 0) found = true
      }
    })
    this.#sleepsAt = machine.monotonic() + this.#idle
  }

  #submit(ring: Ring, creds: Cred): number {
    if (ring.isDead || (ring.flags & IORING_SETUP_R_DISABLED) !== 0 || ring.sq.length === 0) return 0
    const machine = this.#machine
    const count = this.rings.size > 1 ? Math.min(ring.sq.length, CAP_ENTRIES) : ring.sq.length
    const old = creds === machine.current.task.cred ? null : machine.creds.override_creds(creds)
    const taken = submit(machine, ring, count)
    if (old !== null) machine.creds.revert_creds(old)
    return taken
  }
}

/** Makes a thread for the caller's rings, or -errno. */
export const startPoller = (machine: Machine, idle: number): Poller | number => {
  const { pid, tgid } = machine.current.task
  const task = create_io_thread(machine, `iou-sqp-${pid}`)
  return typeof task === 'number' ? task : new SqThread(machine, task, tgid, idle)
}

/** The ring is gone: the thread of its last ring ends. */
export const leavePoller = (machine: Machine, ring: Ring): void => {
  const { poller } = ring
  if (poller === null) return
  const creds = poller.rings.get(ring)
  if (creds !== undefined) machine.creds.put_cred(creds)
  poller.rings.delete(ring)
  if (poller.rings.size === 0 && poller.isAlive) {
    machine.as(poller.task, () => machine.exits.do_exit(poller.task, 0))
  }
}
