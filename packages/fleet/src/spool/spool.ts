/**
 * Records of a host on their way to the store, in segments on the disk. `push` costs no disk and never waits. `next`
 * reads records from the disk again, and `ack` lets them go. INVARIANT: `next` gives nothing that the disk might still
 * lose, so no serial is ever given to two records that somebody has seen.
 */
import { reasonOf } from '../fleet-error.ts'
import { Bell } from '../store/waiting.ts'
import { framesIn, MAGIC } from './frame.ts'
import { spoolSettings } from './options.ts'
import type { SpoolOptions, SpoolSettings } from './options.ts'
import { Pending } from './pending.ts'
import type { Waiting } from './pending.ts'
import { freshSegment, recover } from './segments.ts'
import type { Cursor, Recovered, Segment } from './segments.ts'
import type { SpoolDisk } from './spool-disk.ts'

/** Bytes that are written at a time. */
const BATCH = 256 * 1024
const AGAIN_MS = 1000

/** Records that follow each other, as lines of JSON. */
export interface Chunk {
  readonly from: number
  readonly to: number
  readonly lines: readonly Uint8Array[]
}

export interface SpoolStatus {
  /** On the disk and in memory. */
  readonly bytes: number
  /** Serials: given last, on the disk, acknowledged. */
  readonly last: number
  readonly durable: number
  readonly acked: number
  /** Records that were lost since the spool was opened. */
  readonly lost: number
  readonly isFull: boolean
  /** Why the last write has failed; null where it has not. */
  readonly error: string | null
}

export class Spool {
  readonly #disk: SpoolDisk
  readonly #settings: SpoolSettings
  readonly #segments: Segment[]
  readonly #cursor: Cursor
  readonly #pending: Pending
  /** The segment that is written to. */
  #active: Segment | null = null
  #durable: number
  #onDisk: number
  #error: string | null = null
  #isClosed = false
  #timer: NodeJS.Timeout | undefined
  /** Work on the disk comes one after the other. */
  #work: Promise<void> = Promise.resolve()
  #isFlushing = false
  #isSoon = false
  #reading: { readonly segment: Segment, at: number } | null = null
  /** Rings when there is more to read. */
  readonly more = new Bell()

  static async open(disk: SpoolDisk, options: SpoolOptions = {}): Promise<Spool> {
    return new Spool(disk, spoolSettings(options), await recover(disk))
  }

  private constructor(disk: SpoolDisk, settings: SpoolSettings, { segments, cursor, next, wasEnded }: Recovered) {
    this.#disk = disk
    this.#settings = settings
    this.#segments = [...segments]
    this.#cursor = cursor
    this.#pending = new Pending(next)
    this.#durable = next - 1
    this.#onDisk = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    if (wasEnded) this.#pending.lose({ reason: 'ended', ranges: [], count: null })
    this.#later(() => this.#cursor.save())
    this.#schedule()
  }

