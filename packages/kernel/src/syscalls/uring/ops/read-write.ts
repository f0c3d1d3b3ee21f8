/** Reading and writing, with one buffer, with several, and with registered ones (io_uring/rw.c). */
import { EFAULT, EINVAL, FMODE_STREAM } from '@lsmkit/abi'
import type { Machine } from '../../../machine.ts'
import { isGuestBytes, isPartOf } from '../../../state/guest-bytes.ts'
import type { GuestBytes } from '../../../state/guest-bytes.ts'
import { readWriteSyscalls } from '../../read-write.ts'
import { bytesOf, isSlow, withDescriptor } from '../operation.ts'
import type { OperationRow } from '../operation.ts'
import type { Request } from '../../../state/uring/ring.ts'

const { preadv2, pwritev2 } = readWriteSyscalls
type Transfer = typeof preadv2

/** -1 is the file's own position; a stream has no other. */
const placeOf = ({ sqe, file }: Request): number => ((file!.f_mode & FMODE_STREAM) !== 0 ? -1 : (sqe.off ?? 0))

const move = (
  transfer: Transfer, machine: Machine, request: Request, pieces: readonly GuestBytes[] | number,
): number => {
  if (typeof pieces === 'number') return pieces
  return withDescriptor(machine, request, (fd) =>
    transfer(machine, fd, pieces, placeOf(request), request.sqe.rw_flags ?? 0))
}

const one = (transfer: Transfer) => (machine: Machine, request: Request): number => {
  const bytes = bytesOf(request)
  return move(transfer, machine, request, typeof bytes === 'number' ? bytes : [bytes])
}

const several = (transfer: Transfer) => (machine: Machine, request: Request): number => {
  const { addr } = request.sqe
  return move(transfer, machine, request, Array.isArray(addr) && addr.every(isGuestBytes) ? addr : -EFAULT)
}

/** The bytes have to lie within the registered buffer. */
const registered = (transfer: Transfer) => (machine: Machine, request: Request): number => {
  const { ring, sqe } = request
  const buffer = ring.buffers?.[sqe.buf_index ?? 0] ?? null
  if (buffer === null || !isGuestBytes(sqe.addr) || !isPartOf(sqe.addr, buffer)) return -EFAULT
  return one(transfer)(machine, request)
}

const row = (issue: OperationRow['issue']): OperationRow =>
  ({ needsFile: true, hasIoprio: true, isPollable: true, isAsync: isSlow, prep: positive, issue })

const positive = ({ sqe }: Request): number => ((sqe.off ?? 0) < -1 ? -EINVAL : 0)

export const readWriteOperations = {
  read: row(one(preadv2)),
  write: row(one(pwritev2)),
  readv: row(several(preadv2)),
  writev: row(several(pwritev2)),
  readFixed: row(registered(preadv2)),
  writeFixed: row(registered(pwritev2)),
} as const satisfies Record<string, OperationRow>
