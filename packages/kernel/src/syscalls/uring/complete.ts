/** The end of a request: its answer, the rest of its chain, and requests that waited for it. */
import { ECANCELED, EINTR, ERESTARTSYS, IOSQE_IO_DRAIN, IOSQE_IO_HARDLINK } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { signalEventfd } from '../event-fds.ts'
import { COST } from '../../state/memory-costs.ts'
import { uringTable } from './table.ts'
import { release } from './workers.ts'
import { isShort } from '../../state/uring/ring.ts'
import type { Request, Ring } from '../../state/uring/ring.ts'

/** Lets go of what the request held, and answers it. */
const end = (machine: Machine, request: Request, res: number, isSilent: boolean): void => {
  const { ring, sqe, creds, file } = request
  request.isDone = true
  request.stopWaiting?.()
  request.stopWaiting = null
  ring.inflight.delete(request)
  ring.account.uncharge(COST.event)
  if (creds !== null) machine.creds.put_cred(creds)
  if (file !== null) machine.vfs.fput(file)
  if (ring.isDead || isSilent) return
  ring.post({ user_data: sqe.user_data ?? 0, res, flags: 0 })
  if (ring.eventfd !== null) signalEventfd(ring.eventfd)
}

const cancelChain = (machine: Machine, first: Request | null): void => {
  for (let next = first; next !== null; next = next.link) {
    if (!next.isDone) end(machine, next, next.error || -ECANCELED, false)
  }
}

/** Others than the requests of this chain are under way, and not behind it. */
const hasEarlier = (ring: Ring, head: Request): boolean => {
  const own = new Set<Request>()
  for (const first of [head, ...ring.deferred]) {
    for (let next: Request | null = first; next !== null; next = next.link) own.add(next)
  }
  for (const request of ring.inflight) if (!own.has(request)) return true
  return false
}

const mustWait = (ring: Ring, head: Request): boolean =>
  (head.flags & IOSQE_IO_DRAIN) !== 0 ? hasEarlier(ring, head) : ring.draining !== null && !ring.draining.isDone

/** Begins a chain, unless it has to wait for requests before it (`io_drain_req`). */
export const start = (machine: Machine, head: Request): void => {
  const { ring } = head
  if (head.error !== 0) return complete(machine, head, head.error)
  if (ring.deferred.length > 0 || mustWait(ring, head)) return void ring.deferred.push(head)
  begin(machine, head)
}

const begin = (machine: Machine, head: Request): void => {
  if ((head.flags & IOSQE_IO_DRAIN) !== 0) head.ring.draining = head
  uringTable(machine).goOn(head)
}

const startDeferred = (machine: Machine, ring: Ring): void => {
  while (ring.deferred.length > 0 && !mustWait(ring, ring.deferred[0]!)) begin(machine, ring.deferred.shift()!)
}

/** Answers a request with what the operation returned; restart codes are the kernel's own. */
export const complete = (machine: Machine, request: Request, res: number): void => {
  if (request.isDone) return
  const { ring, link, worker } = request
  const failed = res < 0 || isShort(request.sqe, res)
  end(machine, request, res <= -ERESTARTSYS ? -EINTR : res, request.isSilent && !failed)
  if (link !== null) {
    if (failed && (request.flags & IOSQE_IO_HARDLINK) === 0) cancelChain(machine, link)
    else uringTable(machine).goOn(link)
  }
  if (worker !== null) {
    const next = release(machine, uringTable(machine).of(request.task), worker)
    if (next !== null) uringTable(machine).goOn(next)
  }
  startDeferred(machine, ring)
}
