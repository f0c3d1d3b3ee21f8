/** Where each LSM's part of a blob lies, as lsm_set_blob_sizes reserves it on a 64-bit machine. */
import type { BlobSizes, OrderRecord, SizedKind } from './order-record.ts'

/** In the order of struct lsm_blob_sizes. */
export const sizedKinds: readonly SizedKind[] = [
  'cred', 'file', 'backing_file', 'ib', 'inode', 'sock', 'superblock', 'ipc', 'key', 'msg_msg', 'perf_event', 'task',
  'xattr_count', 'tun_dev', 'bdev',
]

const POINTER_SIZE = 8
/** sizeof(struct rcu_head): inode blobs are freed after a grace period, and its head lies in front of them. */
const RCU_HEAD_SIZE = 16

export const emptyTotals = (): Record<SizedKind, number> =>
  Object.fromEntries(sizedKinds.map((kind) => [kind, 0])) as Record<SizedKind, number>

/** Adds what one LSM needs of a kind to the totals and gives its offset. Slots are aligned like bytes. */
export const addSize = <Kind extends string>(totals: Record<Kind, number>, kind: Kind, need: number): number => {
  if (need <= 0) return 0
  const offset = alignUp(kind === 'inode' ? totals[kind] || RCU_HEAD_SIZE : totals[kind])
  totals[kind] = offset + need
  return offset
}

/** Adds one LSM to the totals and gives its offsets. */
export const addBlobs = (totals: Record<SizedKind, number>, { blobs = {} }: OrderRecord): BlobSizes => {
  const offsets = emptyTotals()
  for (const kind of sizedKinds) offsets[kind] = addSize(totals, kind, blobs[kind] ?? 0)
  return offsets
}

const alignUp = (offset: number): number => Math.ceil(offset / POINTER_SIZE) * POINTER_SIZE
