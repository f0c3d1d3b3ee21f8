/** One attempt at a request: by its submitter, or by a worker where it would wait (`io_issue_sqe`). */
import { EACCES, EBADF, ERESTARTSYS, IOSQE_ASYNC, IOSQE_FIXED_FILE } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { fget } from '../../state/vfs/fdtable.ts'
import { complete } from './complete.ts'
import { operationOf } from './operations.ts'
import type { Operation } from './operation.ts'
import { uringTable } from './table.ts'
import { workerFor } from './workers.ts'
import type { Request } from '../../state/uring/ring.ts'

const fileOf = ({ ring, sqe, flags, task }: Request): File | null => {
  const fd = sqe.fd ?? 0
  return (flags & IOSQE_FIXED_FILE) !== 0 ? (ring.files?.[fd] ?? null) : fget(task, fd)
}

/** The operation, with the request's credentials and apart from what its task waits for itself. */
const perform = (machine: Machine, request: Request, { issue }: Operation): number | null => {
  const { creds } = request
  const old = creds === null || creds === machine.current.task.cred ? null : machine.creds.override_creds(creds)
  try {
    return machine.deadlines.apart(() => issue(machine, request))
  } catch (error) {
    machine.panic('io_uring', error)
    return -EACCES
  } finally {
    if (old !== null) machine.creds.revert_creds(old)
  }
}

/** The request sleeps until its event comes. False: nothing will wake it. */
const sleep = (machine: Machine, request: Request): boolean => {
  const { sleepOn, sleepUntil } = machine
  if (sleepOn === null) return false
  const wake = (): void => uringTable(machine).goOn(request)
  const unsubscribe = sleepOn.subscribe(wake)
  const left = sleepUntil - machine.clock()
  const stopTimer = Number.isFinite(left) ? machine.hrtimers.start(left, wake) : null
  request.stopWaiting = () => {
    unsubscribe()
    stopTimer?.()
  }
  return true
}

/** Gives the request to a worker: false while there is none for it. */
const handOver = (machine: Machine, request: Request): boolean => {
  // it runs with the credentials of now, whatever the submitter does meanwhile
  request.creds ??= machine.creds.get_cred(request.task.cred)
  const own = uringTable(machine).of(request.task)
  const worker = machine.as(request.task, () => workerFor(machine, own, request))
  if (typeof worker === 'number') complete(machine, request, worker)
  return worker !== null && typeof worker !== 'number'
}

/** Tries the request once: it is answered, sleeps, or waits for a worker. */
export const attempt = (machine: Machine, request: Request): void => {
  request.stopWaiting?.()
  request.stopWaiting = null
  if (request.error !== 0) return complete(machine, request, request.error)
  const operation = operationOf(request.sqe.opcode)
  if (operation.needsFile && request.file === null) {
    request.file = fileOf(request)
    if (request.file === null) return complete(machine, request, -EBADF)
    request.file.f_count++
  }
  const mayWait = (request.flags & IOSQE_ASYNC) !== 0 || operation.isAsync(request)
  if (request.worker === null && mayWait && !handOver(machine, request)) return
  const { sleepOn, sleepUntil } = machine
  machine.forgetSleep()
  const res = machine.as(request.worker?.task ?? request.task, () => perform(machine, request, operation))
  const waits = res === -ERESTARTSYS && !request.isDone && sleep(machine, request)
  machine.sleep(sleepOn, sleepUntil)
  if (res !== null && !waits) complete(machine, request, res)
}
