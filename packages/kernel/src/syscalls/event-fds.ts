/** eventfd and timerfd: counters that a program can wait for (fs/eventfd.c, fs/timerfd.c). */
import {
  CAP_WAKE_ALARM, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_REALTIME_ALARM, EBADF,
  EFAULT, EINVAL, EPERM, EPOLLIN, EPOLLOUT, O_CLOEXEC, O_NONBLOCK, O_RDWR, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import { copyIn, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { clockShift } from '../task/time-ns.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { isTimespec, msOf, timespecOf } from '../state/timespec.ts'
import type { Itimerspec } from '../state/timespec.ts'

const EFD_SEMAPHORE = 1
const ULLONG_MAX = 2n ** 64n - 1n
const CLOCKS: ReadonlySet<number> = new Set([
  CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM,
])
const ALARMS: ReadonlySet<number> = new Set([CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM])
const REALTIME: ReadonlySet<number> = new Set([CLOCK_REALTIME, CLOCK_REALTIME_ALARM])

class Counter {
  count: bigint
  readonly semaphore: boolean
  readonly wait = new WaitQueue()
  constructor(count: number, semaphore: boolean) {
    this.count = BigInt(count >>> 0)
    this.semaphore = semaphore
  }
}

/** Times are milliseconds on the clock `clockid`; `expires` 0: not armed. */
class Timer {
  readonly clockid: number
  expires = 0
  interval = 0
  readonly wait = new WaitQueue()
  /** Stops what wakes the queue when the timer is due. */
  stop: () => void = () => {}
  constructor(clockid: number) {
    this.clockid = clockid
  }
}

const eventfdOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    const counter = counterOf(file)
    if (len < 8) return -EINVAL
    if (counter.count === 0n) return machine.sleepUnlessNonblock(file, counter.wait)
    const taken = counter.semaphore ? 1n : counter.count
    counter.count -= taken
    counter.wait.wake(EPOLLOUT)
    return put64(buf, off, taken)
  },
  write(file, buf, off, len) {
    if (len !== 8) return -EINVAL
    const counter = counterOf(file)
    const added = new DataView(copyIn(buf, off, 8).buffer).getBigUint64(0, true)
    if (added === ULLONG_MAX) return -EINVAL
    if (ULLONG_MAX - counter.count <= added) return machine.sleepUnlessNonblock(file, counter.wait)
    counter.count += added
    counter.wait.wake(EPOLLIN)
    return 8
  },
  poll(file) {
    const { count } = counterOf(file)
    return (count > 0n ? EPOLLIN : 0) | (count < ULLONG_MAX - 1n ? EPOLLOUT : 0)
  },
  poll_queue: (file) => counterOf(file).wait,
})

const timerfdOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    const timer = timerOf(file)
    if (len < 8) return -EINVAL
    const ticks = expirations(machine, timer)
    if (ticks === 0) return machine.sleepUnlessNonblock(file, timer.wait)
    timer.expires = timer.interval === 0 ? 0 : timer.expires + ticks * timer.interval
    tellAt(machine, timer, timer.expires)
    return put64(buf, off, BigInt(ticks))
  },
  poll: (file) => (expirations(machine, timerOf(file)) > 0 ? EPOLLIN : 0),
  poll_queue: (file) => timerOf(file).wait,
  release: (_inode, file) => timerOf(file).stop(),
})

/** The operations of eventfd and timerfd files. */
class EventFds {
  readonly eventfd_fops: FileOperations
  readonly timerfd_fops: FileOperations

  constructor(machine: Machine) {
    this.eventfd_fops = eventfdOps(machine)
    this.timerfd_fops = timerfdOps(machine)
  }
}

const put64 = (buf: GuestBytes, off: number, value: bigint): number => {
  copyOut(new Uint8Array(BigUint64Array.of(value).buffer), buf, off)
  return 8
}

const counterOf = (file: File): Counter => fileState(file).data as Counter

export const isEventfd = (machine: Machine, file: File): boolean =>
  fileState(file).f_op === machine.part(EventFds).eventfd_fops

/** As `eventfd_signal`: the kernel adds one. A full counter does not change. */
export const signalEventfd = (file: File): void => {
  const counter = counterOf(file)
  if (counter.count < ULLONG_MAX - 1n) counter.count++
  counter.wait.wake(EPOLLIN)
}