  get #bytes(): number {
    return this.#onDisk + this.#pending.bytes
  }

  get status(): SpoolStatus {
    const bytes = this.#bytes
    return {
      bytes, last: this.#pending.last, durable: this.#durable, acked: this.#cursor.acked, lost: this.#pending.lost,
      isFull: bytes >= this.#settings.mostBytes, error: this.#error,
    }
  }

  /** Nothing more should be begun: `full: 'block'`, and there is no room. */
  get isBlocked(): boolean {
    return this.#settings.full === 'block' && this.#bytes >= this.#settings.mostBytes
  }

  /** `json`: the text of an object with a field. False where it is lost, which leaves a gap. */
  push(json: string, isAllowed = false): boolean {
    if (this.#isClosed) return false
    const isTaken = this.#pending.add(json, this.#isRefused(isAllowed) ? 'full' : null)
    this.#schedule()
    return isTaken
  }

  #isRefused(isAllowed: boolean): boolean {
    const { full, mostBytes } = this.#settings
    if (full === 'oldest' || (full === 'allowed' && !isAllowed)) return false
    return this.#bytes >= (full === 'allowed' ? 0.75 * mostBytes : mostBytes)
  }

  #schedule(): void {
    if (this.#isFlushing || this.#isClosed) return
    const isSoon = this.#pending.bytes >= BATCH && this.#error === null
    if (this.#timer !== undefined && (this.#isSoon || !isSoon)) return
    clearTimeout(this.#timer)
    this.#isSoon = isSoon
    const wait = isSoon ? 0 : this.#error === null ? this.#settings.syncMs : AGAIN_MS
    this.#timer = setTimeout(() => void this.flush(), wait).unref()
  }

  #later(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#error = reasonOf(error)
    })
    return this.#work
  }

  /** Resolves when all that was pushed before is on the disk, or the disk has failed: see `status.error`. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#later(() => this.#flush())
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true
    try {
      for (;;) {
        // a gap is small, and has to be known wherever there is room for anything
        if (this.#pending.hasLost && (this.#isClosed || !this.#isRefused(false))) this.#pending.settle()
        if (this.#pending.isEmpty) break
        await this.#writeBatch(this.#pending.first(Math.min(BATCH, this.#settings.segmentBytes)))
      }
      this.#error = null
    } finally {
      this.#isFlushing = false
      if (!this.#pending.isEmpty) setImmediate(() => this.#schedule())
    }
  }

  /** A batch that has failed is written again, at the same place: an error of `fsync` may have lost it. */
  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    const bytes = Buffer.concat(batch.map(({ frame }) => frame))
    await this.#makeRoom(bytes.length)
    const segment = await this.#writable(batch[0]!.serial)
    await this.#disk.write(segment.name, segment.bytes, bytes)
    await this.#disk.sync(segment.name)
    segment.bytes += bytes.length
    this.#onDisk += bytes.length
    segment.last = batch.at(-1)!.serial
    for (const { serial, gap } of batch) if (gap !== null) segment.gaps.push({ serial, gap })
    this.#durable = segment.last
    this.#pending.taken(batch)
    this.more.ring()
  }

  async #writable(serial: number): Promise<Segment> {
    if (this.#active !== null && this.#active.bytes < this.#settings.segmentBytes) return this.#active
    const segment = freshSegment(serial)
    await this.#disk.create(segment.name)
    await this.#disk.write(segment.name, 0, MAGIC)
    this.#segments.push(segment)
    this.#onDisk += segment.bytes
    this.#active = segment
    return segment
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { full, mostBytes } = this.#settings
    while (this.#onDisk + bytes > mostBytes && this.#segments.length > 0) {
      const [oldest] = this.#segments as [Segment]
      const acked = this.#cursor.acked
      // what was not acknowledged stays where the newest give way
      if (oldest.last > acked && (full === 'newest' || full === 'block')) return
      await this.#remove(oldest)
      if (oldest.last <= acked) continue
      const from = Math.max(acked + 1, oldest.first)
      const gaps = oldest.gaps.filter(({ serial }) => serial >= from)
      for (const { gap } of gaps) this.#pending.note(gap)
      this.#pending.lose({
        reason: 'full', ranges: [[from, oldest.last]], count: oldest.last - from + 1 - gaps.length,
      })
    }
  }

  async #remove(segment: Segment): Promise<void> {
    await this.#disk.remove(segment.name)
    this.#segments.splice(this.#segments.indexOf(segment), 1)
    this.#onDisk -= segment.bytes
    if (segment === this.#active) this.#active = null
  }

  /** The next records that were not given yet, of at most so many bytes; null where there are no more now. */
  async next(mostBytes: number): Promise<Chunk | null> {
    for (;;) {
      const place = this.#place()
      if (place === null) return null
      const { segment, at } = place
      const most = Math.min(mostBytes, segment.bytes - at)
      const bytes = await this.#disk.read(segment.name, at, most)
      // it was removed meanwhile
      if (bytes === null || bytes.length < most) continue
      let end = 0
      const frames = [...framesIn(bytes, 0)]
      for (const frame of frames) end = frame.end
      if (end === 0) {
        this.#reading = { segment, at: segment.bytes }
        continue
      }
      this.#reading = { segment, at: at + end }
      const fresh = frames.filter(({ serial }) => serial > this.#cursor.acked)
      if (fresh.length === 0) continue
      return { from: fresh[0]!.serial, to: fresh.at(-1)!.serial, lines: fresh.map(({ line }) => line) }
    }
  }

  /** Where to read on. */
  #place(): { readonly segment: Segment, readonly at: number } | null {
    const now = this.#reading
    const index = now === null ? -1 : this.#segments.indexOf(now.segment)
    if (now !== null && index >= 0 && now.at < now.segment.bytes) return now
    const last = now?.segment.last ?? 0
    const segment = this.#segments.find((one) => one !== now?.segment && one.last > last && one.last >= one.first)
    return segment === undefined ? null : { segment, at: MAGIC.length }
  }

  /** All records up to this serial are in the store. */
  ack(serial: number): void {
    if (serial <= this.#cursor.acked) return
    this.#cursor.acked = serial
    void this.#later(() => this.#trim())
  }

  async #trim(): Promise<void> {
    const { acked } = this.#cursor
    const { segmentBytes } = this.#settings
    const done = this.#segments.filter((one) =>
      one.last <= acked && (one !== this.#active || one.bytes >= segmentBytes))
    if (done.length === 0 && acked < this.#durable) return
    // before they go: a serial that is nowhere any more must not be given again
    await this.#cursor.save()
    for (const segment of done) await this.#remove(segment)
    if (this.#pending.hasLost) this.#schedule()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return this.#work
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.flush()
    const last = this.#pending.last
    await this.#later(async () => {
      if (this.#pending.isEmpty) await this.#cursor.save(last)
    })
    await this.#later(() => this.#disk.close())
    this.more.ring()
  }
}
