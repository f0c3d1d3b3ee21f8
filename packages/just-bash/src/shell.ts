/**
 * A shell on a kernel, in the thread of the kernel. Its lines can be ended between two statements only, and they let
 * the thread turn at their calls: what has to be ended whatever it computes is run by a box, in a thread of its own.
 */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { Errands } from './errands.ts'
import { LARGEST_READ } from './file-calls.ts'
import type { AskFile } from './file-calls.ts'
import { Interpreter } from './interpreter.ts'
import type { ShResult } from './interpreter.ts'
import { inShell, lineOf } from './line.ts'
import type { ShOptions } from './line.ts'
import { Processes } from './processes.ts'
import type { WhenThere } from './processes.ts'
import { addFormat, putPrograms } from './program-files.ts'
import { allNames, commandNames } from './programs.ts'
import type { ShellCalls } from './shell-calls.ts'
import { shellOptionsOf } from './shell-options.ts'
import type { ShellOptions } from './shell-options.ts'
import { Breath } from './slices.ts'

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
    return shellOptionsOf(options)
  }

  /** Puts the commands into the tree, as `task`. */
  install(task: Task, dir = '/bin'): void {
    putPrograms(new TaskFiles(this.#kernel, task), dir, commandNames(this.#options.fetch !== undefined))
  }

  /** Runs a command line in a child of `task` that has executed bash. */
  async sh(task: Task, command: string, given: ShOptions = {}): Promise<ShResult> {
    const { signal, ...line } = lineOf(this.#kernel, task, command, given)
    const { runProgram = null, fetch = null, largestRead = LARGEST_READ, ...limits } = this.#options
    const processes = new Processes(this.#kernel, allNames, runProgram, fetch, this.#whenThere)
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
