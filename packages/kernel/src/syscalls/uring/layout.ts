/** Where the parts of a ring lie in its mapping (`struct io_rings`), in bytes. */
import { IORING_SETUP_CQE32, IORING_SETUP_NO_SQARRAY, IORING_SETUP_SQE128 } from '@lsmkit/abi'
import type { IoUringOffsets } from '../../state/uring/entries.ts'

interface Sizes {
  readonly flags: number
  readonly sq_entries: number
  readonly cq_entries: number
}

const CQES = 64
const CQE = 16
const SQE = 64
const LINE = 64

const arrayAt = ({ flags, cq_entries }: Sizes): number => {
  const size = (flags & IORING_SETUP_CQE32) !== 0 ? 2 * CQE : CQE
  return Math.ceil((CQES + size * cq_entries) / LINE) * LINE
}

export const bytesOfRing = (sizes: Sizes): number =>
  arrayAt(sizes) + ((sizes.flags & IORING_SETUP_NO_SQARRAY) !== 0 ? 0 : 4 * sizes.sq_entries)

export const bytesOfSqes = ({ flags, sq_entries }: Sizes): number =>
  sq_entries * ((flags & IORING_SETUP_SQE128) !== 0 ? 2 * SQE : SQE)

export const sqOffsets = (sizes: Sizes): IoUringOffsets => ({
  head: 0,
  tail: 4,
  ring_mask: 16,
  ring_entries: 24,
  dropped: 32,
  flags: 36,
  array: (sizes.flags & IORING_SETUP_NO_SQARRAY) !== 0 ? 0 : arrayAt(sizes),
  resv1: 0,
  user_addr: 0,
})

export const cqOffsets = (): IoUringOffsets => ({
  head: 8, tail: 12, ring_mask: 20, ring_entries: 28, overflow: 44, cqes: CQES, flags: 40, resv1: 0, user_addr: 0,
})
