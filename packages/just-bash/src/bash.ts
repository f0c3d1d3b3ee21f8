/** The shell of a box: `createSandbox({ shell: bash() })`. */
import { TaskFiles } from '@lsmkit/kernel/files'
import type { BoxInside, BoxShellOptions } from './box-inside.ts'
import { shellWithoutThreads, ThreadShell } from './box-shell.ts'
import type { BoxShell } from './box-shell.ts'
import { addFormat, installPrograms } from './program-files.ts'
import { commandNames } from './programs.ts'
import { Shell } from './shell.ts'

/** The shell as data, which crosses to the thread where the kernel of a box is. */
export interface ShellSource {
  readonly module: string
  readonly export: 'openShell'
  readonly options: BoxShellOptions
}

/** Throws OptionError for options that a shell does not have. */
export const bash = (options: BoxShellOptions = {}): ShellSource => {
  return { module: import.meta.url, export: 'openShell', options: { ...Shell.check(options) } }
}

/** The shell that the box calls. */
export const openShell = (inside: BoxInside, options: BoxShellOptions = {}): BoxShell => {
  const checked = Shell.check(options)
  const { kernel, startThread } = inside
  addFormat(kernel)
  installPrograms(new TaskFiles(kernel, kernel.init), '/bin', commandNames(inside.fetch !== null))
  return startThread === null ? shellWithoutThreads(inside, checked) : new ThreadShell(inside, startThread, checked)
}
