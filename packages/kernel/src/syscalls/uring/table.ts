/** The rings of one machine: which task has which workers, and the requests that can go on. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { TaskRings } from '../../state/uring/ring.ts'
import type { Request, Ring } from '../../state/uring/ring.ts'

export class UringTable {
  readonly #machine: Machine
  /** The operations of ring files. */
  readonly fops: FileOperations
  readonly #attempt: (request: Request) => void
  readonly #tasks = new Map<Task, TaskRings>()
  /** Requests whose event has come. */
  readonly #ready: Request[] = []

  constructor(machine: Machine, fops: FileOperations, attempt: (request: Request) => void) {
    this.#machine = machine
    this.fops = fops
    this.#attempt = attempt
  }

  of(task: Task): TaskRings {
    let own = this.#tasks.get(task)
    if (own === undefined) this.#tasks.set(task, (own = new TaskRings()))
    return own
  }

  known(task: Task): TaskRings | null {
    return this.#tasks.get(task) ?? null
  }

  forget(task: Task): void {
    this.#tasks.delete(task)
  }

  /** The ring is gone: no task has to do with it any more. */
  drop(ring: Ring): void {
    for (const { rings } of this.#tasks.values()) rings.delete(ring)
  }

  /** The request can be tried: at the end of the submission or the call, or when somebody waits for answers. */
  goOn(request: Request): void {
    const machine = this.#machine
    this.#ready.push(request)
    if (this.#ready.length > 1) return
    machine.callRcu(() => this.runReady())
    if (machine.depth === 0) machine.runRcu()
  }

  runReady(): void {
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      if (!next.isDone) this.#attempt(next)
    }
  }
}

const tables = new WeakMap<Machine, UringTable>()

/** Of a machine that has had a ring. */
export const uringTable = (machine: Machine): UringTable => tables.get(machine)!

/** Null before the first ring of the machine. */
export const uringTableIfAny = (machine: Machine): UringTable | null => tables.get(machine) ?? null

export const setUringTable = (machine: Machine, table: UringTable): void => void tables.set(machine, table)
