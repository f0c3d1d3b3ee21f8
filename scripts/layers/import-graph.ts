/** Reads the imports of a package's sources, without tests: from which file, to which, and whether a type alone. */
import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

export interface Import {
  readonly from: string
  readonly to: string
  readonly isType: boolean
}

const IMPORT = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'/gms

/** Paths are relative to `folder`, with slashes. */
export const sourcesOf = (folder: string): string[] =>
  globSync('**/*.ts', { cwd: folder }).map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()

export const importsOf = (folder: string): Import[] =>
  sourcesOf(folder).flatMap((from) =>
    [...readFileSync(join(folder, from), 'utf8').matchAll(IMPORT)].map(([, type, path]) => ({
      from, to: posix.join(posix.dirname(from), path!), isType: type !== undefined,
    })))
