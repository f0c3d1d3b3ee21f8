/** A timer of a process: when it fires, and how often it has (struct k_itimer). */

/** Milliseconds of the clock that `now` reads; `expires` 0: not armed. */
export class KernelTimer {
  expires = 0
  interval = 0
  overrun = 0
  /** CLOCK_* of a timer of timer_create(2). */
  clock = 0
  readonly now: () => number
  /** Called each time it is due. */
  readonly fire: () => void

  constructor(now: () => number, fire: () => void) {
    this.now = now
    this.fire = fire
  }

  /** Time left and interval, in milliseconds; 0 left: not armed. */
  get(): { value: number; interval: number } {
    const left = this.expires === 0 ? 0 : Math.max(this.expires - this.now(), 1e-3)
    return { value: left, interval: this.interval }
  }

  /** `value` 0 disarms. */
  set(value: number, interval: number, absolute: boolean): void {
    this.expires = value === 0 ? 0 : absolute ? value : this.now() + value
    this.interval = interval
  }

  /** Fires once for all times that have passed; false when it has not come to that. */
  run(): boolean {
    if (this.expires === 0) return false
    const late = this.now() - this.expires
    if (late < 0) return false
    const times = this.interval === 0 ? 1 : 1 + Math.floor(late / this.interval)
    this.overrun = times - 1
    this.expires = this.interval === 0 ? 0 : this.expires + times * this.interval
    this.fire()
    return true
  }
}
