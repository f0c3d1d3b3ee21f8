/** One running program: its task, its memory, its descriptors, its arguments, and what it has used of its limits. */
import type { Task } from '@lsmkit/core'
import type { Budget } from './budget.ts'
import { Descriptors } from './descriptors.ts'
import { killed, trap } from './exit.ts'
import type { Ending } from './exit.ts'
import type { Host } from './host.ts'
import type { Sys, WasiKernel } from './kernel.ts'
import { GuestMemory } from './memory.ts'
import type { Patience } from './patience.ts'
import { Resolver } from './resolve.ts'
import { StringList } from './string-list.ts'

export interface ProcessSetup {
  readonly kernel: WasiKernel
  readonly task: Task
  readonly host: Host
  readonly budget: Budget
  readonly patience: Patience
  readonly argv: readonly string[]
  /** `NAME=value`. */
  readonly envp: readonly string[]
}

/** As the caller's; `wait` is told how many milliseconds it may take at most, where the host itself is waited for. */
type Waiter = Omit<Host, 'wait'> & { readonly wait: (most?: number) => boolean }

export class Process {
  readonly sys: Sys
  readonly task: Task
  readonly host: Waiter
  readonly budget: Budget
  readonly patience: Patience
  readonly memory = new GuestMemory()
  readonly descriptors: Descriptors
  readonly resolver: Resolver
  readonly argv: StringList
  readonly environ: StringList
  /** As `get_random_bytes`. */
  readonly random: (length: number) => Uint8Array
  /** How it has been made to end. */
  ending: Ending | null = null
  /** When it began, by `host.now`. */
  readonly started: number

  constructor({ kernel, task, host, budget, patience, argv, envp }: ProcessSetup) {
    this.sys = kernel.sys
    this.random = (length) => kernel.machine.random(length)
    this.task = task
    // who waits is looked at as who runs
    this.host = {
      ...host,
      wait: (most = Infinity) => {
        this.look()
        if (host.wait()) return true
        const pause = patience.next()
        if (pause !== 0) host.sleep(budget.capSleep(Math.min(pause, most)))
        return pause !== 0
      },
    }
    this.budget = budget
    this.patience = patience
    this.descriptors = new Descriptors(kernel.machine, task)
    this.resolver = new Resolver(kernel.sys, task, this.memory, this.descriptors)
    this.argv = new StringList(argv)
    this.environ = new StringList(envp)
    this.started = host.now()
  }

  /** Ends the program here and now; whatever it still manages to call ends it again. */
  stop(ending: Ending): never {
    this.ending ??= ending
    this.budget.lookNow()
    return trap()
  }

  /** Looks whether it may go on: it has not been stopped, and is within its limits. */
  look(): void {
    const ending = this.ending ?? this.budget.look()
    if (ending !== null) this.stop(ending)
  }

  /** The task has ended during a call, by a signal or with its process. */
  died(): never {
    const signal = this.task.exit_code & 0x7f
    return this.stop(killed(signal, `signal ${signal}`))
  }
}
