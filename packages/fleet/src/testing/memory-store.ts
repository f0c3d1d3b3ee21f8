/** A store in memory, for models in which the order of all calls is chosen. It has no logs. */
import { FleetError } from '../fleet-error.ts'
import type { BucketName, Entry, Store } from '../store/store.ts'

interface Place {
  revision: number
  readonly values: Map<string, Entry>
}

/** `pace` is called before each call, and may wait, or reject as a process that is killed. */
export const memoryStore = (place: Place, pace: () => Promise<void> = () => Promise.resolve()): Store => {
  const nameOf = (bucket: BucketName, key: string): string => `${bucket}/${key}`
  const write = (bucket: BucketName, key: string, value: Uint8Array): number => {
    place.revision += 1
    place.values.set(nameOf(bucket, key), { key, revision: place.revision, value })
    return place.revision
  }
  const none = (): never => {
    throw new FleetError('closed', 'this store has no such call')
  }
  return {
    name: 'memory',
    async get(bucket, key) {
      await pace()
      return place.values.get(nameOf(bucket, key)) ?? null
    },
    async put(bucket, key, value) {
      await pace()
      return write(bucket, key, value)
    },
    async swap(bucket, key, value, revision) {
      await pace()
      const now = place.values.get(nameOf(bucket, key))?.revision ?? 0
      if (now !== revision) throw new FleetError('conflict', `\`${key}\` has revision ${now}`)
      return write(bucket, key, value)
    },
    remove: async () => none(), list: none, watch: none, append: async () => none(), read: none, close: async () => {},
  }
}

export const freshPlace = (): Place => ({ revision: 0, values: new Map() })
