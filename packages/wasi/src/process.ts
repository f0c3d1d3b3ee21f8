/** One running program: its task, its memory, its descriptors, its arguments, and what it has used of its limits. */
import type { Task } from '@lsmkit/core'
import type { Budget } from './budget.ts'
import { Descriptors } from './descriptors.ts'
import { PROGRAM_REPLACED, ProgramKilled } from './exit.ts'
import type { Host } from './host.ts'
import type { Sys, WasiKernel } from './kernel.ts'
import { GuestMemory } from './memory.ts'
import { Resolver } from './resolve.ts'
import { StringList } from './string-list.ts'

export interface ProcessSetup {
  readonly kernel: WasiKernel
  readonly task: Task
  readonly host: Host
  readonly budget: Budget
  readonly argv: readonly string[]
  /** `NAME=value`. */
  readonly envp: readonly string[]
}

export class Process {
  readonly sys: Sys
  readonly task: Task
  readonly host: Host
  readonly budget: Budget
  readonly memory = new GuestMemory()
  readonly descriptors: Descriptors
  readonly resolver: Resolver
  readonly argv: StringList
  readonly environ: StringList
  /** As `get_random_bytes`. */
  readonly random: (length: number) => Uint8Array
  /** When it began, by `host.now`. */
  readonly started: number

  constructor({ kernel, task, host, budget, argv, envp }: ProcessSetup) {
    this.sys = kernel.sys
    this.random = kernel.machine.random
    this.task = task
    this.host = host
    this.budget = budget
    this.descriptors = new Descriptors(task)
    this.resolver = new Resolver(kernel.sys, task, this.memory, this.descriptors)
    this.argv = new StringList(argv)
    this.environ = new StringList(envp)
    this.started = host.now()
  }

  /** The task has ended during a call, by a signal or with its process: nothing of the program runs any more. */
  died(): never {
    const signal = this.task.exit_code & 0x7f
    throw new ProgramKilled(signal, `signal ${signal}`)
  }

  /** An execve has succeeded. */
  executed(): never {
    // eslint-disable-next-line no-throw-literal -- there is nothing to tell but that it happened
    throw PROGRAM_REPLACED
  }
}
