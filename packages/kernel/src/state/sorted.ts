/** Searching lists that are sorted. */

/**
 * The index of the first element for which `holds` is true, as it is for all that follow; the length if there is none.
 */
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
