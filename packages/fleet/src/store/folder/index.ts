/** `folder(path)`: the store in a folder, for any number of processes of one machine, without a server. */
import { watch } from 'node:fs'
import { resolve } from 'node:path'
import { aString, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { FleetError } from '../../fleet-error.ts'
import { checkBucket, checkKey, checkLog, checkRecords, checkRevision, checkWrite } from '../keys.ts'
import { checkGet, checkList, checkRead, checkWatch } from '../method-options.ts'
import { logNames } from '../store.ts'
import type {
  Appended, BucketName, Entry, GetOptions, ListOptions, LogName, LogRecord, NewRecord, ReadOptions, Store, WatchOptions,
} from '../store.ts'
import { Bell, pause } from '../waiting.ts'
import { Disk } from './disk.ts'
import { FolderLog } from './log.ts'
import { listValues, readValue, watchedFolder, writeValue } from './values.ts'

export interface FolderOptions {
  /** Milliseconds after which a watcher looks again, whatever the system has reported. Default 1000. */
  readonly poll?: number
  /** Bytes of each log that are kept. The oldest records give way, of the hosts that have most. Default 1 GiB. */
  readonly mostLogBytes?: number
  /** Days for which a log is kept. Default 30. */
  readonly mostLogDays?: number
}

const rules: OptionRules<FolderOptions> = {
  poll: wholeNumber(1, 3_600_000), mostLogBytes: wholeNumber(1), mostLogDays: wholeNumber(1, 36_500),
}
const DAY_MS = 86_400_000
/** How long `get` waits for `least`. */
const PATIENCE_MS = 10_000

class FolderStore implements Store {
  readonly name: string
  readonly #disk: Disk
  readonly #poll: number
  readonly #logs: ReadonlyMap<LogName, FolderLog>
  readonly #closing = new AbortController()
  #opened: Promise<void> | null = null

  constructor(path: string, { poll = 1000, mostLogBytes = 2 ** 30, mostLogDays = 30 }: FolderOptions) {
    this.name = `folder ${path}`
    this.#disk = new Disk(resolve(path))
    this.#poll = poll
    const bounds = { mostBytes: mostLogBytes, mostAgeMs: mostLogDays * DAY_MS }
    this.#logs = new Map(logNames.map((log) => [log, new FolderLog(this.#disk, log, bounds)]))
  }

  async #ready(): Promise<Disk> {
    if (this.#closing.signal.aborted) throw new FleetError('closed', `${this.name} is closed`)
    this.#opened ??= this.#disk.open()
    try {
      await this.#opened
    } catch (error) {
      this.#opened = null
      throw new FleetError('unreachable', `${this.name} cannot be used: ${(error as Error).message}`, { cause: error })
    }
    return this.#disk
  }

  async get(bucket: BucketName, key: string, options: GetOptions = {}): Promise<Entry | null> {
    checkBucket(bucket)
    checkGet(options)
    const { least = 0, signal } = options
    checkKey(key)
    const disk = await this.#ready()
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      signal?.throwIfAborted()
      const entry = await readValue(disk, bucket, key)
      if (least === 0 || (entry?.revision ?? 0) >= least) return entry
      if (Date.now() > until) throw new FleetError('stale', `\`${key}\` did not come to revision ${least}`)
      await pause(20, signal)
    }
  }

  async put(bucket: BucketName, key: string, value: Uint8Array): Promise<number> {
    checkWrite(bucket, key, value)
    return (await writeValue(await this.#ready(), bucket, key, value))!
  }

  async swap(bucket: BucketName, key: string, value: Uint8Array, revision: number): Promise<number> {
    checkWrite(bucket, key, value)
    checkRevision(revision)
    return (await writeValue(await this.#ready(), bucket, key, value, revision))!
  }

  async remove(bucket: BucketName, key: string): Promise<void> {
    checkBucket(bucket)
    checkKey(key)
    await writeValue(await this.#ready(), bucket, key, null)
  }

  async *list(bucket: BucketName, options: ListOptions = {}): AsyncGenerator<Entry> {
    checkBucket(bucket)
    checkList(options)
    yield* listValues(await this.#ready(), bucket, options)
  }

  async *watch(bucket: BucketName, key: string, options: WatchOptions = {}): AsyncGenerator<Entry> {
    checkWatch(options)
    checkBucket(bucket)
    checkKey(key)
    const disk = await this.#ready()
    const end = this.#until(options.signal)
    const bell = new Bell()
    const stop = ringOnChange(await watchedFolder(disk, bucket, key), bell)
    try {
      for (let seen = 0; !end.aborted;) {
        const entry = await readValue(disk, bucket, key)
        if (end.aborted) return
        if (entry !== null && entry.revision > seen) {
          seen = entry.revision
          yield entry
        } else {
          await bell.wait(this.#poll, end)
        }
      }
    } finally {
      stop()
    }
  }

  async append(log: LogName, key: string, records: readonly NewRecord[]): Promise<Appended> {
    checkRecords(log, key, records)
    await this.#ready()
    return this.#logs.get(log)!.append(key, records)
  }

  async *read(log: LogName, options: ReadOptions = {}): AsyncGenerator<LogRecord> {
    checkLog(log)
    checkRead(options)
    const { live = false, after = 0, since = 0, key, signal } = options
    await this.#ready()
    const end = this.#until(signal)
    const from = this.#logs.get(log)!
    for (let seen = after; !end.aborted;) {
      const behind = { after: seen, since, signal: end, ...(key === undefined ? {} : { key }) }
      for await (const record of from.read(behind)) {
        seen = record.sequence
        yield record
      }
      if (!live) return
      await pause(Math.min(this.#poll, 200), end)
    }
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  async close(): Promise<void> {
    this.#closing.abort()
  }
}

/** Where the system has no more watches, looking every now and then has to do. */
const ringOnChange = (path: string, bell: Bell): (() => void) => {
  try {
    const watcher = watch(path, { persistent: false }, () => bell.ring())
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => undefined
  }
}

/** Several processes may use one folder at a time, each with a `folder` of its own. Throws OptionError. */
export const folder = (path: string, options: FolderOptions = {}): Store => {
  checkOptions({ path }, { path: aString }, 'folder')
  checkOptions(options, rules, 'folder')
  return new FolderStore(path, options)
}