const eventfd2 = (machine: Machine, count: number, flags: number): number => {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | EFD_SEMAPHORE)) !== 0) return -EINVAL
  const counter = new Counter(count, (flags & EFD_SEMAPHORE) !== 0)
  const cloexec = (flags & O_CLOEXEC) !== 0
  const { eventfd_fops } = machine.part(EventFds)
  return machine.vfs.anon_inode_getfd('[eventfd]', eventfd_fops, counter, O_RDWR | (flags & O_NONBLOCK), cloexec)
}

const eventfd = (machine: Machine, count: number): number => eventfd2(machine, count, 0)

const timerOf = (file: File): Timer => fileState(file).data as Timer

const clockOf = (
  machine: Machine, { clockid }: Timer,
): number => (REALTIME.has(clockid) ? machine.realtime() : machine.monotonic())

const expirations = (machine: Machine, timer: Timer): number => {
  const late = clockOf(machine, timer) - timer.expires
  if (timer.expires === 0 || late < 0) return 0
  return timer.interval === 0 ? 1 : 1 + Math.floor(late / timer.interval)
}

/**
 * Wakes the queue when `due` comes on the timer's clock; as `timerfd_tmrproc`, which does not go on by itself: the next
 * expiration of an interval is told of once somebody has read the timer, or asked for the time left.
 */
const tellAt = (machine: Machine, timer: Timer, due: number): void => {
  timer.stop()
  if (timer.expires === 0) return
  const left = due - clockOf(machine, timer)
  if (left <= 0) return timer.wait.wake(EPOLLIN)
  // the clock may have been set back meanwhile
  timer.stop = machine.hrtimers.start(left, () => tellAt(machine, timer, due))
}

const timerfd_create = (machine: Machine, clockid: number, flags: number): number => {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0 || !CLOCKS.has(clockid)) return -EINVAL
  if (ALARMS.has(clockid) && !capable(machine.lsm, machine.current, CAP_WAKE_ALARM)) return -EPERM
  const cloexec = (flags & O_CLOEXEC) !== 0
  const timer = new Timer(clockid)
  const { timerfd_fops } = machine.part(EventFds)
  return machine.vfs.anon_inode_getfd('[timerfd]', timerfd_fops, timer, O_RDWR | (flags & O_NONBLOCK), cloexec)
}

const timerFile = (machine: Machine, fd: number): Timer | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  return fileState(file).f_op === machine.part(EventFds).timerfd_fops ? timerOf(file) : -EINVAL
}

const remaining = (machine: Machine, timer: Timer): Itimerspec => {
  const now = clockOf(machine, timer)
  const passed = expirations(machine, timer)
  const next = timer.expires === 0 ? 0 : timer.expires + passed * timer.interval
  if (passed > 0 && timer.interval > 0) tellAt(machine, timer, next)
  return { it_interval: timespecOf(timer.interval), it_value: timespecOf(next > now ? next - now : 0) }
}

const timerfd_gettime = (machine: Machine, fd: number, out: Itimerspec | null): number => {
  const timer = timerFile(machine, fd)
  if (typeof timer === 'number') return timer
  if (out === null) return -EFAULT
  Object.assign(out, remaining(machine, timer))
  return 0
}

const timerfd_settime = (
  machine: Machine, fd: number, flags: number, next: Itimerspec | null, old: Itimerspec | null,
): number => {
  if (next === null) return -EFAULT
  if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) !== 0) return -EINVAL
  if (!isTimespec(next.it_value) || !isTimespec(next.it_interval)) return -EINVAL
  const timer = timerFile(machine, fd)
  if (typeof timer === 'number') return timer
  if (ALARMS.has(timer.clockid) && !capable(machine.lsm, machine.current, CAP_WAKE_ALARM)) return -EPERM
  if (old !== null) Object.assign(old, remaining(machine, timer))
  const value = msOf(next.it_value)
  const hostTime = value - clockShift(machine, timer.clockid)
  timer.interval = msOf(next.it_interval)
  timer.expires = value === 0 ? 0 : (flags & TFD_TIMER_ABSTIME) !== 0 ? hostTime : clockOf(machine, timer) + value
  tellAt(machine, timer, timer.expires)
  return 0
}

export const eventFdSyscalls = { eventfd, eventfd2, timerfd_create, timerfd_settime, timerfd_gettime }
