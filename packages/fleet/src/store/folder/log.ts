/** Logs in a folder: a chain of slots, each with the records of one `append`. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FleetError } from '../../fleet-error.ts'
import { DEDUPE_MS, MOST_RECORDS } from '../store.ts'
import type { Appended, LogName, LogRecord, NewRecord, ReadOptions } from '../store.ts'
import { orNull } from './disk.ts'
import type { Disk } from './disk.ts'
import { givingWay } from './fair-share.ts'
import type { LogSlot } from './fair-share.ts'
import { readRecordFile, recordFile } from './record-file.ts'
import { SlotChain } from './slot-chain.ts'
import type { Tip } from './slot-chain.ts'

const GENERATION = 256
/** Sequences of a slot: more than it can have records. */
const ROOM = 1024

/** How much of a log is kept: the oldest records give way, of those with most of them first. */
export interface LogBounds {
  readonly mostBytes: number
  readonly mostAgeMs: number
}

interface BatchHead {
  readonly key: string
  readonly time: number
  /** Id and length of each record. */
  readonly records: readonly (readonly [string, number])[]
}

const isHead = (head: unknown): head is BatchHead => {
  const { key, time, records } = head as { [Name in keyof BatchHead]: unknown }
  return typeof key === 'string' && typeof time === 'number' && Array.isArray(records) &&
    records.length <= MOST_RECORDS && records.every((one) => Array.isArray(one) && typeof one[0] === 'string' &&
      Number.isSafeInteger(one[1]) && (one[1] as number) >= 0)
}

const batchFile = (key: string, records: readonly NewRecord[]): Uint8Array => recordFile(
  { key, time: Date.now(), records: records.map(({ id, value }) => [id, value.length]) } satisfies BatchHead,
  Buffer.concat(records.map(({ value }) => value)),
)

const batchOf = (bytes: Uint8Array, place: string): { readonly head: BatchHead, readonly body: Uint8Array } => {
  const { head, body } = readRecordFile(bytes, place)
  if (!isHead(head)) throw new FleetError('damaged', 'the head is not of a log', { place })
  return { head, body }
}

const recordsOf = (bytes: Uint8Array, slot: number, place: string): LogRecord[] => {
  const { head, body } = batchOf(bytes, place)
  let at = 0
  return head.records.map(([id, length], index) => {
    const value = body.subarray(at, at + length)
    at += length
    return { sequence: (slot - 1) * ROOM + index + 1, key: head.key, id, time: head.time, value }
  })
}

/** One log of a folder, as a process sees it. */
export class FolderLog {
  readonly #disk: Disk
  readonly #chain: SlotChain
  readonly #bounds: LogBounds
  readonly path: string
  /** Ids of the last minutes, with the time of this process at which they were seen. */
  readonly #ids = new Map<string, number>()
  #seen: number | null = null
  readonly #generation: number
  /** Slots as they were when the log was last pruned. */
  #known: ReadonlyMap<number, LogSlot> = new Map()
  /** Appends of this process come one after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, log: LogName, bounds: LogBounds, generation = GENERATION) {
    this.#disk = disk
    this.path = join(disk.root, `log-${log}`)
    this.#generation = generation
    this.#chain = new SlotChain(disk, this.path, generation)
    this.#bounds = bounds
  }

  append(key: string, records: readonly NewRecord[]): Promise<Appended> {
    const result = this.#queue.then(() => this.#append(key, records))
    this.#queue = result.catch(() => null)
    return result
  }

  async #append(key: string, records: readonly NewRecord[]): Promise<Appended> {
    for (;;) {
      const tip = await this.#chain.tip()
      await this.#catchUp(tip)
      const fresh = this.#fresh(records)
      const done = { added: fresh.length, duplicates: records.length - fresh.length }
      if (fresh.length === 0) return done
      const draft = await this.#disk.draft(batchFile(key, fresh))
      const slot = await this.#chain.claim(tip, draft).finally(() => this.#disk.drop(draft))
      if (slot === null) continue
      if (slot % this.#generation === 1) await this.#prune()
      return done
    }
  }

  /** Of two with one id the first. */
  #fresh(records: readonly NewRecord[]): NewRecord[] {
    const own = new Set<string>()
    return records.filter(({ id }) => !this.#ids.has(id) && !own.has(id) && own.add(id))
  }

