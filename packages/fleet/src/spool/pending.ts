/** Records that are not on the disk yet, and the gaps of those that were not taken. */
import { frameBytes, GAP, LINE, MOST_LINE } from './frame.ts'
import { gapLine, unitedRanges } from './gap.ts'
import type { Gap, GapReason, Range } from './gap.ts'

/** Bytes that wait in memory. */
export const MOST_PENDING = 16 * 2 ** 20
/** Ranges that are kept in memory before they become a record. */
const MOST_RANGES = 64

export interface Waiting {
  readonly serial: number
  readonly frame: Buffer
  /** Of a record that is a gap. */
  readonly gap: Gap | null
}

export class Pending {
  #waiting: Waiting[] = []
  readonly #lost = new Map<GapReason, { ranges: Range[], count: number | null }>()
  #next: number
  bytes = 0
  /** Records that were lost since the spool was opened. */
  lost = 0

  constructor(next: number) {
    this.#next = next
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  get hasLost(): boolean {
    return this.#lost.size > 0
  }

  /** The serial that was given last. */
  get last(): number {
    return this.#next - 1
  }

  /** `json`: the text of an object. False where it was not taken, which leaves a gap. */
  add(json: string, refusal: GapReason | null): boolean {
    const serial = this.#next++
    const line = Buffer.from(`{"serial":${serial},${json.slice(1)}`)
    const reason = refusal ?? (line.length > MOST_LINE ? 'too-long' : this.bytes > MOST_PENDING ? 'slow-disk' : null)
    if (reason === null) this.#put({ serial, frame: frameBytes(serial, LINE, line), gap: null })
    else this.lose({ reason, ranges: [[serial, serial]], count: 1 })
    return reason === null
  }

  lose(gap: Gap): void {
    this.lost += gap.count ?? 0
    this.note(gap)
  }

  /** Has a record of a gap, whose records were counted before. */
  note({ reason, ranges, count }: Gap): void {
    const known = this.#lost.get(reason)
    const all = unitedRanges([...known?.ranges ?? [], ...ranges])
    const before = known === undefined ? 0 : known.count
    this.#lost.set(reason, { ranges: all, count: count === null || before === null ? null : before + count })
    if (all.length > MOST_RANGES) this.settle()
  }

  /** Makes records of the gaps. */
  settle(): void {
    for (const [reason, { ranges, count }] of this.#lost) {
      const serial = this.#next++
      const line = Buffer.from(gapLine(serial, { reason, ranges, count }, Date.now()))
      this.#put({ serial, frame: frameBytes(serial, GAP, line), gap: { reason, ranges, count } })
    }
    this.#lost.clear()
  }

  #put(one: Waiting): void {
    this.#waiting.push(one)
    this.bytes += one.frame.length
  }

  /** The first of them, of at most so many bytes; at least one. They stay until `taken`. */
  first(most: number): readonly Waiting[] {
    let [count, bytes] = [0, 0]
    while (count < this.#waiting.length && (count === 0 || bytes + this.#waiting[count]!.frame.length <= most)) {
      bytes += this.#waiting[count++]!.frame.length
    }
    return this.#waiting.slice(0, count)
  }

  taken(batch: readonly Waiting[]): void {
    this.#waiting = this.#waiting.slice(batch.length)
    for (const { frame } of batch) this.bytes -= frame.length
  }
}
