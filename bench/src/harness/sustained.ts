/**
 * Time over a stretch that is long enough to hold several garbage collections, so that objects that are made and
 * dropped are paid for where they were made. The fastest of many short calls would leave that out.
 */

/** Milliseconds of a stretch. */
const STRETCH = 30

/** A pass gives nanoseconds an operation; the first one settles how many make a stretch. */
export const sustainedPass = (operation: (i: number) => void): (() => number) => {
  let count = 0
  // Not the clock of processor time: on some machines it ticks in steps of four milliseconds.
  const milliseconds = (times: number): number => {
    const start = performance.now()
    for (let i = 0; i < times; i++) operation(i)
    return performance.now() - start
  }
  const settle = (): void => {
    for (count = 64; milliseconds(count) < STRETCH / 4; count *= 2);
    count *= 4
  }
  return () => {
    if (count === 0) settle()
    return (milliseconds(count) * 1e6) / count
  }
}
