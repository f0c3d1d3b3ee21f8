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

/** Adds one LSM to the totals and gives its offsets. The alignment is applied to xattr_count like to all others. */
export const addBlobs = (totals: Record<SizedKind, number>, { blobs = {} }: OrderRecord): BlobSizes => {
  const offsets = emptyTotals()
  for (const kind of sizedKinds) {
    const need = blobs[kind] ?? 0
    if (need <= 0) continue
    if (kind === 'inode' && totals.inode === 0) totals.inode = RCU_HEAD_SIZE
    offsets[kind] = alignUp(totals[kind])
    totals[kind] = offsets[kind] + need
  }
  return offsets
}

const alignUp = (offset: number): number => Math.ceil(offset / POINTER_SIZE) * POINTER_SIZE
