/** `lsm selinux file-context FILE PATH…`: the label a path has by file_contexts, as matchpathcon answers. */
import { resolve } from 'node:path'
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK, ownValue } from '@lsmkit/abi'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { EXIT, printJson } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { fileContextsOf } from './inputs.ts'

const types: Readonly<Record<string, number>> = {
  any: 0, file: S_IFREG, dir: S_IFDIR, char: S_IFCHR, block: S_IFBLK, socket: S_IFSOCK, pipe: S_IFIFO, symlink: S_IFLNK,
}

export interface FileContextFlags {
  readonly type: string
  readonly only?: boolean
  readonly json?: boolean
}

/** Files beside it count as libselinux has it. Ends with 1 when a path has no label. */
export const fileContextCommand = (
  io: Io, name: string, paths: readonly string[], { type, only, json }: FileContextFlags,
): number => withCommandErrors(() => {
  const mode = ownValue(types, type)
  if (mode === undefined) {
    const known = Object.keys(types)
    throw new CommandError('usage', `\`${type}\` is not a type of file`,
      didYouMean(type, known) ?? `known: ${known.join(', ')}`)
  }
  const contexts = fileContextsOf(io, name, only)
  // as matchpathcon has it: a path counts from where it was typed
  const found = paths.map((path) => ({ path, context: contexts.lookup(resolve(io.cwd, path), mode) }))
  if (json) printJson(io, { paths: found })
  else for (const { path, context } of found) io.print(`${path}\t${context ?? '<<none>>'}`)
  return found.every(({ context }) => context !== null) ? EXIT.ok : EXIT.denied
})
