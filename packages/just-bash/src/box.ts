/**
 * `@lsmkit/just-bash/box`: the shell of a box, for the thread where the kernel is. It does not load just-bash, which
 * runs in threads of its own and says there which commands it has.
 */
import type { BoxInside, BoxShellOptions } from './box-inside.ts'
import { ThreadShell } from './box-shell.ts'
import type { BoxShell } from './box-shell.ts'
import { addFormat } from './program-files.ts'
import type { CommandNames } from './program-kinds.ts'
import { shellOptionsOf } from './shell-options.ts'

/** Those of the just-bash that is installed. */
let known: CommandNames | null = null

/** The shell that the box calls. Throws OptionError. */
export const openShell = async (inside: BoxInside, options: BoxShellOptions = {}): Promise<BoxShell> => {
  const { kernel, startThread } = inside
  if (startThread === null) return (await import('./bash.ts')).openShell(inside, options)
  const shell = new ThreadShell(inside, startThread, shellOptionsOf(options))
  addFormat(kernel)
  // a thread that cannot start is an error of the first line
  known ??= await shell.askNames().catch(async () => (await import('./programs.ts')).allNames)
  return shell.install(known)
}
