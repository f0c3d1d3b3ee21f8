/** Logs in streams of NATS: an acknowledged message a record. */
import { FleetError, reasonOf } from '../../fleet-error.ts'
import type { Appended, LogName, LogRecord, NewRecord, ReadOptions } from '../store.ts'
import { pause } from '../waiting.ts'
import { optionalPackage } from './connection.ts'
import type { Connection } from './connection.ts'
import { logStream, logSubject } from './streams.ts'

/** Records of one `append` that are not acknowledged yet. */
const AT_ONCE = 64

export const appendRecords = async (
  connection: Connection, log: LogName, key: string, records: readonly NewRecord[],
): Promise<Appended> => {
  let [next, duplicates] = [0, 0]
  const subject = logSubject(log, key)
  const work = async (): Promise<void> => {
    while (next < records.length) {
      const { id, value } = records[next++]!
      const { duplicate } = await connection.ask(subject, { body: value, headers: { 'Nats-Msg-Id': id } })
      if (duplicate === true) duplicates += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { added: records.length - duplicates, duplicates }
}

/** Needs the right to make a consumer, which hosts do not have. */
export async function* readRecords(
  connection: Connection, log: LogName, { after = 0, since = 0, key, live = false }: ReadOptions, end: AbortSignal,
): AsyncGenerator<LogRecord> {
  const { jetstream, DeliverPolicy } =
    await optionalPackage(() => import('@nats-io/jetstream'), '@nats-io/jetstream')
  let seen = after
  while (!end.aborted) {
    const { connection: nats } = await connection.open()
    const consumer = await jetstream(nats).consumers.get(logStream(log), {
      filter_subjects: logSubject(log, key ?? '>'),
      ...(seen === 0 && since > 0
        ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(since).toISOString() }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: seen + 1 }),
    })
    const { num_pending: pending } = await consumer.info()
    if (pending === 0 && !live) return
    const messages = await consumer.consume({ max_messages: 500 })
    const stop = (): void => messages.stop()
    end.addEventListener('abort', stop, { once: true })
    try {
      for await (const message of messages) {
        if (end.aborted) return
        seen = message.seq
        if (message.time.getTime() >= since) yield {
          sequence: message.seq, key: message.subject.slice(logSubject(log, '').length),
          id: message.headers?.get('Nats-Msg-Id') ?? '', time: message.time.getTime(), value: message.data,
        }
        if (!live && message.info.pending === 0) return
      }
    } finally {
      end.removeEventListener('abort', stop)
      await messages.close()
    }
    // a connection was lost
    await pause(500, end)
  }
}

/** Of the library, which wraps the server's refusal. */
const isRefusal = (error: unknown): boolean => {
  const { name = '', cause } = (error ?? {}) as { name?: string, cause?: unknown }
  return name === 'PermissionViolationError' || (cause !== undefined && isRefusal(cause))
}

export const logError = (error: unknown, log: LogName): FleetError => {
  if (error instanceof FleetError) return error
  const code = isRefusal(error) ? 'not-permitted' : 'unreachable'
  return new FleetError(code, `the log cannot be read: ${reasonOf(error)}`, { place: log, cause: error })
}
