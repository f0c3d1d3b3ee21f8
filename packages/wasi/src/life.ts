/** One task while it is a program: from execve to exit, through as many programs as it replaces itself by. */
import { ENOENT, errnoName, PF_EXITING, signalName } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'
import { killed } from './exit.ts'
import type { Ending } from './exit.ts'
import type { Host } from './host.ts'
import { imageOf, imageProgram } from './image.ts'
import { runProgram } from './instance.ts'
import type { WasiKernel } from './kernel.ts'
import type { WasiOptions } from './options.ts'
import { maySyscall } from './options.ts'
import { Patience } from './patience.ts'
import { openPreopens, WHOLE_TREE } from './preopens.ts'
import { Process } from './process.ts'
import type { Program } from './program.ts'
import { assertRunnable } from './runnable.ts'
import { installStreams } from './stdio.ts'

/** What a shell says of a program that is not there, and of one that could not be executed. */
const NOT_FOUND = 127
const NOT_EXECUTED = 126

export class Life {
  readonly budget: Budget
  /** Pages of the memory of the last program. */
  pages = 0
  private reason = ''
  private readonly kernel: WasiKernel
  private readonly task: Task
  private readonly options: WasiOptions
  private readonly host: Host
  private readonly patience = new Patience()

  constructor(kernel: WasiKernel, task: Task, options: WasiOptions, host: Host, budget: Budget) {
    this.kernel = kernel
    this.task = task
    this.options = options
    this.host = host
    this.budget = budget
  }

  /** A program of the tree. */
  execute(path: string): Ending {
    const { argv = [path], env = {} } = this.options
    const rc = this.kernel.sys.execve(this.task, path, argv, pairs(env))
    if (rc < 0)
      return this.notStarted(rc === -ENOENT ? NOT_FOUND : NOT_EXECUTED, `execve \`${path}\`: ${errnoName(rc)}`)
    return this.goOn(this.runImage(true))
  }

  /** A program from outside. */
  run(program: Program): Ending {
    const { argv = ['program'], env = {} } = this.options
    return this.goOn(this.runOne(program, argv, pairs(env), true))
  }

  /** Ends the task as the program has ended; answers the reason for people. */
  end(ending: Ending): string {
    const { sys, machine } = this.kernel
    if ((this.task.flags & PF_EXITING) === 0) {
      if (ending.kind === 'killed') {
        machine.exits.dieOf(this.task, ending.signal, false)
        machine.runRcu()
      } else sys.exit_group(this.task, ending.kind === 'exited' ? ending.status : NOT_EXECUTED)
    }
    if (this.reason !== '' || ending.kind !== 'killed') return this.reason
    return `${signalName(ending.signal)}: ${ending.reason}`
  }

  /** Through all that it is replaced by. */
  private goOn(ending: Ending): Ending {
    let last = ending
    while (last.kind === 'replaced') last = this.runImage(false)
    return last
  }

  /** What execve has loaded, to its end or until it is replaced. */
  private runImage(first: boolean): Ending {
    if ((this.task.flags & PF_EXITING) !== 0)
      return killed(this.task.exit_code & 0x7f, 'execve')
    const image = imageOf(this.task)
    if (image.kind === 'native') {
      const streams = first ? this.installStreams() : null
      if (streams !== null) return streams
      const { argv, envp } = image
      const status = image.program({ task: this.task, argv, envp, sys: this.kernel.sys })
      return imageOf(this.task) === image ? { kind: 'exited', status } : { kind: 'replaced' }
    }
    try {
      const program = imageProgram(image, this.options.limits ?? {})
      assertRunnable(program.module, maySyscall(this.options))
      return this.runOne(program, image.argv, image.envp, first)
    } catch (error) {
      if (error instanceof ProgramError) return this.notStarted(NOT_EXECUTED, error.message)
      throw error
    }
  }

  private runOne(program: Program, argv: readonly string[], envp: readonly string[], first: boolean): Ending {
    const { kernel, task, host, budget, patience, options } = this
    const streams = first ? this.installStreams() : null
    if (streams !== null) return streams
    const process = new Process({ kernel, task, host, budget, patience, argv, envp })
    const { preopens = WHOLE_TREE, onCall = null } = options
    const refused = openPreopens(process, preopens)
    if (refused !== '') return this.notStarted(NOT_EXECUTED, refused)
    try {
      return runProgram(process, program, { onCall })
    } finally {
      this.pages = process.memory.pages
    }
  }

  /** Null when all are there. */
  private installStreams(): Ending | null {
    const rc = installStreams(this.kernel, this.task, this.options, this.budget, this.patience)
    return rc < 0 ? this.notStarted(NOT_EXECUTED, `standard input and output: ${errnoName(rc)}`) : null
  }

  private notStarted(status: number, reason: string): Ending {
    this.reason = reason
    return { kind: 'exited', status }
  }
}

const pairs = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`)
