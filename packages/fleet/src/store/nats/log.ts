/** Logs in streams of NATS: an acknowledged message a record. */
import type { Appended, LogName, NewRecord } from '../store.ts'
import type { Connection } from './connection.ts'
import { logSubject } from './streams.ts'

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
