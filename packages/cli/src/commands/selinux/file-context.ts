/** `lsm selinux file-context FILE PATH…`: the label a path has by file_contexts, as matchpathcon answers. */
import { resolve } from 'node:path'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { fileContextsOf } from './inputs.ts'
import { modeOfKind } from './labels/file-kind.ts'

export interface FileContextFlags {
  readonly type: string
  readonly only?: boolean
  readonly local?: readonly string[]
  readonly json?: boolean
}

/** Files beside it count as libselinux has it. Ends with 1 when a path has no label. */
export const fileContextCommand = (
  io: Io, name: string, paths: readonly string[], { type, only, local, json }: FileContextFlags,
): number => withCommandErrors(() => {
  const mode = modeOfKind(type)
  const contexts = fileContextsOf(io, name, only, local)
  // as matchpathcon has it: a path counts from where it was typed
  const found = paths.map((path) => ({ path, context: contexts.lookup(resolve(io.cwd, path), mode) }))
  if (json) printJson(io, { paths: found })
  else for (const { path, context } of found) io.print(`${path}\t${context ?? '<<none>>'}`)
  return found.every(({ context }) => context !== null) ? EXIT.ok : EXIT.denied
})
