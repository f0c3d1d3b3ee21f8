/** `@lsmkit/fleet`: one signed policy over many hosts. */
export { FleetError } from './fleet-error.ts'
export type { FleetErrorCode } from './fleet-error.ts'
export { folder } from './store/folder/index.ts'
export type { FolderOptions } from './store/folder/index.ts'
export { getLarge, putLarge } from './store/large.ts'
export { nats } from './store/nats/index.ts'
export type { NatsOptions, NatsStreams, NatsTls } from './store/nats/index.ts'
export type {
  Appended, BucketName, Entry, GetOptions, LargeOptions, ListOptions, LogName, LogRecord, NewRecord, ReadOptions, Store,
  WatchOptions,
} from './store/store.ts'
