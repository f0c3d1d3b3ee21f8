/** Which keys, values and records a store takes: the same in every driver. */
import { FleetError } from '../fleet-error.ts'
import { buckets, logs, MOST_RECORDS } from './store.ts'
import type { BucketName, LogName, NewRecord } from './store.ts'

const MOST_KEY = 120
const KEY = /^[A-Za-z0-9_=-]+(?:\.[A-Za-z0-9_=-]+)*$/
/** One that a header of NATS can carry. */
const ID = /^[\x21-\x7e]{1,200}$/

/** Parts with a dot between them: letters, digits and `_=-`. Throws `bad-key`. */
export const checkKey = (key: unknown, place = 'key'): string => {
  if (typeof key === 'string' && key.length <= MOST_KEY && KEY.test(key)) return key
  throw new FleetError('bad-key', `\`${String(key).slice(0, MOST_KEY)}\` is not a key`, {
    place, hint: `letters, digits, _ = - in parts with a dot between them, at most ${MOST_KEY}`,
  })
}

export const checkBucket = (bucket: unknown): BucketName => {
  if (typeof bucket === 'string' && Object.hasOwn(buckets, bucket)) return bucket as BucketName
  throw new FleetError('bad-key', `there is no bucket \`${String(bucket)}\``, { hint: Object.keys(buckets).join(', ') })
}

export const checkLog = (log: unknown): LogName => {
  if (typeof log === 'string' && Object.hasOwn(logs, log)) return log as LogName
  throw new FleetError('bad-key', `there is no log \`${String(log)}\``, { hint: Object.keys(logs).join(', ') })
}

const checkBytes = (value: unknown, most: number, place: string): void => {
  if (!(value instanceof Uint8Array)) throw new FleetError('bad-key', 'a value is bytes', { place })
  if (value.length > most) {
    throw new FleetError('too-large', `a value of ${value.length} bytes, and ${place} takes at most ${most}`, {
      place, hint: place === 'bundle' ? 'putLarge' : null,
    })
  }
}

export const checkWrite = (bucket: BucketName, key: string, value: Uint8Array): void => {
  checkBytes(value, buckets[checkBucket(bucket)].mostBytes, bucket)
  checkKey(key)
}

export const checkRevision = (revision: unknown): void => {
  if (Number.isSafeInteger(revision) && (revision as number) >= 0) return
  throw new FleetError('bad-key', `\`${String(revision)}\` is not a revision`)
}

export const checkRecords = (log: LogName, key: string, records: readonly NewRecord[]): void => {
  const { mostBytes } = logs[checkLog(log)]
  checkKey(key)
  if (records.length > MOST_RECORDS) {
    throw new FleetError('too-large', `${records.length} records at once, and at most ${MOST_RECORDS} may be`)
  }
  for (const { id, value } of records) {
    if (typeof id !== 'string' || !ID.test(id)) {
      throw new FleetError('bad-key', `\`${String(id)}\` is not an id`, { hint: 'up to 200 printable characters' })
    }
    checkBytes(value, mostBytes, log)
  }
}

/** Does the prefix hold for the key, by whole parts? */
export const hasPrefix = (key: string, prefix: string | undefined): boolean =>
  prefix === undefined || key === prefix || key.startsWith(`${prefix}.`)
