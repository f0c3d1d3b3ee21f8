/** Values by key in a folder: a chain of slots a key, whose last slot is the value. */
import { mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { FleetError } from '../../fleet-error.ts'
import { hasPrefix } from '../keys.ts'
import type { BucketName, Entry, ListOptions } from '../store.ts'
import { namesIn, orNull } from './disk.ts'
import type { Disk } from './disk.ts'
import { readRecordFile, recordFile } from './record-file.ts'
import { SlotChain } from './slot-chain.ts'
import type { Tip } from './slot-chain.ts'

/** Slots of a key before the older ones are taken away. */
const GENERATION = 16

/** File systems may not know `A` from `a`. */
const fileName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`)
const keyOf = (name: string): string => name.replace(/\+([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const bucketFolder = (disk: Disk, bucket: BucketName): string => join(disk.root, bucket)
export const keyFolder = (disk: Disk, bucket: BucketName, key: string): string =>
  join(bucketFolder(disk, bucket), fileName(key))

interface Held {
  readonly tip: Tip
  /** Null for a key that has none, or whose value was taken away. */
  readonly value: Uint8Array | null
}

const chainOf = (disk: Disk, bucket: BucketName, key: string): SlotChain =>
  new SlotChain(disk, keyFolder(disk, bucket, key), GENERATION)

const heldBy = async (disk: Disk, chain: SlotChain): Promise<Held> => {
  for (;;) {
    const tip = await chain.tip()
    if (tip.generation === null) return { tip, value: null }
    const path = chain.pathOf(tip.generation, tip.sequence)
    const bytes = await disk.read(path)
    // a newer one has taken its place meanwhile
    if (bytes === null) continue
    const { head, body } = readRecordFile(bytes, path)
    return { tip, value: (head as { removed?: unknown }).removed === true ? null : body }
  }
}

export const readValue = async (disk: Disk, bucket: BucketName, key: string): Promise<Entry | null> => {
  const { tip, value } = await heldBy(disk, chainOf(disk, bucket, key))
  return value === null ? null : { key, revision: tip.sequence, value }
}

/** Tells watchers of the key and of the bucket, which look at times of directories. */
const nudge = async (disk: Disk, bucket: BucketName, key: string): Promise<void> => {
  const now = new Date()
  await orNull(utimes(keyFolder(disk, bucket, key), now, now))
}

/**
 * Writes a value, or null to take it away. With `revision` only if the key still has it. Null: nothing was there to be
 * taken away.
 */
export const writeValue = async (
  disk: Disk, bucket: BucketName, key: string, value: Uint8Array | null, revision?: number,
): Promise<number | null> => {
  const chain = chainOf(disk, bucket, key)
  const draft = await disk.draft(recordFile(value === null ? { removed: true } : {}, value ?? new Uint8Array()))
  try {
    for (;;) {
      const { tip, value: old } = await heldBy(disk, chain)
      const now = old === null ? 0 : tip.sequence
      if (revision !== undefined && revision !== now) throw conflict(bucket, key, revision, now)
      if (value === null && old === null) return null
      const sequence = await chain.claim(tip, draft)
      if (sequence === null) continue
      await nudge(disk, bucket, key)
      if (sequence % GENERATION === 1) await chain.prune(() => true)
      return sequence
    }
  } finally {
    await disk.drop(draft)
  }
}

export const conflict = (bucket: BucketName, key: string, asked: number, now: number | null): FleetError =>
  new FleetError('conflict', `\`${key}\` is not at revision ${asked}${now === null ? '' : `, but at ${now}`}`, {
    place: bucket, hint: 'read it again',
  })

export async function* listValues(disk: Disk, bucket: BucketName, options: ListOptions): AsyncGenerator<Entry> {
  const { prefix, values = true, signal } = options
  for (const name of await namesIn(bucketFolder(disk, bucket)) ?? []) {
    if (signal?.aborted === true) return
    const key = keyOf(name)
    const entry = hasPrefix(key, prefix) ? await readValue(disk, bucket, key) : null
    if (entry !== null) yield values ? entry : { ...entry, value: new Uint8Array() }
  }
}

/** A directory to watch, which the first write would make. */
export const watchedFolder = async (disk: Disk, bucket: BucketName, key: string): Promise<string> => {
  const path = keyFolder(disk, bucket, key)
  await mkdir(path, { recursive: true, mode: 0o700 })
  return path
}
