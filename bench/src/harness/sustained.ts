/**
 * Time over a stretch that is long enough to hold several garbage collections, so that objects that are made and
 * dropped are paid for where they were made. The fastest of many short calls would leave that out.
 */

/** Milliseconds of a stretch, and of what comes before the first: V8 compiles a system call for half a second. */
const STRETCH = 30
const WARM_UP = 600

/** A pass gives nanoseconds an operation; the first one warms up, and settles how many make a stretch. */
export const sustainedPass = (operation: (i: number) => void): (() => number) => {
  let count = 0
  // Not the clock of processor time: on some machines it ticks in steps of four milliseconds.
  const milliseconds = (times: number): number => {
    const start = performance.now()
    for (let i = 0; i < times; i++) operation(i)
    return performance.now() - start
  }
  const settle = (): void => {
    let took = 0
    for (count = 64; took < STRETCH / 2; count *= 2) took = milliseconds(count)
    for (let left = WARM_UP; left > 0; left -= took) took = milliseconds(count)
    count = Math.max(1, Math.round((count * STRETCH) / took))
  }
  return () => {
    if (count === 0) settle()
    return (milliseconds(count) * 1e6) / count
  }
}
