/** The shell of a box: `createSandbox({ shell: bash() })`. */
import { TaskFiles } from '@lsmkit/kernel/files'
import type { BoxInside, BoxShellOptions } from './box-inside.ts'
import { ThreadShell } from './box-shell.ts'
import { shellWithoutThreads } from './box-shell-here.ts'
import type { BoxShell } from './box-shell.ts'
import { addFormat, putPrograms } from './program-files.ts'
import { allNames, commandNames } from './programs.ts'
import { shellOptionsOf } from './shell-options.ts'

/** The shell as data, which crosses to the thread where the kernel of a box is. */
export interface ShellSource {
  readonly module: string
  readonly export: 'openShell'
  readonly options: BoxShellOptions
  readonly isHanded: true
}

/** Beside this module as it is built, and as it is written. */
const moduleUrl = (): URL => new URL(import.meta.url.endsWith('.ts') ? './box.ts' : './box.js', import.meta.url)

/** Throws OptionError for options that a shell does not have. */
export const bash = (options: BoxShellOptions = {}): ShellSource => {
  return { module: moduleUrl().href, export: 'openShell', options: { ...shellOptionsOf(options) }, isHanded: true }
}

/** The shell that the box calls. */
export const openShell = (inside: BoxInside, options: BoxShellOptions = {}): BoxShell => {
  const checked = shellOptionsOf(options)
  const { kernel, startThread } = inside
  addFormat(kernel)
  if (startThread !== null) return new ThreadShell(inside, startThread, checked).install(allNames)
  putPrograms(new TaskFiles(kernel, kernel.init), '/bin', commandNames(inside.fetch !== null))
  return shellWithoutThreads(inside, checked)
}
