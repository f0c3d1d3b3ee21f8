/** A box as its shell has it: `@lsmkit/sandbox/inside` has the same, and this package does not know it. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { FetchForTask, RunProgram, WhenThere } from './processes.ts'
import type { ShOptions } from './line.ts'
import type { ShellOptions } from './shell-options.ts'

export type ThreadEnd = { readonly kind: 'memory' } | { readonly kind: 'error'; readonly error: Error }

export interface WorkThread {
  send(message: unknown): void
  receive(take: (message: unknown) => void): void
  onEnd(tell: (why: ThreadEnd) => void): void
  hold(isHeld: boolean): void
  end(): void
}

export type StartThread = (url: URL, data: unknown, transfer: readonly object[]) => WorkThread

/** The options that cross threads: no functions. */
export type BoxShellOptions = Omit<ShellOptions, 'fetch' | 'runProgram'>

/** The parts of a box that a shell needs, as `@lsmkit/sandbox/inside` has them. */
export interface BoxInside {
  readonly kernel: Kernel
  readonly limits: { readonly memory: number }
  readonly startThread: StartThread | null
  /** `user`, `label`, `role`, `executes`, `run`. */
  task(choice?: object): Task
  end(task: Task, status?: number): void
  readonly runProgram: RunProgram
  readonly whenThere: WhenThere
  /** Requests of HTTP for a task; null where there are none. */
  readonly fetch: FetchForTask | null
}

/** The options of `box.sh` beside the command. */
export interface BoxShOptions extends ShOptions {
  readonly user?: string | number
  /** Of the shell, and of commands that have none of their own. */
  readonly label?: string
  /** A role of the box's policy. */
  readonly role?: string
  /** The number that the box gives the run. */
  readonly run?: number
  /** Called when the line begins to run, which is when it has a thread. */
  readonly onStart?: () => void
}
