/** Operations on the ring itself: nothing, waiting for files and for time, taking requests back (nop.c, poll.c…). */
import {
  EBADF, EFAULT, EINVAL, ENXIO, EPOLLERR, EPOLLHUP, ETIME, IORING_FIXED_FD_NO_CLOEXEC,
  IORING_NOP_INJECT_RESULT, IORING_OP_POLL_ADD, IORING_OP_TIMEOUT, IORING_TIMEOUT_ABS, IORING_TIMEOUT_BOOTTIME,
  IORING_TIMEOUT_ETIME_SUCCESS, IORING_TIMEOUT_REALTIME, IOSQE_FIXED_FILE,
} from '@lsmkit/abi'
import type { Machine } from '../../../machine.ts'
import { isTimespec, msOf } from '../../../state/timespec.ts'
import type { Timespec } from '../../../state/timespec.ts'
import { receive_fd } from '../../../vfs/receive-fd.ts'
import { pollQueue, vfs_poll } from '../../polls.ts'
import { cancelAsked, removeAsked } from '../cancel.ts'
import { complete } from '../complete.ts'
import { updateFiles } from '../files.ts'
import type { OperationRow } from '../operation.ts'
import type { Request } from '../../../state/uring/ring.ts'

/** The events that hold, once one of those asked for does. */
const pollAdd = (machine: Machine, { sqe, file }: Request): number => {
  const events = vfs_poll(file!) & ((sqe.rw_flags ?? 0) | EPOLLERR | EPOLLHUP)
  if (events !== 0) return events
  return machine.sleep(pollQueue(file!))
}

const TIMEOUT_FLAGS =
  IORING_TIMEOUT_ABS | IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME | IORING_TIMEOUT_ETIME_SUCCESS

const timeOf = ({ sqe }: Request): Timespec | null => {
  const time = sqe.addr
  return typeof time === 'object' && time !== null ? (time as Timespec) : null
}

const prepareTimeout = (request: Request): number => {
  const time = timeOf(request)
  if (((request.sqe.rw_flags ?? 0) & ~TIMEOUT_FLAGS) !== 0 || (request.sqe.len ?? 1) !== 1) return -EINVAL
  if (time === null) return -EFAULT
  return isTimespec(time) ? 0 : -EINVAL
}

/** Ends with -ETIME when the time has passed, or with 0 after `off` answers of others. */
const timeout = (machine: Machine, request: Request): null => {
  const { ring, sqe } = request
  const flags = sqe.rw_flags ?? 0
  const now = (flags & IORING_TIMEOUT_REALTIME) !== 0 ? machine.realtime() : machine.monotonic()
  const ms = msOf(timeOf(request)!) - ((flags & IORING_TIMEOUT_ABS) !== 0 ? now : 0)
  const stop = machine.hrtimers.start(Math.max(ms, 0), () => complete(machine, request, -ETIME))
  const count = sqe.off ?? 0
  const target = ring.posted + count
  let unsubscribe = (): void => {}
  const look = (): void => {
    if (ring.posted >= target) return complete(machine, request, 0)
    unsubscribe = ring.wait.subscribe(look)
  }
  if (count > 0) unsubscribe = ring.wait.subscribe(look)
  request.stopWaiting = () => {
    stop()
    unsubscribe()
  }
  return null
}

/** A registered file gets a descriptor. */
const fixedFdInstall = (machine: Machine, { sqe, file }: Request): number =>
  receive_fd(machine, file!, ((sqe.rw_flags ?? 0) & IORING_FIXED_FD_NO_CLOEXEC) === 0)

export const ringOperations = {
  nop: {
    isPollable: true,
    prep: ({ sqe }: Request) => (((sqe.rw_flags ?? 0) & ~IORING_NOP_INJECT_RESULT) !== 0 ? -EINVAL : 0),
    issue: (_machine: Machine, { sqe }: Request) =>
      (((sqe.rw_flags ?? 0) & IORING_NOP_INJECT_RESULT) !== 0 ? (sqe.len ?? 0) | 0 : 0),
  },
  pollAdd: {
    needsFile: true,
    prep: ({ sqe }: Request) => ((sqe.len ?? 0) !== 0 ? -EINVAL : 0),
    issue: pollAdd,
  },
  pollRemove: { issue: (machine: Machine, request: Request) => removeAsked(machine, request, IORING_OP_POLL_ADD) },
  timeout: { prep: prepareTimeout, issue: timeout },
  timeoutRemove: { issue: (machine: Machine, request: Request) => removeAsked(machine, request, IORING_OP_TIMEOUT) },
  asyncCancel: { issue: cancelAsked },
  filesUpdate: {
    isPollable: true,
    issue: (machine: Machine, { ring, sqe }: Request) => {
      if (ring.files === null) return -ENXIO
      if (!Array.isArray(sqe.addr)) return -EFAULT
      return updateFiles(machine, ring, sqe.off ?? 0, sqe.addr as readonly number[], sqe.len ?? sqe.addr.length)
    },
  },
  fixedFdInstall: {
    needsFile: true,
    prep: ({ sqe, flags }: Request) => {
      if ((flags & IOSQE_FIXED_FILE) === 0) return -EBADF
      return ((sqe.rw_flags ?? 0) & ~IORING_FIXED_FD_NO_CLOEXEC) !== 0 ? -EINVAL : 0
    },
    issue: fixedFdInstall,
  },
} as const satisfies Record<string, OperationRow>
