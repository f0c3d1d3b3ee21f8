/** One task while it is a program: from execve to exit, through as many programs as it replaces itself by. */
import { ENOENT, errnoName, PF_EXITING, signalName, SIGXCPU } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { confine, set_task_comm } from '@lsmkit/kernel/boot'
import type { Budget } from './budget.ts'
import type { Descriptors } from './descriptors.ts'
import { ProgramError } from './errors.ts'
import { killed } from './exit.ts'
import type { Ending } from './exit.ts'
import type { Host } from './host.ts'
import { imageOf, imageProgram } from './image.ts'
import type { WasiKernel } from './kernel.ts'
import type { LimitNumbers } from './limits.ts'
import type { WasiOptions } from './options.ts'
import { Patience } from './patience.ts'
import type { Posix } from './posix/posix.ts'
import { openPreopens, WHOLE_TREE } from './preopens.ts'
import { complain, Process } from './process.ts'
import type { Program } from './program.ts'
import { assertRunnable } from './runnable.ts'
import type { Entry } from './runnable.ts'
import { Exchange } from './served.ts'
import { installStreams } from './stdio.ts'
import type { WaitsOf } from './waiting/waits.ts'

/** What a shell says of a program that is not there, and of one that could not be executed. */
const NOT_FOUND = 127
const NOT_EXECUTED = 126

/** Bytes of a program's file that are read whatever its memory: as much as programs have that need little of it. */
const LEAST_IMAGE = 32 * 2 ** 20

/** The last name of the program's path. */
const nameOf = ([path = '']: readonly string[]): string => path.slice(path.lastIndexOf('/') + 1) || 'program'

export interface LifeSetup {
  readonly kernel: WasiKernel
  readonly task: Task
  readonly options: WasiOptions
  readonly host: Host
  readonly budget: Budget
  readonly waitsOf: WaitsOf
  /** The entry of the program. */
  readonly entry: Entry
  /** Its programs run in workers. */
  readonly shared: boolean
  /** Starts other programs for this one; null if none can run beside it. */
  readonly posix: Posix | null
}

/** One program to be run in a process; the driver of the life runs it, and reports how it has ended. */
export interface Run {
  readonly process: Process
  readonly program: Program
}
/** A call to be made until it has its answer, which is passed on. */
export interface Wait {
  readonly process: Process
  readonly call: () => number
}
export type Lifetime = Generator<Run | Wait, Ending, Ending | number>

export class Life {
  /** Pages of the memory of the last program. */
  pages = 0
  /** Lifts the limits that the kernel keeps: when it has ended, and all that it has started. */
  release = (): void => {}
  #reason = ''
  readonly #setup: LifeSetup
  readonly #patience = new Patience()
  /** The request that it has to answer. */
  readonly exchange: Exchange | null
  /** Of the program that has started it; null when the caller has. */
  #inherited: Descriptors | null = null

  constructor(setup: LifeSetup) {
    this.#setup = setup
    const { request } = setup.options
    this.exchange = request === undefined ? null : new Exchange(request)
  }

  /** Holds the task to the limits that the kernel keeps; null, or how it ends because it cannot be held. */
  confine(limits: LimitNumbers): Ending | null {
    const { kernel, task, posix } = this.#setup
    const images = Math.max(limits.memory, LEAST_IMAGE)
    // a program that can start no other needs no group in which they are counted
    const processes = posix === null ? Infinity : limits.processes
    const release = confine(kernel.machine, task, { ...limits, images, processes })
    if (typeof release === 'number') return this.#notStarted(NOT_EXECUTED, `limits: ${errnoName(release)}`)
    this.release = release
    return null
  }

  /** A program of the tree. */
  *execute(path: string): Lifetime {
    const { kernel, task, options } = this.#setup
    const { argv = [path], env = {} } = options
    const rc = kernel.sys.execve(task, path, argv, pairs(env))
    if (rc < 0)
      return this.#notStarted(rc === -ENOENT ? NOT_FOUND : NOT_EXECUTED, `execve \`${path}\`: ${errnoName(rc)}`)
    return yield* this.#runImages(true)
  }

