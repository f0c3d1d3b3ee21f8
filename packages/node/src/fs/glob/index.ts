/** `glob`, `globSync` and `promises.glob` of one task. */
import { posix } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dirent, TaskFiles } from '@lsmkit/kernel/files'
import { wrongType } from '../arguments/argument-error.ts'
import { functionOf } from '../arguments/checks.ts'
import { objectOptions, optionRules } from '../arguments/options.ts'
import type { GlobOptions } from '../arguments/options.ts'
import { withCallback } from '../forms.ts'
import type { Call, Callback } from '../forms.ts'
import { pathFilter, patternsOf, segmentsOf } from './pattern.ts'
import type { Segments } from './pattern.ts'
import { GlobWalk } from './walk.ts'
import type { LeavesOut } from './walk.ts'

export type Patterns = string | readonly string[]
type Given = string | Dirent
type WithTypes = GlobOptions & { readonly withFileTypes: true }
type WithoutTypes = GlobOptions & { readonly withFileTypes?: false }

interface GlobSync {
  (patterns: Patterns, options: WithTypes): Dirent[]
  (patterns: Patterns, options?: WithoutTypes): string[]
  (patterns: Patterns, options?: GlobOptions): Given[]
}
interface GlobCallback {
  (patterns: Patterns, callback: Callback<string[]>): void
  (patterns: Patterns, options: WithTypes, callback: Callback<Dirent[]>): void
  (patterns: Patterns, options: WithoutTypes, callback: Callback<string[]>): void
  (patterns: Patterns, options: GlobOptions, callback: Callback<Given[]>): void
}
export interface GlobPromises {
  (patterns: Patterns, options: WithTypes): AsyncGenerator<Dirent, void>
  (patterns: Patterns, options?: WithoutTypes): AsyncGenerator<string, void>
  (patterns: Patterns, options?: GlobOptions): AsyncGenerator<Given, void>
}
export interface Globs {
  readonly glob: GlobCallback
  readonly globSync: GlobSync
}

type Exclude = NonNullable<GlobOptions['exclude']>

const leavesOut = (exclude: Exclude | undefined, cwd: string, withFileTypes: boolean): LeavesOut => {
  if (typeof exclude === 'function') {
    const asked = exclude as (entry: Given) => unknown
    return (dirent) => Boolean(asked(withFileTypes ? dirent : dirent.name))
  }
  const isOut = pathFilter(exclude ?? [], cwd)
  return (_, whole) => isOut(whole)
}

function* taken(walk: GlobWalk, readings: readonly Segments[], withFileTypes: boolean): Generator<Given, void> {
  for (const segments of readings) {
    for (const { path, dirent } of walk.matches(segments)) yield withFileTypes ? dirent : path
  }
}

/** The matches, which are looked for as they are taken. Wrong arguments are thrown at once. */
const globbed = (files: TaskFiles, patterns: Patterns, given?: GlobOptions): Generator<Given, void> => {
  const { cwd, exclude, withFileTypes = false } = objectOptions(given, optionRules.glob)
  const start = posix.resolve(files.cwd(), cwd ?? '')
  const walk = new GlobWalk(files, start, leavesOut(exclude, start, withFileTypes))
  return taken(walk, patternsOf(patterns, 'patterns').flatMap(segmentsOf), withFileTypes)
}

export const globsOf = (files: TaskFiles): Globs => {
  const all = (patterns: Patterns, options?: GlobOptions): Given[] => [...globbed(files, patterns, options)]
  const called = withCallback(all as Call)
  return {
    globSync: all as GlobSync,
    glob: ((...args: readonly unknown[]): void => {
      if (typeof args[1] === 'object' && args[1] === null) throw wrongType('options', ['object'], null)
      functionOf(args.findLast((one) => one !== undefined), 'cb')
      called(...args)
    }) as GlobCallback,
  }
}

/** `fs.promises.glob`: other work goes on between two matches. */
export const globLater = (files: TaskFiles): GlobPromises =>
  (async function* (patterns: Patterns, options?: GlobOptions): AsyncGenerator<Given, void> {
    for (const one of globbed(files, patterns, options)) {
      await nextTurn()
      yield one
    }
  }) as GlobPromises
