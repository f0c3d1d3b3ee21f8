/** One running program: its task, its memory, its descriptors, its arguments, and what it has used of its limits. */
import { PF_EXITING } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '@lsmkit/kernel'
import type { Budget } from './budget.ts'
import type { GivenImports } from './given-imports.ts'
import { Descriptors } from './descriptors.ts'
import { killed, trap } from './exit.ts'
import type { Ending } from './exit.ts'
import type { Host, WaitingHost } from './host.ts'
import type { Sys, WasiKernel } from './kernel.ts'
import { GuestMemory } from './memory.ts'
import type { Patience } from './patience.ts'
import type { Posix } from './posix/posix.ts'
import { Resolver } from './resolve.ts'
import type { Exchange } from './served.ts'
import { StringList } from './string-list.ts'
import type { PreviewCall } from './trace.ts'
import { turnsOfProgram } from './waiting/turns.ts'
import { waitsHere } from './waiting/waits.ts'
import type { Waits, WaitsOf } from './waiting/waits.ts'

export interface ProcessSetup {
  readonly kernel: WasiKernel
  readonly task: Task
  readonly host: Host
  readonly budget: Budget
  readonly patience: Patience
  readonly waitsOf: WaitsOf
  readonly posix: Posix | null
  readonly onCall: ((call: PreviewCall) => void) | null
  /** A request that it has to answer. */
  readonly exchange: Exchange | null
  /** Imports of a component that the embedder gives. */
  readonly imports: GivenImports
  readonly argv: readonly string[]
  /** `NAME=value`. */
  readonly envp: readonly string[]
}

/** A message of the host's in a program's name, on its standard error. */
export const complain = (sys: Sys, task: Task, text: string): void => {
  let rest = new TextEncoder().encode(text)
  while (rest.length > 0) {
    const rc = sys.write(task, 2, rest)
    if (rc <= 0) return
    rest = rest.subarray(rc)
  }
}

export class Process {
  readonly sys: Sys
  readonly machine: Machine
  readonly task: Task
  readonly host: WaitingHost
  readonly budget: Budget
  readonly patience: Patience
  readonly posix: Posix | null
  readonly onCall: ((call: PreviewCall) => void) | null
  readonly exchange: Exchange | null
  readonly imports: GivenImports
  /** How its calls wait. */
  waits: Waits
  /** Whether the host goes on while a call of it waits. */
  maySuspend: boolean
  /** Whether the host goes on while its tasks wait, though no call of it is suspended. */
  isDriven = false
  /** Whether the host's event loop should have its turn before it goes on. */
  readonly isTurnDue = turnsOfProgram()
  readonly memory = new GuestMemory()
  readonly descriptors: Descriptors
  readonly resolver: Resolver
  readonly argv: StringList
  readonly environ: StringList
  /** As `get_random_bytes`. */
  readonly random: (length: number) => Uint8Array
  /** Called wherever the process checks whether it may go on. */
  onLook: (() => void) | null = null
  /** Runs some of it for JavaScript that holds a thing of it, within its limits. A reactor sets it. */
  enter: (step: () => unknown) => void = (step) => void step()
  /** How it has been made to end. */
  ending: Ending | null = null
  /** When it began, by `host.now`. */
  readonly started: number

  readonly #setup: ProcessSetup

  constructor(setup: ProcessSetup) {
    const { kernel, task, host, budget, patience, waitsOf, posix, onCall, exchange, imports, argv, envp } = setup
    this.#setup = setup
    this.sys = kernel.sys
    this.machine = kernel.machine
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
    this.posix = posix
    this.onCall = onCall
    this.exchange = exchange
    this.imports = imports
    this.waits = waitsOf(this)
    this.maySuspend = waitsOf !== waitsHere
  }

  /** The same program, as another of its threads sees it; the memory is to be attached. */
  threadOf(task: Task): Process {
    const thread = new Process({ ...this.#setup, task })
    thread.descriptors.inherit(this.descriptors)
    return thread
  }

  /** From now on, and before it has any imports, its calls never give up the thread. */
  keepThread(): void {
    this.waits = waitsHere(this)
    this.maySuspend = false
  }

  /** Ends the program here and now; any call it still manages to make ends it again. */
  stop(ending: Ending): never {
    this.ending ??= ending
    this.budget.lookNow()
    return trap()
  }

  /** Looks whether it may go on: it has not been stopped, and is within its limits. */
  look(): void {
    const ending = this.ending ?? this.budget.look()
    if (ending !== null) this.stop(ending)
    this.onLook?.()
  }

  /** In a call that does as much as many: each part of it counts as one. */
  looksAgain(): void {
    this.budget.spend(1)
    if (this.budget.calls >= this.budget.nextLook) this.look()
  }

  /** As `look`; and it has not died. */
  lookAlive(): void {
    if ((this.task.flags & PF_EXITING) !== 0) this.died()
    this.look()
  }

  /** The task has ended during a call, by a signal or with its process. */
  died(): never {
    const code = this.task.exit_code
    const signal = code & 0x7f
    return this.stop(signal === 0 ? { kind: 'exited', status: code >> 8 } : killed(signal, `signal ${signal}`))
  }
}
