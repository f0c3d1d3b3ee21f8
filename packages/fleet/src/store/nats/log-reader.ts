/**
 * Reads a log by the sequences of its messages, without a consumer: whoever may make one may have it deliver to any
 * subject, also to one that he may not publish. Replicas answer, many requests at a time. Where one has nothing, the
 * leader is asked: the message was taken away, or that replica does not have it yet.
 */
import { FleetError } from '../../fleet-error.ts'
import type { LogName, LogRecord, ReadOptions } from '../store.ts'
import { pause } from '../waiting.ts'
import type { ApiMessage, Connection } from './connection.ts'
import { infoSubject, leaderReadSubject, logReadSubject, logStream, logSubject } from './streams.ts'

/** Messages that are asked for at a time. */
const AT_ONCE = 64
/** How often it is looked for new ones. */
const LOOK_MS = 200
/** Servers that lead one after the other have clocks of their own. */
const CLOCK_MS = 60_000
const NOT_FOUND = 404
const NO_MESSAGE = 10037
const ID = /^Nats-Msg-Id:[ \t]*(.*?)\r?$/im

const quiet = <T>(promise: Promise<T>): Promise<T> => {
  // of requests whose answers nobody waits for any more
  promise.catch(() => null)
  return promise
}

class LogReader {
  readonly #connection: Connection
  readonly #log: LogName
  readonly #end: AbortSignal

  constructor(connection: Connection, log: LogName, end: AbortSignal) {
    this.#connection = connection
    this.#log = log
    this.#end = end
  }

  /** The first and the last sequence that the log has. */
  async bounds(): Promise<readonly [first: number, last: number]> {
    const { state } = await this.#connection.ask(infoSubject(logStream(this.#log)), { signal: this.#end })
    return [state?.first_seq ?? 0, state?.last_seq ?? 0]
  }

  #keyOf(subject: string): string {
    return subject.slice(logSubject(this.#log, '').length)
  }

  /** Null where the replica that answers does not have it. */
  async #read(sequence: number): Promise<LogRecord | null> {
    const { headers, data } = await this.#connection.request(logReadSubject(this.#log), {
      body: JSON.stringify({ seq: sequence }), signal: this.#end,
    })
    if (headers === undefined || headers.code === NOT_FOUND) return null
    const time = Date.parse(headers.get('Nats-Time-Stamp'))
    if (Number(headers.get('Nats-Sequence')) !== sequence || !Number.isFinite(time)) {
      throw new FleetError('damaged', `message ${sequence} has no sequence or no time`, { place: this.#log })
    }
    return {
      sequence, key: this.#keyOf(headers.get('Nats-Subject')), id: headers.get('Nats-Msg-Id'), time, value: data,
    }
  }

  /** The first message from a sequence on, as the leader has it. */
  async #next(from: number, key = '>'): Promise<LogRecord | null> {
    const body = JSON.stringify({ seq: from, next_by_subj: logSubject(this.#log, key) })
    const { message } = await this.#connection.ask(leaderReadSubject(this.#log), { body, signal: this.#end },
      [NO_MESSAGE])
    return message === undefined ? null : this.#recordOf(message)
  }

  #recordOf({ seq: sequence, subject, time, data = '', hdrs = '' }: ApiMessage): LogRecord {
    return {
      sequence, key: this.#keyOf(subject), id: ID.exec(Buffer.from(hdrs, 'base64').toString())?.[1] ?? '',
      time: Date.parse(time), value: new Uint8Array(Buffer.from(data, 'base64')),
    }
  }

  /** The sequence from which on messages are of that time or later, or a little before it. */
  async since(first: number, last: number, time: number): Promise<number> {
    let [low, high] = [first, last + 1]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const found = await this.#next(middle)
      if (found === null || found.time >= time - CLOCK_MS) high = middle
      else low = found.sequence + 1
    }
    return low
  }

  async *between(first: number, last: number): AsyncGenerator<LogRecord> {
    const asked: Promise<LogRecord | null>[] = []
    let [at, next] = [first, first]
    while (at <= last) {
      while (next <= last && asked.length < AT_ONCE) asked.push(quiet(this.#read(next++)))
      const record = await asked.shift()! ?? await this.#next(at)
      if (record === null || record.sequence > last) return
      yield record
      asked.splice(0, record.sequence - at)
      at = record.sequence + 1
      next = Math.max(next, at)
    }
  }

  async *ofKey(key: string, first: number, last: number): AsyncGenerator<LogRecord> {
    for (let at = first; at <= last;) {
      const record = await this.#next(at, key)
      if (record === null || record.sequence > last) return
      yield record
      at = record.sequence + 1
    }
  }
}

const isAway = (error: unknown): boolean => error instanceof FleetError && error.code === 'unreachable'

/** Needs the rights of a reader, which hosts do not have. */
export async function* readRecords(
  connection: Connection, log: LogName, { after = 0, since = 0, key, live = false }: ReadOptions, end: AbortSignal,
): AsyncGenerator<LogRecord> {
  const reader = new LogReader(connection, log, end)
  let seen = after
  while (!end.aborted) {
    try {
      const [first, last] = await reader.bounds()
      const next = Math.max(seen + 1, first)
      const from = seen === 0 && since > 0 ? await reader.since(next, last, since) : next
      for await (const record of key === undefined ? reader.between(from, last) : reader.ofKey(key, from, last)) {
        seen = record.sequence
        if (record.time >= since) yield record
        if (end.aborted) return
      }
      seen = Math.max(seen, last)
      if (!live) return
    } catch (error) {
      if (end.aborted) return
      if (!live || !isAway(error)) throw error
    }
    await pause(LOOK_MS, end)
  }
}