  /** Learns the ids of all slots up to the tip, of which nobody can put one in between any more. */
  async #catchUp({ sequence }: Tip): Promise<void> {
    const now = performance.now()
    for (const [id, at] of this.#ids) {
      if (now - at <= 2 * DEDUPE_MS) break
      this.#ids.delete(id)
    }
    if (this.#seen === sequence) return
    const from = this.#seen ?? await this.#recentFrom(sequence)
    for await (const { id } of this.#slots(from, sequence)) this.#ids.set(id, now)
    this.#seen = sequence
  }

  /** The slot before those of the last minutes: clocks may have been set, so twice as long. */
  async #recentFrom(last: number): Promise<number> {
    for (const generation of [...await this.#chain.generations()].reverse()) {
      for (const slot of [...await this.#chain.sequencesOf(generation)].reverse()) {
        const found = slot > last ? null : await orNull(stat(this.#chain.pathOf(generation, slot)))
        if (found !== null && Date.now() - found.mtimeMs > 2 * DEDUPE_MS) return slot
      }
    }
    return 0
  }

  async *#slots(after: number, last = Infinity): AsyncGenerator<LogRecord> {
    for (const generation of await this.#chain.generations()) {
      for (const slot of await this.#chain.sequencesOf(generation)) {
        if (slot <= after || slot > last) continue
        const path = this.#chain.pathOf(generation, slot)
        const bytes = await this.#disk.read(path)
        if (bytes !== null) yield* recordsOf(bytes, slot, path)
      }
    }
  }

  /** The records that are there now. */
  async *read({ after = 0, since = 0, key, signal }: ReadOptions): AsyncGenerator<LogRecord> {
    // a slot that was read in part is read again
    for await (const record of this.#slots(Math.floor(after / ROOM))) {
      if (signal?.aborted === true) return
      if (record.sequence > after && record.time >= since && (key === undefined || record.key === key)) yield record
    }
  }

  /**
   * Old generations go, and of a log that is too long the records of whoever has most of it. INVARIANT: only
   * generations that were full before their slots were looked at may go; others fill new ones meanwhile.
   */
  async #prune(): Promise<void> {
    const full = new Set((await this.#chain.generations()).slice(0, -1))
    const slots = await this.#allSlots()
    const away = new Set(givingWay(slots, this.#bounds.mostBytes))
    for (const one of away) await this.#empty(one)
    const kept = new Set<string>()
    for (const one of slots) {
      const isOld = Date.now() - one.time > this.#bounds.mostAgeMs
      if (!isOld && !one.isEmpty && !away.has(one)) kept.add(one.generation)
    }
    await this.#chain.prune((generation) => full.has(generation) && !kept.has(generation))
  }

  async #allSlots(): Promise<LogSlot[]> {
    const all: LogSlot[] = []
    const known = new Map<number, LogSlot>()
    for (const generation of await this.#chain.generations()) {
      for (const slot of await this.#chain.sequencesOf(generation)) {
        const found = await this.#slotOf(generation, slot)
        if (found === null) continue
        all.push(found)
        known.set(slot, found)
      }
    }
    this.#known = known
    return all
  }

  /** A slot is read again when it has another length: somebody has emptied it. */
  async #slotOf(generation: string, slot: number): Promise<LogSlot | null> {
    const path = this.#chain.pathOf(generation, slot)
    const found = await orNull(stat(path))
    if (found === null) return null
    const { size: bytes, mtimeMs: time } = found
    const before = this.#known.get(slot)
    if (before?.bytes === bytes) return before
    const file = await this.#disk.read(path)
    if (file === null) return null
    const { head: { key, records } } = batchOf(file, path)
    return { generation, slot, key, bytes, time, isEmpty: records.length === 0 }
  }

  /** The name stays taken: a process that was stopped before it filled the slot must not fill it now. */
  async #empty({ generation, slot, key }: LogSlot): Promise<void> {
    await this.#disk.replace(this.#chain.pathOf(generation, slot), batchFile(key, []))
  }
}
