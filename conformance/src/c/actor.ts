/** A task of a world, as C text acts through it. */
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
  /** The setting up of a row has failed: not a difference, but a mistake here. */
  readonly must: (rc: number, what: string) => number
  /** This world as another task has it. */
  as(task: Task): Actor
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
