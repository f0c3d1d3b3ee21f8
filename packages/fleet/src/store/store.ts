/**
 * The state of a fleet. One store is one tenant. A driver gives the functions of `Store`; the suite of
 * `@lsmkit/fleet/testing` holds each of them to what is promised here.
 *
 * - A write that has resolved is there: it survives the end of the process that made it.
 * - `swap` is a compare-and-set: of any number of writers that have read the same revision, one succeeds.
 * - Revisions of a key only rise, also over `remove`.
 * - `get` may answer an older revision than another process has just written, unless `least` asks for one.
 * - `watch` loses no last value: each watcher gets the newest value of its key, though not each one before it.
 * - `append` is at least once. An id that was appended within `DEDUPE_MS` is not appended again. Readers of a log must
 *   expect a record twice after longer times.
 */

/** Where values by key lie. `want` and `have` have one key a host. */
export const buckets = {
  /** Which bundle a host should have. Controllers write it. */
  want: { mostBytes: 64 * 1024 },
  /** The bundle that a host has. The host alone writes its own key. */
  have: { mostBytes: 64 * 1024 },
  /** The state of rollouts. Controllers write it by `swap`. */
  rollout: { mostBytes: 512 * 1024 },
  /** Large values in pieces, by digest. They never change. */
  bundle: { mostBytes: 512 * 1024 },
} as const

export type BucketName = keyof typeof buckets
export const bucketNames = Object.keys(buckets) as readonly BucketName[]

/** Where records are appended, by key: of a host's decisions the key is the host. */
export const logs = {
  dec: { mostBytes: 64 * 1024 },
} as const

export type LogName = keyof typeof logs
export const logNames = Object.keys(logs) as readonly LogName[]

/** How long an id of an appended record is remembered at least. */
export const DEDUPE_MS = 120_000
/** Records of one `append`. */
export const MOST_RECORDS = 1000

export interface Entry {
  readonly key: string
  readonly revision: number
  readonly value: Uint8Array
}

export interface GetOptions {
  /** Waits until the key has at least this revision. Rejects with `stale` when it does not come. */
  readonly least?: number
  readonly signal?: AbortSignal
}

export interface ListOptions {
  /** `eu` lists `eu` and all of `eu.…`. Default: all keys. */
  readonly prefix?: string
  /** `false` leaves the values empty, which is cheaper. Default `true`. */
  readonly values?: boolean
  readonly signal?: AbortSignal
}

export interface WatchOptions {
  readonly signal?: AbortSignal
}

/** A record to append. Its id is of your choice; it is what makes a retry harmless. */
export interface NewRecord {
  readonly id: string
  readonly value: Uint8Array
}

export interface Appended {
  /** Records that are new in the log. The others were there already. */
  readonly added: number
  readonly duplicates: number
}

export interface LogRecord {
  /** Rises along the log. `read({ after })` goes on behind it. */
  readonly sequence: number
  /** From the store, never from the record. */
  readonly key: string
  readonly id: string
  /** Milliseconds since 1970, by the clock of the store. */
  readonly time: number
  readonly value: Uint8Array
}

export interface ReadOptions {
  /** A sequence: only what is behind it. Default 0. */
  readonly after?: number
  /** Milliseconds since 1970, by the clock of the store: only what was appended then or later. */
  readonly since?: number
  /** Only of this key. */
  readonly key?: string
  /** Goes on with what is appended later, until the signal. Default `false`: ends at the end of the log. */
  readonly live?: boolean
  readonly signal?: AbortSignal
}

export interface LargeOptions {
  readonly signal?: AbortSignal
  /** Milliseconds to wait for pieces that are on their way. */
  readonly patience?: number
}

export interface Store {
  /** Its kind and place, for people: `folder /var/lib/fleet`. */
  readonly name: string
  /** Null where there is no value. */
  get(bucket: BucketName, key: string, options?: GetOptions): Promise<Entry | null>
  /** The new revision. */
  put(bucket: BucketName, key: string, value: Uint8Array): Promise<number>
  /** Writes if the key still has this revision; 0 is a key without a value. Rejects with `conflict`. */
  swap(bucket: BucketName, key: string, value: Uint8Array, revision: number): Promise<number>
  /** Takes the value away. A key without one is left. */
  remove(bucket: BucketName, key: string): Promise<void>
  /** All keys with a value, in no order. */
  list(bucket: BucketName, options?: ListOptions): AsyncIterable<Entry>
  /**
   * The value that the key has now, if there is one, and each newer one; values in between may be left out. It ends
   * without an error when the signal comes or the store closes, and goes on over lost connections.
   */
  watch(bucket: BucketName, key: string, options?: WatchOptions): AsyncIterable<Entry>
  append(log: LogName, key: string, records: readonly NewRecord[]): Promise<Appended>
  read(log: LogName, options?: ReadOptions): AsyncIterable<LogRecord>
  /** Ends all watches. */
  close(): Promise<void>
}
