/** Patterns of `fs.glob`: their segments by the matcher that Node has too, and the names that `exclude` leaves out. */
import { posix } from 'node:path'
import { GLOBSTAR, Minimatch } from 'minimatch'
import { wrongType } from '../arguments/argument-error.ts'

/** A name as it is, an expression for names, or `**`. */
export type Segment = string | RegExp | typeof GLOBSTAR
export type Segments = readonly Segment[]

/** Patterns of a `/` at their end match directories alone: their last segment is empty. */
const matcherOf = (pattern: string): Minimatch => new Minimatch(pattern, {
  platform: 'linux', windowsPathsNoEscape: true, nonegate: true, nocomment: true, nocaseMagicOnly: true,
  optimizationLevel: 2,
})

/** One list of segments for each way that the braces can be read. An absolute pattern begins with an empty segment. */
export const segmentsOf = (pattern: string): Segments[] =>
  matcherOf(pattern).set.map((segments) => segments as Segments)

export const isAnyDepth = (segment: Segment): boolean => segment === GLOBSTAR

/** Throws ERR_INVALID_ARG_TYPE. */
export const patternsOf = (given: unknown, name: string): readonly string[] => {
  if (typeof given === 'string') return [given]
  if (!Array.isArray(given)) throw wrongType(name, ['string', 'Array'], given)
  for (const [i, one] of given.entries()) {
    if (typeof one !== 'string') throw wrongType(`${name}[${i}]`, ['string'], one)
  }
  return given as readonly string[]
}

/** Whether a whole path is left out. `dir/**` leaves out `dir` too. */
export const pathFilter = (patterns: readonly string[], cwd: string): ((path: string) => boolean) => {
  const matchers = patterns.map((one) => matcherOf(posix.resolve(cwd, one)))
  const whole = new Set(patterns.filter((one) => one.endsWith('/**')).map((one) => posix.resolve(cwd, one, '..')))
  return (path) => whole.has(path) || matchers.some((matcher) => matcher.match(path))
}
