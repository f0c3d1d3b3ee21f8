/** Reads, sets and waits for the time (kernel/time). */
import {
  CAP_SYS_TIME, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME, CLOCK_REALTIME_ALARM, CLOCK_REALTIME_COARSE, CLOCK_TAI,
  CLOCK_THREAD_CPUTIME_ID, EFAULT, EINVAL, EOPNOTSUPP, EPERM, TIMER_ABSTIME,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Ref, Timezone } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { clockShift } from '../task/time-ns.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { isTimespec, msOf, NANOSECONDS, timespecOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

// modes of adjtimex(2)
const ADJ_OFFSET_SINGLESHOT = 0x8001
const ADJ_OFFSET_READONLY = 0x2000
const ADJ_ADJTIME = 0x8000
const ADJ_SETOFFSET = 0x0100
const ADJ_NANO = 0x2000
const ADJ_TICK = 0x4000
const MIN_TICK = 9000
const MAX_TICK = 11000
const TIME_OK = 0
/** TIME_SETTOD_SEC_MAX: seconds a settable clock leaves to run before it overflows. */
const SETTOD_SEC_MAX = 8277292036
const MINUTES_WEST_MAX = 15 * 60

/** `struct timex`, as far as it changes anything. */
export interface Timex {
  modes: number
  time?: { tv_sec: number; tv_usec: number }
  tick?: number
}

const REALTIME = new Set([CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI])
const SINCE_BOOT = new Set([
  CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM,
])
const CPU_TIME = new Set([CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID])

/** Reads a clock in milliseconds, outside of all time namespaces; null for an unknown clock. */
export const clockReader = (machine: Machine, clock: number): (() => number) | null => {
  if (REALTIME.has(clock)) return () => machine.realtime()
  if (SINCE_BOOT.has(clock)) return () => machine.monotonic()
  // processor time is not measured
  return CPU_TIME.has(clock) ? () => 0 : null
}

class ClockState {
  timezone: Timezone = { tz_minuteswest: 0, tz_dsttime: 0 }
  /** Tasks in clock_nanosleep; only a signal wakes them. */
  readonly asleep = new WaitQueue()
}

const gettimeofday = (
  machine: Machine, tv: { tv_sec: number; tv_usec: number } | null, tz: Timezone | null,
): number => {
  const { sec, nsec } = machine.now()
  if (tv !== null) Object.assign(tv, { tv_sec: sec, tv_usec: Math.floor(nsec / 1000) })
  if (tz !== null) Object.assign(tz, machine.part(ClockState).timezone)
  return 0
}

const time = (machine: Machine, out: Ref<number> | null): number => {
  const { sec } = machine.now()
  if (out !== null) out.value = sec
  return sec
}

/** As `do_sys_settimeofday64`: the LSMs decide before the zone is checked. */
const setTime = (machine: Machine, ts: Timespec | null, tz: Timezone | null): number => {
  if (ts !== null && (!isTimespec(ts) || ts.tv_sec >= SETTOD_SEC_MAX)) return -EINVAL
  const rc = machine.lsm.settime.ask(ts, tz)
  if (rc !== 0) return rc
  if (tz !== null) {
    if (Math.abs(tz.tz_minuteswest) > MINUTES_WEST_MAX) return -EINVAL
    machine.part(ClockState).timezone = { ...tz }
  }
  if (ts !== null) machine.clockOffset = msOf(ts) - machine.clock()
  return 0
}

const settimeofday = (
  machine: Machine, tv: { tv_sec: number; tv_usec: number } | null, tz: Timezone | null,
): number => {
  if (tv !== null && !(tv.tv_usec >= 0 && tv.tv_usec < 1_000_000)) return -EINVAL
  return setTime(machine, tv === null ? null : { tv_sec: tv.tv_sec, tv_nsec: tv.tv_usec * 1000 }, tz)
}

const clock_gettime = (machine: Machine, clock: number, ts: Timespec | null): number => {
  const read = clockReader(machine, clock)
  if (read === null) return -EINVAL
  if (ts === null) return -EFAULT
  Object.assign(ts, timespecOf(read() + clockShift(machine, clock)))
  return 0
}

