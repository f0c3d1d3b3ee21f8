/** Order statistics: medians, and the interval in which a median lies with 95 % confidence. */

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

export const median = (values: readonly number[]): number => {
  const s = sorted(values)
  const middle = s.length >> 1
  return s.length % 2 === 1 ? s[middle]! : (s[middle - 1]! + s[middle]!) / 2
}

/** A measured figure: the median of `n` samples and the ends of its 95 % interval. */
export interface Figure {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
  /** Processes that the samples come from, where one gave several. */
  readonly processes?: number
}

/** In another unit, or as a share of something. */
export const scaled = (figure: Figure, factor: number): Figure =>
  ({ ...figure, value: figure.value * factor, low: figure.low * factor, high: figure.high * factor })

const CONFIDENCE = 0.95

/**
 * How many samples at either end lie outside the interval that holds the median: as many as leave it the confidence,
 * by the sign test. Too few samples for that leave none outside.
 */
const outside = (n: number): number => {
  // the chance that at most `k` samples lie below the median
  let [below, chance] = [0, 2 ** -n]
  for (let k = 0; k < n; k++) {
    below += chance
    if (1 - 2 * below < CONFIDENCE) return Math.max(0, k - 1)
    chance *= (n - k) / (k + 1)
  }
  return 0
}

/** From here on the powers of two above are too small; the normal distribution is near enough long before. */
const MANY = 1000

/** The median with a distribution-free interval of 95 %. With fewer than 6 samples the interval is the whole range. */
export const figure = (samples: readonly number[]): Figure => {
  const s = sorted(samples)
  const n = s.length
  const cut = n < MANY ? outside(n) : Math.floor((n - 1.96 * Math.sqrt(n)) / 2)
  return { value: median(s), low: s[cut]!, high: s[n - 1 - cut]!, n }
}

/**
 * The same of samples by process. V8 makes other code of the same program in each, so the passes of one are not
 * independent samples: the processes are, each with the median of its passes. With fewer than 6 the interval is the
 * range of these. Of a single process it is that of its passes, and says nothing of another process.
 */
export const figureOf = (processes: readonly (readonly number[])[]): Figure => {
  const [first, ...others] = processes as readonly [readonly number[], ...(readonly number[])[]]
  if (others.length === 0) return { ...figure(first), processes: 1 }
  return { ...figure(processes.map(median)), n: processes.flat().length, processes: processes.length }
}
