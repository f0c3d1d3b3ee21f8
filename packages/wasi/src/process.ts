/** One running program: its task, its memory, its descriptors, its arguments, and what it has used of its limits. */
import type { Task } from '@lsmkit/core'
import { Budget } from './budget.ts'
import type { Limits } from './budget.ts'
import { Descriptors } from './descriptors.ts'
import { ProgramKilled, ProgramReplaced } from './exit.ts'
import type { Host } from './host.ts'
import type { Sys } from './kernel.ts'
import { GuestMemory } from './memory.ts'
import { Resolver } from './resolve.ts'
import { StringList } from './string-list.ts'

export interface ProcessSetup {
  readonly sys: Sys
  readonly task: Task
  readonly host: Host
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly limits: Limits
}

export class Process {
  readonly sys: Sys
  readonly task: Task
  readonly host: Host
  readonly memory = new GuestMemory()
  readonly descriptors: Descriptors
  readonly resolver: Resolver
  readonly argv: StringList
  readonly environ: StringList
  readonly budget: Budget
  /** When it began, by `host.now`. */
  readonly started: number

  constructor({ sys, task, host, argv, env, limits }: ProcessSetup) {
    this.sys = sys
    this.task = task
    this.host = host
    this.descriptors = new Descriptors(task)
    this.resolver = new Resolver(sys, task, this.memory, this.descriptors)
    this.argv = new StringList(argv)
    this.environ = new StringList(Object.entries(env).map(([name, value]) => `${name}=${value}`))
    this.budget = new Budget(limits, host)
    this.started = host.now()
  }

  /** The task has ended during a call, by a signal or with its process: nothing of the program runs any more. */
  died(): never {
    const signal = this.task.exit_code & 0x7f
    throw new ProgramKilled(signal, `signal ${signal}`)
  }

  /** An execve has succeeded. */
  executed(): never {
    throw new ProgramReplaced()
  }
}