const clock_getres = (machine: Machine, clock: number, ts: Timespec | null): number => {
  if (clockReader(machine, clock) === null) return -EINVAL
  const coarse = clock === CLOCK_REALTIME_COARSE || clock === CLOCK_MONOTONIC_COARSE
  if (ts !== null) Object.assign(ts, { tv_sec: 0, tv_nsec: coarse ? 4_000_000 : 1 })
  return 0
}

const clock_settime = (machine: Machine, clock: number, ts: Timespec | null): number => {
  if (clock !== CLOCK_REALTIME) return -EINVAL
  return ts === null ? -EFAULT : setTime(machine, ts, null)
}

/** As `timekeeping_validate_timex`: checks arguments and capabilities of each mode. */
const validateTimex = (machine: Machine, { modes, time: inject, tick }: Timex): number => {
  if ((modes & ADJ_ADJTIME) !== 0) {
    if ((modes & ADJ_OFFSET_SINGLESHOT) !== ADJ_OFFSET_SINGLESHOT) return -EINVAL
    if ((modes & ADJ_OFFSET_READONLY) === 0 && !capable(machine.lsm, machine.current, CAP_SYS_TIME)) return -EPERM
  } else {
    if (modes !== 0 && !capable(machine.lsm, machine.current, CAP_SYS_TIME)) return -EPERM
    if ((modes & ADJ_TICK) !== 0 && !((tick ?? 0) >= MIN_TICK && (tick ?? 0) <= MAX_TICK)) return -EINVAL
  }
  if ((modes & ADJ_SETOFFSET) === 0) return 0
  if (!capable(machine.lsm, machine.current, CAP_SYS_TIME)) return -EPERM
  const part = inject?.tv_usec ?? 0
  return part >= 0 && part < ((modes & ADJ_NANO) !== 0 ? NANOSECONDS : 1_000_000) ? 0 : -EINVAL
}

const adjtimex = (machine: Machine, tx: Timex | null): number => {
  if (tx === null) return -EFAULT
  // copied, so that what is checked is what is done
  const given: Timex = { ...tx, ...(tx.time === undefined ? {} : { time: { ...tx.time } }) }
  const rc = validateTimex(machine, given)
  if (rc !== 0) return rc
  if ((given.modes & ADJ_SETOFFSET) !== 0 && given.time !== undefined)
    machine.clockOffset +=
      given.time.tv_sec * 1000 + given.time.tv_usec / ((given.modes & ADJ_NANO) !== 0 ? 1e6 : 1e3)
  const { sec, nsec } = machine.now()
  tx.time = { tv_sec: sec, tv_usec: Math.floor(nsec / 1000) }
  return TIME_OK
}

const clock_adjtime = (machine: Machine, clock: number, tx: Timex | null): number => {
  if (clock === CLOCK_REALTIME) return adjtimex(machine, tx)
  return clockReader(machine, clock) === null ? -EINVAL : -EOPNOTSUPP
}

const clock_nanosleep = (
  machine: Machine, clock: number, flags: number, ts: Timespec | null, _left: Timespec | null,
): number => {
  const read = CPU_TIME.has(clock) ? null : clockReader(machine, clock)
  if (read === null) return -EINVAL
  if (ts === null) return -EFAULT
  if (!isTimespec(ts)) return -EINVAL
  const ms = (flags & TIMER_ABSTIME) !== 0 ? Math.max(msOf(ts) - clockShift(machine, clock) - read(), 0) : msOf(ts)
  return machine.deadlines.sleep('clock_nanosleep', machine.part(ClockState).asleep, ms, 0)
}

const nanosleep = (machine: Machine, ts: Timespec | null, left: Timespec | null): number =>
  clock_nanosleep(machine, CLOCK_MONOTONIC, 0, ts, left)

export const clockSyscalls = {
  gettimeofday, settimeofday, time, clock_gettime, clock_settime, clock_getres, clock_adjtime, clock_nanosleep,
  nanosleep, adjtimex,
}