  /** Goes on with the program that another one has executed for it already, or will have when `rest` has been done. */
  *goOnWith(descriptors: Descriptors, rest: (() => number) | null): Lifetime {
    this.#inherited = descriptors
    if (rest !== null) {
      const rc = yield { process: this.#newProcess([], []), call: rest }
      if (typeof rc !== 'number') return rc
      if (rc < 0) return this.#notStarted(NOT_FOUND, errnoName(rc))
    }
    return yield* this.#runImages(false)
  }

  /** A program from outside. The task gets its name, as execve would give it that of a file. */
  *run(program: Program): Lifetime {
    const { kernel: { machine }, task, options: { argv = ['program'], env = {} } } = this.#setup
    set_task_comm(machine, task, nameOf(argv))
    const ending = yield* this.#runOne(program, argv, pairs(env), true)
    return ending.kind === 'replaced' ? yield* this.#runImages(false) : ending
  }

  /** Ends the task as the program has ended; answers the reason for people. */
  end(ending: Ending): string {
    const { kernel: { sys, machine }, task } = this.#setup
    this.exchange?.end()
    if ((task.flags & PF_EXITING) === 0) {
      if (ending.kind === 'killed') {
        machine.exits.dieOf(task, ending.signal, false)
        machine.runRcu()
      } else sys.exit_group(task, ending.kind === 'exited' ? ending.status : NOT_EXECUTED)
    }
    if (this.#reason !== '' || ending.kind !== 'killed') return this.#reason
    return `${signalName(ending.signal)}: ${ending.reason}`
  }

  /** Runs the program that execve has loaded, and all programs that replace it. */
  *#runImages(first: boolean): Lifetime {
    let ending = yield* this.#runImage(first)
    while (ending.kind === 'replaced') ending = yield* this.#runImage(false)
    return ending
  }

  *#runImage(first: boolean): Lifetime {
    const { task, options, posix, budget } = this.#setup
    if ((task.flags & PF_EXITING) !== 0)
      return killed(task.exit_code & 0x7f, 'execve')
    const image = imageOf(task)
    if (image.kind === 'native') {
      const streams = first ? this.#installStreams() : null
      if (streams !== null) return streams
      const { argv, envp } = image
      const status = image.program({ task, argv, envp })
      return imageOf(task) === image ? { kind: 'exited', status } : { kind: 'replaced' }
    }
    let program: Program
    try {
      program = imageProgram(image, options.limits ?? {}, this.#setup.shared, budget)
      assertRunnable(program, options, posix !== null, this.#setup.entry)
    } catch (error) {
      if (error instanceof ProgramError && error.code === 'time-limit') {
        return killed(SIGXCPU, budget.isOver ? 'time limit' : error.message)
      }
      if (error instanceof ProgramError) return this.#notStarted(NOT_EXECUTED, error.message)
      throw error
    }
    return yield* this.#runOne(program, image.argv, image.envp, first)
  }

  *#runOne(program: Program, argv: readonly string[], envp: readonly string[], first: boolean): Lifetime {
    const { options } = this.#setup
    const streams = first ? this.#installStreams() : null
    if (streams !== null) return streams
    const process = this.#newProcess(argv, envp)
    if (this.#inherited !== null) process.descriptors.inherit(this.#inherited)
    const { preopens = WHOLE_TREE } = options
    const refused = openPreopens(process, preopens)
    if (refused !== '') return this.#notStarted(NOT_EXECUTED, refused)
    try {
      return (yield { process, program }) as Ending
    } finally {
      this.pages = process.memory.pages
    }
  }

  #newProcess(argv: readonly string[], envp: readonly string[]): Process {
    const { onCall = null, imports = {} } = this.#setup.options
    return new Process({ ...this.#setup, patience: this.#patience, onCall, exchange: this.exchange, imports, argv,
      envp })
  }

  /** Null when all are there. */
  #installStreams(): Ending | null {
    const { kernel, task, options, budget } = this.#setup
    const rc = installStreams(kernel, task, options, budget, this.#patience)
    return rc < 0 ? this.#notStarted(NOT_EXECUTED, `standard input and output: ${errnoName(rc)}`) : null
  }

  /** Printed on its standard error if nothing else would report it. */
  #notStarted(status: number, reason: string): Ending {
    const { kernel, task } = this.#setup
    this.#reason = reason
    if (this.#inherited !== null) complain(kernel.sys, task, `${task.comm}: ${reason}\n`)
    return { kind: 'exited', status }
  }
}

const pairs = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`)
