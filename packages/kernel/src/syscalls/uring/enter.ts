/** io_uring_enter: submits, wakes the polling thread, and waits for answers (io_uring/io_uring.c). */
import {
  EBADFD, EEXIST, EFAULT, EINTR, EINVAL, EOWNERDEAD, ERESTARTSYS, ETIME, IORING_ENTER_ABS_TIMER,
  IORING_ENTER_EXT_ARG, IORING_ENTER_GETEVENTS, IORING_ENTER_REGISTERED_RING, IORING_ENTER_SQ_WAIT,
  IORING_ENTER_SQ_WAKEUP, IORING_SETUP_R_DISABLED,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { isTimespec, msOf } from '../../state/timespec.ts'
import type { IoUringGetEventsArg } from '../../state/uring/entries.ts'
import { ringOfFd } from './ring-of-fd.ts'
import { submit } from './submit.ts'
import { uringTable } from './table.ts'
import type { Ring } from '../../state/uring/ring.ts'

const KNOWN_FLAGS = IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT | IORING_ENTER_EXT_ARG |
  IORING_ENTER_REGISTERED_RING | IORING_ENTER_ABS_TIMER
const EXT_ARG_SIZE = 24

interface Wait {
  readonly sigmask: bigint | null
  readonly size: number
  /** Milliseconds at most. */
  readonly ms: number
}

/** How long to wait, and with which signals blocked; -errno for a bad argument. */
const waitOf = (machine: Machine, flags: number, arg: unknown, size: number): Wait | number => {
  if ((flags & IORING_ENTER_EXT_ARG) === 0) return { sigmask: (arg ?? null) as bigint | null, size, ms: Infinity }
  if (size !== EXT_ARG_SIZE) return -EINVAL
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  const { sigmask, sigmask_sz, ts } = arg as IoUringGetEventsArg
  if (ts === null) return { sigmask, size: sigmask_sz, ms: Infinity }
  if (!isTimespec(ts)) return -EINVAL
  const now = (flags & IORING_ENTER_ABS_TIMER) !== 0 ? machine.monotonic() : 0
  return { sigmask, size: sigmask_sz, ms: Math.max(msOf(ts) - now, 0) }
}

/** As `io_cqring_wait`: 0 once there are `least` answers. */
const waitForAnswers = (machine: Machine, ring: Ring, least: number, { sigmask, size, ms }: Wait): number =>
  machine.signals.withUserMask(sigmask, size, () => {
    uringTable(machine).runReady()
    ring.flushOverflow()
    if (ring.cq.length >= least) {
      machine.deadlines.forget()
      return 0
    }
    if (machine.signals.signal_pending(machine.current.task)) return -EINTR
    return machine.deadlines.sleep('io_uring_enter', ring.wait, ms, -ETIME)
  })

/** How many requests were submitted. Those of a call that is made again after a wait are not submitted twice. */
const submitted = (machine: Machine, ring: Ring, count: number, flags: number): number => {
  const { task } = machine.current
  const before = ring.submitted.get(task)
  if (before !== undefined) return before
  if (ring.poller !== null) {
    if (!ring.poller.isAlive) return -EOWNERDEAD
    if ((flags & (IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT)) !== 0) ring.poller.run()
    return count
  }
  if (count === 0) return 0
  return ring.submitter !== null && ring.submitter !== task ? -EEXIST : submit(machine, ring, count)
}

export const io_uring_enter = (
  machine: Machine, fd: number, to_submit: number, min_complete: number, flags: number, arg: unknown, argsz: number,
): number => {
  if ((flags & ~KNOWN_FLAGS) !== 0) return -EINVAL
  const ring = ringOfFd(machine, fd, (flags & IORING_ENTER_REGISTERED_RING) !== 0)
  if (typeof ring === 'number') return ring
  if ((ring.flags & IORING_SETUP_R_DISABLED) !== 0) return -EBADFD
  const { task } = machine.current
  const count = to_submit >>> 0
  const taken = submitted(machine, ring, count, flags)
  ring.submitted.delete(task)
  if (taken !== count || (flags & IORING_ENTER_GETEVENTS) === 0) return taken
  const wait = waitOf(machine, flags, arg, argsz)
  if (typeof wait === 'number') return taken > 0 ? taken : wait
  // a polling thread that is awake would find the requests while the caller sleeps
  if (ring.poller?.isAsleep === false) ring.poller.run()
  const rc = waitForAnswers(machine, ring, Math.min(min_complete >>> 0, ring.cq_entries), wait)
  if (rc === -ERESTARTSYS) {
    ring.submitted.set(task, taken)
    return rc
  }
  return taken > 0 ? taken : rc
}
