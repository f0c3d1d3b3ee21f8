/** Serials whose records are gone, and why. A gap is a record itself, so that readers know it from a loss. */

export const gapReasons = [
  /** The spool was full. */
  'full',
  /** The disk was slower than the records came, or took no more. */
  'slow-disk',
  /** A record was longer than a record may be. */
  'too-long',
  /** The agent was ended without `close`: records of the last moments may be missing. How many is not known. */
  'ended',
] as const
export type GapReason = (typeof gapReasons)[number]

/** From the first serial to the last, both among them. */
export type Range = readonly [from: number, to: number]

export interface Gap {
  readonly reason: GapReason
  /** They may have serials of older gaps among them. */
  readonly ranges: readonly Range[]
  /** Records that are gone; null where that is not known. */
  readonly count: number | null
}

/** A gap in a segment, by the serial of its record. */
export interface KeptGap {
  readonly serial: number
  readonly gap: Gap
}

/** The same serials in as few ranges as there can be. */
export const unitedRanges = (ranges: readonly Range[]): Range[] => {
  const united: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = united.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else united.push([from, to])
  }
  return united
}

/** A line of the spool. */
export const gapLine = (serial: number, { reason, ranges, count }: Gap, time: number): string =>
  JSON.stringify({ serial, kind: 'gap', time, reason, ranges, count })
