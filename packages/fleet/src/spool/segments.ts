/**
 * Segments of a spool on the disk, oldest first. INVARIANT: serials rise along the frames, over all segments, so that
 * what was written twice after an error is read once.
 */
import { firstFrame, framesIn, GAP, MAGIC } from './frame.ts'
import type { Gap, KeptGap } from './gap.ts'
import type { SpoolDisk } from './spool-disk.ts'

/** Names that no disk makes by damage are left alone: a serial is a safe number. */
const NAME = /^(0\d{15})\.seg$/
const CURSOR = /^cursor-(\d{1,15})-(?:open|closed-(\d{1,15}))$/

/** Bytes of a segment that are ever read. */
const MOST_SEGMENT = 2 ** 30

export interface Segment {
  readonly name: string
  readonly first: number
  /** Of its last frame; `first - 1` where there is none. */
  last: number
  /** Where its whole frames end. */
  bytes: number
  gaps: KeptGap[]
}

export const segmentName = (first: number): string => `${String(first).padStart(16, '0')}.seg`

export const freshSegment = (first: number): Segment => ({
  name: segmentName(first), first, last: first - 1, bytes: MAGIC.length, gaps: [],
})

const cursorName = (acked: number, closedAt: number | null): string =>
  `cursor-${acked}-${closedAt === null ? 'open' : `closed-${closedAt}`}`

/**
 * The last serial that was acknowledged, and whether the spool was closed. Both are in the name of an empty file, which
 * cannot be half written.
 */
export class Cursor {
  readonly #disk: SpoolDisk
  #name: string
  acked: number

  constructor(disk: SpoolDisk, name: string, acked: number) {
    this.#disk = disk
    this.#name = name
    this.acked = acked
  }

  async save(closedAt: number | null = null): Promise<void> {
    const name = cursorName(this.acked, closedAt)
    if (name === this.#name) return
    await this.#disk.rename(this.#name, name)
    this.#name = name
  }
}

export interface Recovered {
  readonly segments: readonly Segment[]
  readonly cursor: Cursor
  /** The serial of the next record. */
  readonly next: number
  /** There was an agent that did not close the spool. */
  readonly wasEnded: boolean
}

const gapIn = (line: Uint8Array): Gap => {
  const { reason, ranges, count } = JSON.parse(Buffer.from(line).toString()) as Gap
  return { reason, ranges, count }
}

const scanned = async (disk: SpoolDisk, name: string, after: number): Promise<Segment> => {
  const segment = freshSegment(Number(NAME.exec(name)![1]))
  const bytes = await disk.read(name, 0, MOST_SEGMENT) ?? Buffer.alloc(0)
  const from = firstFrame(bytes)
  if (from === null) return segment
  for (const { serial, kind, line, end } of framesIn(bytes, from, after)) {
    segment.last = serial
    segment.bytes = end
    if (kind === GAP) segment.gaps.push({ serial, gap: gapIn(line) })
  }
  // a new segment is begun, so nothing is ever written behind a frame that was cut
  if (segment.bytes < bytes.length) await disk.cut(name, segment.bytes)
  return segment
}

/** Reads what an earlier agent has left, and cuts what it had not finished. */
export const recover = async (disk: SpoolDisk): Promise<Recovered> => {
  const names = await disk.names()
  const cursors = names.filter((name) => CURSOR.test(name)).toSorted()
  const segments: Segment[] = []
  let [last, next] = [0, 1]
  for (const name of names.filter((one) => NAME.test(one)).toSorted()) {
    const segment = await scanned(disk, name, last)
    last = Math.max(last, segment.last)
    next = Math.max(next, segment.first, last + 1)
    if (segment.last < segment.first) await disk.remove(name)
    else segments.push(segment)
  }
  const found = cursors.map((name) => CURSOR.exec(name)!)
  const acked = Math.max(0, ...found.map(([, number]) => Number(number)))
  const isClosed = found.length > 0 && found.every(([, , at]) => at !== undefined && Number(at) >= last)
  for (const name of cursors.slice(1)) await disk.remove(name)
  const name = cursors[0] ?? cursorName(0, null)
  if (cursors.length === 0) await disk.create(name)
  const wasEnded = !isClosed && (segments.length > 0 || found.length > 0)
  const used = [acked, ...found.map(([, , at]) => Number(at ?? 0))]
  return { segments, cursor: new Cursor(disk, name, acked), next: Math.max(next, ...used.map((n) => n + 1)), wasEnded }
}
