/**
 * A shell on a kernel, in the thread of the kernel. Its lines can be ended between two statements only, and they let
 * the thread turn at their calls: what has to be ended whatever it computes is run by a box, in a thread of its own.
 */
import type { Task } from '@lsmkit/core'
import { aFunction, aString, instanceOf, oneOf, recordOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { BashOptions } from 'just-bash'
import { Errands } from './errands.ts'
import { anExecutionLimits } from './execution-limits.ts'
import { LARGEST_READ } from './file-calls.ts'
import type { AskFile } from './file-calls.ts'
import { Interpreter } from './interpreter.ts'
import type { Line, ShResult } from './interpreter.ts'
import { Processes } from './processes.ts'
import type { FetchForTask, RunProgram, WhenThere } from './processes.ts'
import { addFormat, installPrograms } from './program-files.ts'
import { commandNames } from './programs.ts'
import type { Env, ShellCalls, Spawned } from './shell-calls.ts'
import { Breath } from './slices.ts'

export interface ShellOptions {
  /** Limits of just-bash, for the shell and for each command. */
  readonly executionLimits?: BashOptions['executionLimits']
  readonly executionLimitProfile?: BashOptions['executionLimitProfile']
  /** The most bytes of a file that a command reads whole; reading more is EFBIG. Default, and at most, 64 MiB. */
  readonly largestRead?: number
  /** Runs what is in the tree and is not a command of just-bash, as a WASI program; the child has executed it. */
  readonly runProgram?: RunProgram
  /** Makes requests of HTTP for a process; without it there is no `curl`. A box has its own. */
  readonly fetch?: FetchForTask
}

export interface ShOptions {
  readonly env?: Env
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  /** Ends the line at its next statement, and `sh` rejects. */
  readonly signal?: AbortSignal
  /** `$1` and the rest. */
  readonly args?: readonly string[]
}

const shellRules: OptionRules<ShellOptions> = {
  executionLimits: anExecutionLimits,
  executionLimitProfile: oneOf('normal', 'hardened'),
  largestRead: wholeNumber(0, LARGEST_READ),
  runProgram: aFunction,
  fetch: aFunction,
}
const shRules: OptionRules<ShOptions> = {
  env: recordOf(aString),
  cwd: aString,
  stdin: { is: (value) => typeof value === 'string' || value instanceof Uint8Array, what: 'a string or a Uint8Array' },
  signal: instanceOf(AbortSignal),
  args: { is: (value) => Array.isArray(value) && value.every((arg) => typeof arg === 'string'), what: 'strings' },
}

const HOME = { HOME: '/', PATH: '/usr/bin:/bin', SHELL: '/bin/bash' }

/** A line as data that was read once, and its signal. Throws OptionError. */
export const lineOf = (
  kernel: Kernel, task: Task, command: string, given: ShOptions,
): Line & { readonly signal: AbortSignal | undefined } => {
  const options = plainOptions(given, { takes: shRules }, 'sh')
  const { cwd = new TaskFiles(kernel, task).cwd(), stdin = '', args = [], signal } = options
  return { command, cwd, stdin, args, env: { ...HOME, ...options.env }, signal }
}

/** Starts the shell of a line, has it run by `run`, and leaves nothing of it. */
export const inShell = async <T extends ShResult>(
  processes: Processes, task: Task, line: Line, run: (root: Spawned) => Promise<T>,
): Promise<T | ShResult> => {
  const root = processes.start(task, ['bash', '-c', line.command, 'bash', ...line.args], line.env, line.cwd)
  if (!('pid' in root)) return { status: root.status, stdout: '', stderr: `sh: ${root.why}\n` }
  try {
    const ran = await run(root)
    processes.end(root.pid, ran.status)
    return ran
  } finally {
    processes.close()
  }
}

export class Shell {
  readonly #kernel: Kernel
  readonly #options: ShellOptions
  readonly #errands = new Errands()
  readonly #whenThere: WhenThere | undefined

  /** `whenThere` is for a box: calls wait for the contents of its files. */
  constructor(kernel: Kernel, options: ShellOptions = {}, whenThere?: WhenThere) {
    this.#kernel = kernel
    this.#whenThere = whenThere
    this.#options = Shell.check(options)
    addFormat(kernel)
  }

  /** A copy that nothing changes any more. Throws OptionError. */
  static check(options: ShellOptions): ShellOptions {
    return plainOptions(options, { takes: shellRules }, 'Shell')
  }

  /** Puts the commands into the tree, as `task`. */
  install(task: Task, dir?: string): void {
    installPrograms(new TaskFiles(this.#kernel, task), dir, commandNames(this.#options.fetch !== undefined))
  }

  /** Runs a command line in a child of `task` that has executed bash. */
  async sh(task: Task, command: string, given: ShOptions = {}): Promise<ShResult> {
    const { signal, ...line } = lineOf(this.#kernel, task, command, given)
    const { runProgram = null, fetch = null, largestRead = LARGEST_READ, ...limits } = this.#options
    const processes = new Processes(this.#kernel, runProgram, fetch, this.#whenThere)
    const interpreter = new Interpreter(breathing(processes), { ...limits, largestRead }, this.#errands)
    return inShell(processes, task, line, (root) => interpreter.run(root, line, signal))
  }
}

/** The same calls, which let the thread turn now and then. */
const breathing = (calls: Processes): ShellCalls => {
  const breath = new Breath()
  return {
    run: calls.run,
    fetch: calls.fetch,
    end: (pid, status) => calls.end(pid, status),
    spawn: async (...args) => {
      await breath.take()
      return calls.spawn(...args)
    },
    filesOf: (pid): AskFile => {
      const files = calls.filesOf(pid)
      return (method, ...args) => {
        const turned = method === 'paths' ? null : breath.take()
        return turned === null ? files(method, ...args) : turned.then(() => files(method, ...args))
      }
    },
  }
}
