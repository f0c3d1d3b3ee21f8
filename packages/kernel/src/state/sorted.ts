/** Searching lists that are sorted. */

/** Where the first is for which it holds, as it does for all that follow; the length when it holds for none. */
export const firstWhere = <T>(all: readonly T[], holds: (one: T) => boolean): number => {
  let lo = 0
  let hi = all.length
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (holds(all[mid]!)) hi = mid
    else lo = mid + 1
  }
  return lo
}
