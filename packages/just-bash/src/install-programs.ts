/** The commands of just-bash as programs of a tree. */
import type { TaskFiles } from '@lsmkit/kernel/files'
import { putPrograms } from './program-files.ts'
import { programNames } from './programs.ts'

/**
 * Writes a program into `dir` for each command that is not there yet. `/usr/bin` becomes a link to `/bin` where the
 * tree has none, since just-bash looks for commands in these two.
 */
export const installPrograms = (files: TaskFiles, dir = '/bin', names: readonly string[] = programNames): void =>
  putPrograms(files, dir, names)
