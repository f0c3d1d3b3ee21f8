/** Clocks, timers and time_adjust bits. */

export const CLOCK_REALTIME = 0
export const CLOCK_MONOTONIC = 1
export const CLOCK_PROCESS_CPUTIME_ID = 2
export const CLOCK_THREAD_CPUTIME_ID = 3
export const CLOCK_MONOTONIC_RAW = 4
export const CLOCK_REALTIME_COARSE = 5
export const CLOCK_MONOTONIC_COARSE = 6
export const CLOCK_BOOTTIME = 7
export const CLOCK_REALTIME_ALARM = 8
export const CLOCK_BOOTTIME_ALARM = 9
export const CLOCK_SGI_CYCLE = 10
export const CLOCK_TAI = 11
export const ITIMER_REAL = 0
export const ITIMER_VIRTUAL = 1
export const ITIMER_PROF = 2
export const TIMER_ABSTIME = 0x01

// sigev_notify: how a timer or a queue tells of itself
export const SIGEV_SIGNAL = 0
export const SIGEV_NONE = 1
export const SIGEV_THREAD = 2
export const SIGEV_THREAD_ID = 4

// timerfd
export const TFD_TIMER_ABSTIME = 1
export const TFD_TIMER_CANCEL_ON_SET = 2
export const TFD_CLOEXEC = 0o2000000
export const TFD_NONBLOCK = 0o4000

// utimensat(2), in tv_nsec
export const UTIME_NOW = 0x3fffffff
export const UTIME_OMIT = 0x3ffffffe
