/** The streams of a fleet, by the names and subjects that rights are given for. */
import { bucketNames, DEDUPE_MS, logNames, logs } from '../store.ts'
import type { BucketName, LogName } from '../store.ts'
import type { NatsStreams } from './options.ts'

/** As buckets of NATS are named, so that its own tools show them. */
export const bucketStream = (bucket: BucketName): string => `KV_${bucket}`
export const bucketSubject = (bucket: BucketName, key: string): string => `$KV.${bucket}.${key}`
export const logStream = (log: LogName): string => log.toUpperCase()
export const logSubject = (log: LogName, key: string): string => `fleet.${log}.${key}`
/** The server publishes the revision of each new value here, without the value. */
export const nudgeSubject = (bucket: BucketName, key: string): string => `fleet.nudge.${bucket}.${key}`
/** Reads the last value of one key; the key is a part of the subject, so that rights can name it. */
export const readSubject = (bucket: BucketName, key: string): string =>
  `$JS.API.DIRECT.GET.${bucketStream(bucket)}.${bucketSubject(bucket, key)}`
/** The same of all keys. */
export const readAllSubject = (bucket: BucketName): string => `$JS.API.DIRECT.GET.${bucketStream(bucket)}.>`
/** Reads a message of a log by its sequence, from any replica. */
export const logReadSubject = (log: LogName): string => `$JS.API.DIRECT.GET.${logStream(log)}`
/** The same from the leader alone, which has all that was acknowledged. */
export const leaderReadSubject = (log: LogName): string => `$JS.API.STREAM.MSG.GET.${logStream(log)}`
/** Lists the keys of a bucket, or counts a log. */
export const infoSubject = (stream: string): string => `$JS.API.STREAM.INFO.${stream}`
/** Where answers to the user of a public nkey come: another one for each user, so that none reads those of others. */
export const inboxOf = (nkey: string): string => `_INBOX_${nkey}`

const NANO = 1e6
const DAY_MS = 86_400_000

const common = (replicas: number): object => ({
  num_replicas: replicas, storage: 'file', retention: 'limits', allow_direct: true, duplicate_window: DEDUPE_MS * NANO,
})

export interface StreamConfig {
  readonly name: string
}

/** As `$JS.API.STREAM.CREATE` takes them. */
export const streamConfigs = (
  { replicas = 1, mostLogBytes = 2 ** 30, mostLogDays = 30, mostHostMessages }: NatsStreams,
): readonly StreamConfig[] => [
  ...bucketNames.map((bucket) => ({
    ...common(replicas), name: bucketStream(bucket), subjects: [bucketSubject(bucket, '>')], max_msgs_per_subject: 1,
    discard: 'new', allow_rollup_hdrs: true, deny_delete: true,
    republish: { src: bucketSubject(bucket, '>'), dest: nudgeSubject(bucket, '>'), headers_only: true },
  })),
  ...logNames.map((log) => ({
    ...common(replicas), name: logStream(log), subjects: [logSubject(log, '>')], discard: 'old',
    max_bytes: mostLogBytes,
    max_msgs_per_subject: mostHostMessages ?? Math.max(1, Math.floor(mostLogBytes / logs[log].mostBytes)),
    max_age: mostLogDays * DAY_MS * NANO,
  })),
]
