/** Large values: pieces by digest, in bucket `bundle`, which are never changed. */
import { createHash } from 'node:crypto'
import { FleetError } from '../fleet-error.ts'
import { checkLarge } from './method-options.ts'
import { buckets } from './store.ts'
import type { LargeOptions, Store } from './store.ts'
import { pause } from './waiting.ts'

/** Of a large value. */
export const MOST_LARGE = 64 * 1024 * 1024
const PIECE = buckets.bundle.mostBytes
/** How long a reader waits for a piece that was written elsewhere. */
const PATIENCE_MS = 10_000

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const piecesOf = (size: number): number => Math.ceil(size / PIECE)

/** A piece that is there already is left, unless it is damaged. */
const putOnce = async (store: Store, key: string, value: Uint8Array): Promise<void> => {
  try {
    await store.swap('bundle', key, value, 0)
  } catch (error) {
    if (!(error instanceof FleetError) || error.code !== 'conflict') throw error
    const there = await store.get('bundle', key)
    if (there !== null && Buffer.compare(there.value, value) !== 0) await store.put('bundle', key, value)
  }
}

/** Its SHA-256. The key that says how long it is comes last, so that a reader never finds half of it. */
export const putLarge = async (store: Store, bytes: Uint8Array): Promise<string> => {
  if (bytes.length > MOST_LARGE) {
    throw new FleetError('too-large', `${bytes.length} bytes, and at most ${MOST_LARGE} may be`)
  }
  const digest = digestOf(bytes)
  for (let piece = 0; piece < piecesOf(bytes.length); piece += 1) {
    await putOnce(store, `${digest}.${piece}`, bytes.subarray(piece * PIECE, (piece + 1) * PIECE))
  }
  await putOnce(store, digest, new TextEncoder().encode(String(bytes.length)))
  return digest
}

const pieceOf = async (store: Store, key: string, until: number, signal?: AbortSignal): Promise<Uint8Array | null> => {
  for (let wait = 10; ; wait = Math.min(2 * wait, 500)) {
    signal?.throwIfAborted()
    const entry = await store.get('bundle', key)
    if (entry !== null || Date.now() > until) return entry?.value ?? null
    await pause(wait, signal)
  }
}

/** Rejects with `not-there`, and with `damaged` for bytes that do not have the digest. */
export const getLarge = async (
  store: Store, digest: string, options: LargeOptions = {},
): Promise<Uint8Array> => {
  checkLarge(options)
  const { signal, patience = PATIENCE_MS } = options
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new FleetError('bad-key', `\`${digest.slice(0, 80)}\` is not a digest`)
  const until = Date.now() + patience
  const missing = (): FleetError => new FleetError('not-there', `${store.name} has no bundle ${digest}`)
  const head = await pieceOf(store, digest, until, signal)
  const size = head === null ? NaN : Number(new TextDecoder().decode(head))
  if (head === null) throw missing()
  if (!Number.isSafeInteger(size) || size < 0 || size > MOST_LARGE) {
    throw new FleetError('damaged', `the length of bundle ${digest} is not one`)
  }
  const bytes = new Uint8Array(size)
  for (let piece = 0; piece < piecesOf(size); piece += 1) {
    const part = await pieceOf(store, `${digest}.${piece}`, until, signal)
    if (part === null) throw missing()
    if (part.length !== Math.min(PIECE, size - piece * PIECE)) {
      throw new FleetError('damaged', `piece ${piece} of bundle ${digest} has another length`)
    }
    bytes.set(part, piece * PIECE)
  }
  if (digestOf(bytes) !== digest) throw new FleetError('damaged', `the bytes of bundle ${digest} are others`)
  return bytes
}
