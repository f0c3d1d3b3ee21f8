/** Resource limits of setrlimit(2) and prlimit64(2), and the targets of getrusage(2). */

export const RLIMIT_CPU = 0
export const RLIMIT_FSIZE = 1
export const RLIMIT_DATA = 2
export const RLIMIT_STACK = 3
export const RLIMIT_CORE = 4
export const RLIMIT_RSS = 5
export const RLIMIT_NPROC = 6
export const RLIMIT_NOFILE = 7
export const RLIMIT_MEMLOCK = 8
export const RLIMIT_AS = 9
export const RLIMIT_LOCKS = 10
export const RLIMIT_SIGPENDING = 11
export const RLIMIT_MSGQUEUE = 12
export const RLIMIT_NICE = 13
export const RLIMIT_RTPRIO = 14
export const RLIMIT_RTTIME = 15
export const RLIM_NLIMITS = 16
/** ~0UL in C: no number of bytes or seconds is above it. */
export const RLIM_INFINITY = Infinity

// getrusage(2)
export const RUSAGE_SELF = 0
export const RUSAGE_CHILDREN = -1
export const RUSAGE_BOTH = -2
export const RUSAGE_THREAD = 1

// defaults (asm-generic/resource.h, linux/resource.h), in bytes or descriptors
export const _STK_LIM = 8 * 1024 * 1024
export const MLOCK_LIMIT = 8 * 1024 * 1024
export const INR_OPEN_CUR = 1024
export const INR_OPEN_MAX = 4096
export const MQ_BYTES_MAX = 819200
