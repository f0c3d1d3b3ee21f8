/** Sets of 16-bit numbers as ranges, which take no more room than the text that names them. */

const MOST = 0xffff

/** First and last number of each range, one after the other: ascending, and none touches the next. */
export type Ranges = readonly number[]

export const allNumbers: Ranges = [0, MOST]

/** The numbers of ranges in any order. */
export const joined = (ranges: Ranges): Ranges => {
  const order = Array.from({ length: ranges.length / 2 }, (_, i) => 2 * i).sort((a, b) => ranges[a]! - ranges[b]!)
  const found: number[] = []
  for (const at of order) {
    const [low, high] = [ranges[at]!, ranges[at + 1]!]
    const last = found.length - 1
    if (last < 0 || low > found[last]! + 1) found.push(low, high)
    else if (high > found[last]!) found[last] = high
  }
  return found
}

export const complement = (ranges: Ranges): Ranges => {
  const found: number[] = []
  let next = 0
  for (let at = 0; at < ranges.length; at += 2) {
    if (ranges[at]! > next) found.push(next, ranges[at]! - 1)
    next = ranges[at + 1]! + 1
  }
  if (next <= MOST) found.push(next, MOST)
  return found
}

export const inBoth = (a: Ranges, b: Ranges): Ranges => {
  const found: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [low, high] = [Math.max(a[i]!, b[j]!), Math.min(a[i + 1]!, b[j + 1]!)]
    if (low <= high) found.push(low, high)
    if (a[i + 1]! < b[j + 1]!) i += 2
    else j += 2
  }
  return found
}

export const inEither = (a: Ranges, b: Ranges): Ranges => joined([...a, ...b])
