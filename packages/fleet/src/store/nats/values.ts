/** Values by key in buckets of NATS: each operation is one message of the documented protocol, without a consumer. */
import { randomUUID } from 'node:crypto'
import { FleetError } from '../../fleet-error.ts'
import { hasPrefix } from '../keys.ts'
import type { BucketName, Entry, GetOptions, ListOptions } from '../store.ts'
import { pause } from '../waiting.ts'
import type { ApiAnswer, Connection } from './connection.ts'
import { bucketStream, bucketSubject, infoSubject, readSubject } from './streams.ts'

/** Reads of one `list` that are under way at a time. */
const AT_ONCE = 64
const PATIENCE_MS = 10_000
const NOT_FOUND = 404
/** The last sequence of the subject is another. */
const WRONG_SEQUENCE = [10071, 10164]

const WRITER = 'Fleet-Write'

interface Found extends Entry {
  readonly writer: string
}

const readOnce = async (
  connection: Connection, bucket: BucketName, key: string, signal?: AbortSignal,
): Promise<Found | null> => {
  const msg = await connection.request(readSubject(bucket, key), signal === undefined ? {} : { signal })
  const { headers } = msg
  if (headers?.code === NOT_FOUND) return null
  const revision = Number(headers?.get('Nats-Sequence'))
  if (headers === undefined || !Number.isSafeInteger(revision) || revision < 1) {
    throw new FleetError('damaged', `\`${key}\` has no sequence`, { place: bucket })
  }
  // as tools of NATS remove values
  if (['DEL', 'PURGE'].includes(headers.get('KV-Operation'))) return null
  return { key, revision, value: msg.data, writer: headers.get(WRITER) }
}

export const readValue = async (
  connection: Connection, bucket: BucketName, key: string, { least = 0, signal }: GetOptions,
): Promise<Entry | null> => {
  const until = Date.now() + PATIENCE_MS
  for (let wait = 5; ; wait = Math.min(2 * wait, 250)) {
    const found = await readOnce(connection, bucket, key, signal)
    if (least === 0 || (found?.revision ?? 0) >= least) {
      return found === null ? null : { key, revision: found.revision, value: found.value }
    }
    if (Date.now() > until) {
      throw new FleetError('stale', `\`${key}\` did not come to revision ${least}`, { place: bucket })
    }
    await pause(wait, signal)
  }
}

export const writeValue = async (
  connection: Connection, bucket: BucketName, key: string, value: Uint8Array, revision?: number,
): Promise<number> => {
  const writer = randomUUID()
  let isRetried = false
  const headers = {
    'Nats-Msg-Id': writer, [WRITER]: writer,
    ...(revision === undefined ? {} : { 'Nats-Expected-Last-Subject-Sequence': String(revision) }),
  }
  const parts = { body: value, headers, onRetry: () => { isRetried = true } }
  const { seq, error } = await connection.ask(bucketSubject(bucket, key), parts, WRONG_SEQUENCE)
  if (error === undefined) return seq!
  // the first try may have been done, and its answer lost
  const own = isRetried ? await readOnce(connection, bucket, key) : null
  if (own?.writer === writer) return own.revision
  throw new FleetError('conflict', `\`${key}\` is not at revision ${String(revision)}`, {
    place: bucket, hint: 'read it again',
  })
}

export const removeValue = async (connection: Connection, bucket: BucketName, key: string): Promise<void> => {
  const body = JSON.stringify({ filter: bucketSubject(bucket, key) })
  await connection.ask(`$JS.API.STREAM.PURGE.${bucketStream(bucket)}`, { body })
}

async function* keysOf(
  connection: Connection, bucket: BucketName, { prefix, signal }: ListOptions,
): AsyncGenerator<readonly string[]> {
  const skip = bucketSubject(bucket, '').length
  for (let offset = 0; ;) {
    const body = JSON.stringify({ subjects_filter: bucketSubject(bucket, '>'), offset })
    const parts = signal === undefined ? { body } : { body, signal }
    const answer: ApiAnswer = await connection.ask(infoSubject(bucketStream(bucket)), parts)
    const subjects = Object.keys(answer.state?.subjects ?? {})
    yield subjects.map((subject) => subject.slice(skip)).filter((key) => hasPrefix(key, prefix))
    offset += subjects.length
    if (subjects.length === 0 || offset >= (answer.total ?? 0)) return
  }
}

export async function* listValues(
  connection: Connection, bucket: BucketName, options: ListOptions,
): AsyncGenerator<Entry> {
  for await (const keys of keysOf(connection, bucket, options)) {
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      if (options.signal?.aborted === true) return
      const found = await Promise.all(keys.slice(at, at + AT_ONCE)
        .map((key) => readValue(connection, bucket, key, {})))
      for (const entry of found) {
        if (entry !== null) yield options.values === false ? { ...entry, value: new Uint8Array() } : entry
      }
    }
  }
}
