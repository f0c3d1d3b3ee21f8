/** POSIX timers, interval timers and alarm (kernel/time/posix-timers.c, itimer.c). */
import {
  CAP_WAKE_ALARM, CLOCK_BOOTTIME_ALARM, CLOCK_REALTIME_ALARM, EAGAIN, EFAULT, EINVAL, EPERM, ITIMER_PROF, ITIMER_REAL,
  SIGALRM, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID, TIMER_ABSTIME,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Ref } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { KernelTimer } from '../state/task/kernel-timer.ts'
import { signalOf } from '../state/task/thread.ts'
import { validSignal } from '../state/task/sigset.ts'
import type { Sigevent } from '../state/task/sigset.ts'
import { clockShift } from '../task/time-ns.ts'
import { clockReader } from './clocks.ts'
import { isTimespec, msOf, timespecOf, timevalOf } from '../state/timespec.ts'
import type { Itimerspec, Timeval } from '../state/timespec.ts'

const MAX_TIMERS = 4096

/** `struct itimerval`. */
export interface Itimerval {
  it_interval: Timeval
  it_value: Timeval
}

const msOfTimeval = ({ tv_sec, tv_usec }: Timeval): number => tv_sec * 1000 + tv_usec / 1000
const isTimeval = ({ tv_sec, tv_usec }: Timeval): boolean => tv_sec >= 0 && tv_usec >= 0 && tv_usec < 1_000_000

const timer_create = (machine: Machine, clock: number, event: Sigevent | null, id: Ref<number> | null): number => {
  const read = clockReader(machine, clock)
  if (read === null) return -EINVAL
  const { sigev_notify: notify, sigev_signo: sig = SIGALRM } = event ?? { sigev_notify: SIGEV_SIGNAL }
  if (![SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID, SIGEV_SIGNAL | SIGEV_THREAD_ID].includes(notify))
    return -EINVAL
  const isAlarm = clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM
  if (isAlarm && !capable(machine.lsm, machine.current, CAP_WAKE_ALARM)) return -EPERM
  if (notify !== SIGEV_NONE && (sig < 1 || !validSignal(sig))) return -EINVAL
  const own = machine.timers.posixTimers(machine.current.task)
  if (own.size >= MAX_TIMERS) return -EAGAIN
  if (id === null) return -EFAULT
  if (!signalOf(machine.current.task).charge(COST.timer)) return -EAGAIN
  let next = 0
  while (own.has(next)) next++
  const timer = machine.timers.signalTimer(machine.current.task, notify === SIGEV_NONE ? 0 : sig, read)
  timer.clock = clock
  own.set(next, timer)
  id.value = next
  return 0
}

const find = (
  machine: Machine, id: number,
): KernelTimer | null => machine.timers.posixTimers(machine.current.task).get(id) ?? null

const timerspecOf = (timer: KernelTimer): Itimerspec => {
  const { value, interval } = timer.get()
  return { it_interval: timespecOf(interval), it_value: timespecOf(value) }
}

const timer_settime = (
  machine: Machine, id: number, flags: number, next: Itimerspec | null, old: Itimerspec | null,
): number => {
  if (next === null) return -EINVAL
  if (!isTimespec(next.it_value) || !isTimespec(next.it_interval)) return -EINVAL
  const timer = find(machine, id)
  if (timer === null) return -EINVAL
  if (old !== null) Object.assign(old, timerspecOf(timer))
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0
  const value = msOf(next.it_value)
  const shift = isAbsolute && value !== 0 ? clockShift(machine, timer.clock) : 0
  machine.timers.arm(timer, value - shift, msOf(next.it_interval), isAbsolute)
  return 0
}

const timer_gettime = (machine: Machine, id: number, out: Itimerspec | null): number => {
  const timer = find(machine, id)
  if (timer === null) return -EINVAL
  if (out === null) return -EFAULT
  Object.assign(out, timerspecOf(timer))
  return 0
}

const timer_getoverrun = (machine: Machine, id: number): number => find(machine, id)?.overrun ?? -EINVAL

const timer_delete = (machine: Machine, id: number): number => {
  const timer = find(machine, id)
  if (timer === null) return -EINVAL
  machine.timers.arm(timer, 0, 0, false)
  machine.timers.posixTimers(machine.current.task).delete(id)
  signalOf(machine.current.task).uncharge(COST.timer)
  return 0
}

const intervalTimer = (machine: Machine, which: number): KernelTimer | null =>
  which < ITIMER_REAL || which > ITIMER_PROF
    ? null
    : (machine.timers.intervalTimers(machine.current.task)[which] ?? null)

const getitimer = (machine: Machine, which: number, out: Itimerval | null): number => {
  const timer = intervalTimer(machine, which)
  if (timer === null) return -EINVAL
  if (out === null) return -EFAULT
  const { value, interval } = timer.get()
  Object.assign(out, { it_interval: timevalOf(interval), it_value: timevalOf(value) })
  return 0
}

/** Without a new value it disarms the timer, as in Linux. */
const setitimer = (machine: Machine, which: number, next: Itimerval | null, old: Itimerval | null): number => {
  if (next !== null && (!isTimeval(next.it_value) || !isTimeval(next.it_interval))) return -EINVAL
  const timer = intervalTimer(machine, which)
  if (timer === null) return -EINVAL
  if (old !== null) getitimer(machine, which, old)
  if (next === null) machine.timers.arm(timer, 0, 0, false)
  else machine.timers.arm(timer, msOfTimeval(next.it_value), msOfTimeval(next.it_interval), false)
  return 0
}

/** The answer is the seconds that were left of the last alarm. */
const alarm = (machine: Machine, seconds: number): number => {
  const timer = intervalTimer(machine, ITIMER_REAL)!
  const left = timer.get().value
  machine.timers.arm(timer, (seconds >>> 0) * 1000, 0, false)
  return left === 0 ? 0 : Math.max(Math.round(left / 1000), 1)
}

export const timerSyscalls = {
  timer_create, timer_settime, timer_gettime, timer_getoverrun, timer_delete, getitimer, setitimer, alarm,
}
