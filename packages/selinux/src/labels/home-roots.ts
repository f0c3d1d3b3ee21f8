/** Directories that hold home directories: those named, and what accounts show (libsemanage's get_home_dirs). */
import { byteText, matchesRest, parsePattern } from '../server/file-contexts/pattern.ts'
import { PairSet } from '../server/file-contexts/pair-set.ts'
import type { Account } from './accounts.ts'

export interface AccountLimits {
  readonly uidMin: number
  readonly uidMax: number
  /** Shells of people, null of any. */
  readonly shells: ReadonlySet<string> | null
  /** Home directories that are passed over. */
  readonly ignored: ReadonlySet<string>
}

const KINDS_OF_DIRECTORIES = new Set(['-d'])

/** Endings that a pattern for a whole tree may have, in the order they are taken off. */
const TAILS = ['.+', '.*', '(/.*)?', '/']

const withoutTails = (pattern: string): string =>
  TAILS.reduce((text, tail) => text.endsWith(tail) ? text.slice(0, -tail.length) : text, pattern)

/** Is there a line of file_contexts for the directory itself, or for a whole tree that begins there? */
export const hasContext = (fileContexts: string): ((directory: string) => boolean) => {
  const patterns = fileContexts.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    if (fields.length < 2 || fields[0]!.startsWith('#')) return []
    if (fields.length > 2 && !KINDS_OF_DIRECTORIES.has(fields[1]!)) return []
    try {
      return [parsePattern(`${withoutTails(fields[0]!)}/*`)]
    } catch {
      return []
    }
  })
  return (directory) => {
    const path = byteText(directory)
    const pairs = PairSet.of(path)
    return patterns.some((pattern) => path.startsWith(pattern.prefix) && matchesRest(pattern, path, pairs))
  }
}

export interface HomeRoots {
  readonly roots: readonly string[]
  readonly warnings: readonly string[]
}

/** The path without slashes at its end. */
export const withoutSlash = (path: string): string => path.length > 1 ? path.replace(/(?<=.)\/+$/, '') : path

/** `hasOwn` says of a path that file_contexts labels it already: then an account there is no person's. */
export const homeRoots = (
  named: readonly string[], accounts: readonly Account[], { uidMin, uidMax, shells, ignored }: AccountLimits,
  hasOwn: (path: string) => boolean,
): HomeRoots => {
  const roots = new Set(named)
  const warnings: string[] = []
  for (const { name, uid, home, shell } of accounts) {
    if (uid < uidMin || uid > uidMax || shells?.has(shell) === false) continue
    const own = withoutSlash(home)
    const path = own.slice(0, own.lastIndexOf('/'))
    if (ignored.has(own) || path === '' || roots.has(path)) continue
    if (hasOwn(path)) warnings.push(`${path}, above the home of ${name}, has a label in file_contexts already`)
    else roots.add(path)
  }
  return { roots: [...roots].sort(), warnings }
}
