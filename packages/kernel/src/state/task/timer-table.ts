/** Timers of processes that send signals, by process; the armed ones are known to the host. */
import { COST } from '../memory-costs.ts'
import type { KernelTimer } from './kernel-timer.ts'
import type { Signal } from './thread.ts'

export class TimerTable {
  readonly armed = new Set<KernelTimer>()
  /** ITIMER_REAL, ITIMER_VIRTUAL and ITIMER_PROF of a process, made at first use. */
  readonly intervals = new WeakMap<Signal, readonly KernelTimer[]>()
  /** Timers of timer_create(2), by their number. */
  readonly posix = new WeakMap<Signal, Map<number, KernelTimer>>()

  /** The timers of timer_create(2) of a process, to which the caller may add. */
  posixOf(signal: Signal): Map<number, KernelTimer> {
    const known = this.posix.get(signal) ?? new Map<number, KernelTimer>()
    this.posix.set(signal, known)
    return known
  }

  /** Sets a timer, in milliseconds; a value of 0 disarms it. */
  arm(timer: KernelTimer, value: number, interval: number, absolute: boolean): void {
    timer.set(value, interval, absolute)
    if (timer.expires === 0) this.armed.delete(timer)
    else this.armed.add(timer)
  }

  /** Runs the timers that are due. */
  run(): void {
    for (const timer of this.armed) {
      timer.run()
      if (timer.expires === 0) this.armed.delete(timer)
    }
  }

  /** Milliseconds until the next timer is due; Infinity if no timer is armed. */
  next(): number {
    let soonest = Infinity
    for (const timer of this.armed) soonest = Math.min(soonest, Math.max(timer.expires - timer.now(), 0))
    return soonest
  }

  /** Deletes the timers of timer_create(2), which an exec and the end of the process do. */
  deletePosix(signal: Signal): void {
    const made = this.posix.get(signal)
    if (made === undefined) return
    for (const timer of made.values()) this.armed.delete(timer)
    signal.uncharge(made.size * COST.timer)
    this.posix.delete(signal)
  }

  /** The process has ended. */
  deleteAll(signal: Signal): void {
    for (const timer of this.intervals.get(signal) ?? []) this.armed.delete(timer)
    this.deletePosix(signal)
  }
}
