/** Options of a spool: `joinFleet({ decisions: { spool } })`. */
import { oneOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export interface SpoolOptions {
  /** Bytes on the disk at most. Default 64 MiB. */
  readonly mostBytes?: number
  /** Bytes of one segment, which is removed as a whole. Default a sixteenth of `mostBytes`, at most 4 MiB. */
  readonly segmentBytes?: number
  /** Milliseconds that a record waits in memory at most before it is written and `fsync` is called. Default 200. */
  readonly syncMs?: number
  /**
   * The records that give way when the spool is full. `oldest`: the oldest. `newest`: those that come. `allowed`:
   * allowed decisions from three quarters on, then the oldest. `block`: boxes and attached stacks begin nothing until
   * there is room, and records that come meanwhile give way. A record of the gap is left. Default `oldest`.
   */
  readonly full?: 'oldest' | 'newest' | 'allowed' | 'block'
}

export const spoolRules: OptionRules<SpoolOptions> = {
  mostBytes: wholeNumber(64 * 1024), segmentBytes: wholeNumber(4096), syncMs: wholeNumber(0, 60_000),
  full: oneOf('oldest', 'newest', 'allowed', 'block'),
}

export type SpoolSettings = Required<SpoolOptions>

export const spoolSettings = (
  { mostBytes = 64 * 2 ** 20, segmentBytes = 4 * 2 ** 20, syncMs = 200, full = 'oldest' }: SpoolOptions,
): SpoolSettings => ({ mostBytes, segmentBytes: Math.min(segmentBytes, Math.floor(mostBytes / 16)), syncMs, full })
