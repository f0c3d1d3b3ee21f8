/** Ends requests before their time: by their user_data, or because their task or their ring goes. */
import {
  EALREADY, ECANCELED, ENOENT, IORING_ASYNC_CANCEL_ALL, IORING_ASYNC_CANCEL_ANY, IORING_ASYNC_CANCEL_FD,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { complete } from './complete.ts'
import type { Request, Ring } from '../../state/uring/ring.ts'

/** How many requests were ended. */
export const cancelOf = (
  machine: Machine, ring: Ring, match: (request: Request) => boolean, most = Infinity,
): number => {
  let count = 0
  for (const request of [...ring.inflight]) {
    if (count >= most) break
    if (request.isDone || !match(request)) continue
    complete(machine, request, -ECANCELED)
    count++
  }
  return count
}

/** It has been begun, and has not ended: what waits behind a link cannot be found. */
const isWaiting = (request: Request): boolean => request.stopWaiting !== null

/** IORING_OP_ASYNC_CANCEL: 0, with IORING_ASYNC_CANCEL_ALL the count, or -ENOENT. */
export const cancelAsked = (machine: Machine, asked: Request): number => {
  const { ring, sqe } = asked
  const how = sqe.rw_flags ?? 0
  const isMany = (how & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) !== 0
  const match = (request: Request): boolean => {
    if (request === asked || !isWaiting(request)) return false
    if ((how & IORING_ASYNC_CANCEL_ANY) !== 0) return true
    if ((how & IORING_ASYNC_CANCEL_FD) !== 0) return request.sqe.fd === sqe.fd
    return request.sqe.user_data === sqe.addr
  }
  const count = cancelOf(machine, ring, match, isMany ? Infinity : 1)
  if (isMany) return count
  return count === 1 ? 0 : -ENOENT
}

/** IORING_OP_POLL_REMOVE and IORING_OP_TIMEOUT_REMOVE: ends the request of one operation. */
export const removeAsked = (machine: Machine, asked: Request, opcode: number): number => {
  const { ring, sqe } = asked
  const found = [...ring.inflight].find((request) =>
    request.sqe.opcode === opcode && request.sqe.user_data === sqe.addr && !request.isDone)
  if (found === undefined) return -ENOENT
  if (!isWaiting(found)) return -EALREADY
  complete(machine, found, -ECANCELED)
  return 0
}
