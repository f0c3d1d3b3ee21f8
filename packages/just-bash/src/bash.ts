/** The shell of a box: `createSandbox({ shell: bash() })`. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { StartThread } from './box-thread.ts'
import { shellBeside, ThreadShell } from './box-shell.ts'
import type { BoxShell } from './box-shell.ts'
import type { RunProgram } from './processes.ts'
import { addFormat, installPrograms } from './programs.ts'
import { Shell } from './shell.ts'
import type { ShellOptions, ShOptions } from './shell.ts'

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
  readonly limits: { readonly memory: number }
  readonly startThread: StartThread | null
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
  /** Called when the line begins to run, which is when it has a thread. */
  readonly onStart?: () => void
}

/** Throws OptionError for options that a shell does not have. */
export const bash = (options: BoxShellOptions = {}): ShellSource => {
  return { module: import.meta.url, export: 'openShell', options: { ...Shell.check(options) } }
}

/** What the box calls. */
export const openShell = (inside: BoxInside, options: BoxShellOptions = {}): BoxShell => {
  const checked = Shell.check(options)
  const { kernel, startThread } = inside
  addFormat(kernel)
  installPrograms(new TaskFiles(kernel, kernel.init))
  return startThread === null ? shellBeside(inside, checked) : new ThreadShell(inside, startThread, checked)
}
