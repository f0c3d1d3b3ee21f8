/** The clock that programs are measured by. */

type Time = [seconds: number, nanoseconds: number]

interface Scope {
  readonly process?: { readonly hrtime?: (since?: Time) => Time }
}
const { process } = globalThis as Scope
const start = process?.hrtime?.()

/**
 * Milliseconds from a fixed point, with fractions; never goes back. Node's own way if there is one: it returns the same
 * time as `performance`, which takes a millisecond to load on first use.
 */
export const now: () => number = start === undefined ? () => performance.now() : () => {
  const [seconds, nanoseconds] = process!.hrtime!(start)
  return seconds * 1e3 + nanoseconds / 1e6
}
