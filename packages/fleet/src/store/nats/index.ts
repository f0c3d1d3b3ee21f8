/** `nats({ servers })`: the store on NATS JetStream, by the packages `@nats-io/*`, loaded at the first use. */
import { checkOptions } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import { FleetError } from '../../fleet-error.ts'
import { checkBucket, checkKey, checkLog, checkRecords, checkRevision, checkWrite } from '../keys.ts'
import { checkGet, checkList, checkRead, checkWatch } from '../method-options.ts'
import type {
  Appended, BucketName, Entry, GetOptions, ListOptions, LogName, LogRecord, NewRecord, ReadOptions, Store, WatchOptions,
} from '../store.ts'
import { Bell, pause } from '../waiting.ts'
import { Connection } from './connection.ts'
import { appendRecords } from './log.ts'
import { readRecords } from './log-reader.ts'
import { natsRules } from './options.ts'
import type { NatsOptions } from './options.ts'
import { nudgeSubject } from './streams.ts'
import { listValues, readValue, removeValue, writeValue } from './values.ts'

export type { NatsOptions, NatsStreams, NatsTls } from './options.ts'

class NatsStore implements Store {
  readonly name: string
  readonly #connection: Connection
  readonly #poll: number

  constructor(options: NatsOptions) {
    this.#connection = new Connection(options)
    this.name = this.#connection.name
    this.#poll = options.poll ?? 30_000
  }

  async get(bucket: BucketName, key: string, options: GetOptions = {}): Promise<Entry | null> {
    checkBucket(bucket)
    checkGet(options)
    return readValue(this.#connection, bucket, checkKey(key), options)
  }

  async put(bucket: BucketName, key: string, value: Uint8Array): Promise<number> {
    checkWrite(bucket, key, value)
    return writeValue(this.#connection, bucket, key, value)
  }

  async swap(bucket: BucketName, key: string, value: Uint8Array, revision: number): Promise<number> {
    checkWrite(bucket, key, value)
    checkRevision(revision)
    return writeValue(this.#connection, bucket, key, value, revision)
  }

  async remove(bucket: BucketName, key: string): Promise<void> {
    checkBucket(bucket)
    await removeValue(this.#connection, bucket, checkKey(key))
  }

  async *list(bucket: BucketName, options: ListOptions = {}): AsyncGenerator<Entry> {
    checkBucket(bucket)
    checkList(options)
    yield* listValues(this.#connection, bucket, options)
  }

  async *watch(bucket: BucketName, key: string, options: WatchOptions = {}): AsyncGenerator<Entry> {
    checkWatch(options)
    checkBucket(bucket)
    checkKey(key)
    const end = this.#until(options.signal)
    for (let seen = 0, wait = 100; !end.aborted;) {
      try {
        for await (const entry of this.#watchOnce(bucket, key, seen, end)) {
          seen = entry.revision
          wait = 100
          yield entry
        }
      } catch (error) {
        if (!(error instanceof FleetError) || !['unreachable', 'stale', 'closed'].includes(error.code)) throw error
        await pause(wait, end)
        wait = Math.min(2 * wait, 5000)
      }
    }
  }

  /** Ends with an error where the connection does; the watch begins again then. */
  async *#watchOnce(bucket: BucketName, key: string, from: number, end: AbortSignal): AsyncGenerator<Entry> {
    const { connection } = await this.#connection.open()
    const bell = new Bell()
    let [seen, known] = [from, 0]
    const nudges = connection.subscribe(nudgeSubject(bucket, key), {
      callback: (error, message) => {
        if (error !== null) return
        known = Math.max(known, Number(message.headers?.get('Nats-Sequence')) || 0)
        bell.ring()
      },
    })
    // what was published while the connection was lost is not published again
    const ringAfterLoss = async (): Promise<void> => {
      for await (const { type } of connection.status()) if (type === 'reconnect') bell.ring()
    }
    void ringAfterLoss()
    try {
      while (!end.aborted) {
        const entry = await readValue(this.#connection, bucket, key, { least: known > seen ? known : 0, signal: end })
        if (entry !== null && entry.revision > seen) {
          seen = entry.revision
          yield entry
        } else {
          await bell.wait(this.#poll, end)
        }
      }
    } catch (error) {
      if (!end.aborted) throw error
    } finally {
      nudges.unsubscribe()
    }
  }

  async append(log: LogName, key: string, records: readonly NewRecord[]): Promise<Appended> {
    checkRecords(log, key, records)
    return appendRecords(this.#connection, log, key, records)
  }

  async *read(log: LogName, options: ReadOptions = {}): AsyncGenerator<LogRecord> {
    checkLog(log)
    checkRead(options)
    yield* readRecords(this.#connection, log, options, this.#until(options.signal))
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    const { signal: closing } = this.#connection.closing
    return signal === undefined ? closing : AbortSignal.any([signal, closing])
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}

/** Connects at its first use. Throws OptionError. */
export const nats = (options: NatsOptions): Store => {
  checkOptions(options, natsRules, 'nats')
  return new NatsStore(plainOptions(options, { takes: natsRules }, 'nats'))
}
