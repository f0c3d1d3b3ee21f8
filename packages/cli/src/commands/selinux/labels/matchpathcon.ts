/** `lsm selinux matchpathcon PATH…`: labels by file_contexts, with matchpathcon's options and its lines. */
import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { ENODATA, EOPNOTSUPP, errnoName } from '@lsmkit/abi'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { withCommandErrors } from '../errors.ts'
import { fileContextsOf } from '../inputs.ts'
import { modeOfKind } from './file-kind.ts'
import { hostLabels } from './host-tree.ts'
import { listedPaths } from './listed-paths.ts'

export interface MatchFlags {
  readonly file: string
  readonly mode?: string
  readonly noHeader?: boolean
  readonly verify?: boolean
  readonly quiet?: boolean
  readonly from?: string
  readonly local?: readonly string[]
  readonly json?: boolean
}

/** One slash at the end does not count, as with the real tool. */
const trimmed = (path: string): string => path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path

const modeOfFile = (io: Io, path: string): number => {
  try {
    return lstatSync(resolve(io.cwd, path)).mode
  } catch {
    return 0
  }
}

/** Ends with 1 where a file has another label than it should (`--verify`). */
export const matchpathconCommand = (io: Io, paths: readonly string[], flags: MatchFlags): number =>
  withCommandErrors(() => {
    const contexts = fileContextsOf(io, flags.file, false, flags.local)
    const forced = flags.mode === undefined ? 0 : modeOfKind(flags.mode)
    const found = paths.concat(listedPaths(io, flags.from, /\n/)).map((typed) => {
      const path = trimmed(typed)
      return { path, context: contexts.lookup(path, forced === 0 ? modeOfFile(io, path) : forced) }
    })
    if (flags.verify === true) return verify(io, found, flags)
    if (flags.json === true) printJson(io, { paths: found })
    else {
      for (const { path, context } of found) {
        io.print(`${flags.noHeader === true ? '' : `${path}\t`}${context ?? '<<none>>'}`)
      }
    }
    return EXIT.ok
  })

/** The user of a context does not count in a comparison, as in selinux_file_context_cmp. */
const withoutUser = (context: string): string => context.slice(context.indexOf(':') + 1)

const verify = (io: Io, found: readonly { path: string; context: string | null }[], flags: MatchFlags): number => {
  const labels = hostLabels()
  const all = found.map(({ path, context }) => {
    const now = labels.label(resolve(io.cwd, path))
    const actual = typeof now === 'string' ? now : null
    const error = typeof now === 'string' || now === -ENODATA || now === -EOPNOTSUPP ? null : errnoName(-now)
    const verified = actual !== null && context !== null && withoutUser(actual) === withoutUser(context)
    return { path, context, actual, error, verified }
  })
  if (flags.json === true) printJson(io, { paths: all })
  else if (flags.quiet !== true) {
    for (const { path, context, actual, error, verified } of all) {
      if (verified) io.print(`${path} verified.`)
      else if (error !== null) io.print(`${path} error: ${error}`)
      else io.print(`${path} has context ${actual ?? 'none'}, should be ${context ?? '<<none>>'}`)
    }
  }
  return all.every(({ verified }) => verified) ? EXIT.ok : EXIT.denied
}
