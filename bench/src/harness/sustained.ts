/**
 * Time over a stretch that is long enough to hold several garbage collections, so that objects that are made and
 * dropped are paid for where they were made. The fastest of many short calls would leave that out.
 */

/** Milliseconds of a stretch, and of what comes before the first: V8 compiles a system call for half a second. */
const STRETCH = 30
const WARM_UP = 600

/** Milliseconds, where they are not the usual. */
export interface Stretches {
  readonly stretch?: number
  readonly warmUp?: number
}

/**
 * A pass gives nanoseconds an operation; the first one warms up, and settles how many make a stretch. It goes by the
 * fastest one seen: on a busy machine the last may have waited longer than it ran.
 */
export const sustainedPass = (
  operation: (i: number) => void, { stretch = STRETCH, warmUp = WARM_UP }: Stretches = {},
): (() => number) => {
  let count = 0
  // Not the clock of processor time: on some machines it ticks in steps of four milliseconds.
  const milliseconds = (times: number): number => {
    const start = performance.now()
    for (let i = 0; i < times; i++) operation(i)
    return performance.now() - start
  }
  const settle = (): void => {
    let [fastest, times] = [Infinity, 64]
    for (let left = warmUp; left > 0;) {
      const took = milliseconds(times)
      left -= took
      fastest = Math.min(fastest, took / times)
      if (fastest * times < stretch / 2) times *= 2
    }
    count = Math.max(1, Math.round(stretch / fastest))
  }
  return () => {
    if (count === 0) settle()
    return (milliseconds(count) * 1e6) / count
  }
}
