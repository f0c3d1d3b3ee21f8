/** `struct timespec` and `struct timeval` beside milliseconds, which the machine's clock counts. */

export interface Timespec {
  tv_sec: number
  tv_nsec: number
}
export interface Timeval {
  readonly tv_sec: number
  readonly tv_usec: number
}
/** `struct itimerspec`. */
export interface Itimerspec {
  it_interval: Timespec
  it_value: Timespec
}

export const NANOSECONDS = 1_000_000_000

/** As `timespec64_valid`. */
export const isTimespec = ({ tv_sec, tv_nsec }: Timespec): boolean =>
  tv_sec >= 0 && tv_nsec >= 0 && tv_nsec < NANOSECONDS

export const msOf = ({ tv_sec, tv_nsec }: Timespec): number => tv_sec * 1000 + tv_nsec / 1e6

export const timespecOf = (ms: number): Timespec => {
  const tv_sec = Math.floor(ms / 1000)
  return { tv_sec, tv_nsec: Math.round((ms - tv_sec * 1000) * 1e6) }
}

export const timevalOf = (ms: number): Timeval => {
  const tv_sec = Math.floor(ms / 1000)
  return { tv_sec, tv_usec: Math.round((ms - tv_sec * 1000) * 1000) }
}
