/** A task of a world, as C text acts through it. */
import { errnoName } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel, SysCalls } from '@lsmkit/kernel'

type Tail<F> = F extends (task: Task, ...args: infer A) => number ? (...args: A) => number : never
/** The system calls of one task, by name. */
export type Calls = { readonly [N in keyof SysCalls]: Tail<SysCalls[N]> }

export interface Actor {
  readonly kernel: Kernel
  readonly task: Task
  readonly sys: Calls
  taskOf(pid: number): Task
  /** Throws if a call that sets a row up has failed: that is a mistake of ours, not a difference. */
  readonly must: (rc: number, what: string) => number
  /** This world as another task has it. */
  as(task: Task): Actor
}

/** A world of one task. Its other tasks inherit from it, so a class of worlds has no #names. */
export abstract class TaskWorld implements Actor {
  abstract readonly kernel: Kernel
  abstract readonly task: Task
  abstract readonly sys: Calls

  as(task: Task): this {
    return this.with(task, callsOf(this.kernel, task))
  }

  /** This world as a task has it that makes these calls. */
  with(task: Task, sys: Calls): this {
    return Object.create(this, { task: { value: task }, sys: { value: sys } }) as this
  }

  taskOf(pid: number): Task {
    return this.kernel.machine.tasks.find(pid)!
  }

  /** A child of the task. */
  child(): this {
    return this.as(this.taskOf(this.must(this.sys.fork(), 'fork')))
  }

  readonly must = (rc: number, what: string): number => {
    if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
    return rc
  }
}

/** The calls of a task; `around` makes each. Bound when named: a row has many tasks, and each makes a few calls. */
export const callsOf = (
  { sys }: Kernel, task: Task, around: (call: () => number) => number = (call) => call(),
): Calls =>
  new Proxy(sys, {
    get(all, name) {
      const call = all[name as keyof SysCalls] as ((...all: unknown[]) => number) | undefined
      return call === undefined ? undefined : (...args: unknown[]) => around(() => call(task, ...args))
    },
  }) as unknown as Calls
