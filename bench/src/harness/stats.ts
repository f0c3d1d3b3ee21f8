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
}

/** In another unit, or as a share of something. */
export const scaled = ({ value, low, high, n }: Figure, factor: number): Figure =>
  ({ value: value * factor, low: low * factor, high: high * factor, n })

/**
 * The median with a distribution-free interval: the k-th smallest and k-th largest sample, k from the normal
 * approximation of the sign test. With fewer than 6 samples the interval is the whole range.
 */
export const figure = (samples: readonly number[]): Figure => {
  const s = sorted(samples)
  const n = s.length
  const k = Math.max(0, Math.floor((n - 1.96 * Math.sqrt(n)) / 2))
  return { value: median(s), low: s[k]!, high: s[n - 1 - k]!, n }
}
