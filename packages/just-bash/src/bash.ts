/** The shell of a box: `createSandbox({ shell: bash() })`. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { Shell } from './shell.ts'
import type { RunProgram, ShellOptions, ShOptions, ShResult } from './shell.ts'

/** The shell as data, which crosses to the thread where the kernel of a box is. */
export interface ShellSource {
  readonly module: string
  readonly export: 'openShell'
  readonly options: BoxShellOptions
}

/** What crosses threads: no functions. */
export type BoxShellOptions = Omit<ShellOptions, 'runProgram'>

/** What a shell needs of a box, as `@lsmkit/sandbox/inside` has it. */
export interface BoxInside {
  readonly kernel: Kernel
  /** `user`, `label`, `executes`, `run`. */
  task(choice?: object): Task
  end(task: Task, status?: number): void
  readonly runProgram: RunProgram
}

/** What `box.sh` takes beside the command. */
export interface BoxShOptions extends ShOptions {
  readonly user?: string | number
  /** Of the shell, and of commands that have none of their own. */
  readonly label?: string
  /** The number that the box gives the run. */
  readonly run?: number
}

/** Throws OptionError for options that a shell does not have. */
export const bash = (options: BoxShellOptions = {}): ShellSource => {
  return { module: import.meta.url, export: 'openShell', options: { ...Shell.check(options) } }
}

/** What the box calls. */
export const openShell = (inside: BoxInside, options: BoxShellOptions = {}) => {
  const { kernel, runProgram } = inside
  const shell = new Shell(kernel, { ...options, runProgram })
  shell.install(kernel.init)
  return {
    async sh(command: string, { user, label, run, ...request }: BoxShOptions): Promise<ShResult> {
      const task = inside.task({ user, label, executes: label !== undefined, ...(run === undefined ? {} : { run }) })
      try {
        return await shell.sh(task, command, request)
      } finally {
        inside.end(task)
      }
    },
  }
}
