/** Modes, operations, filter flags and actions of seccomp(2). */

export const SECCOMP_MODE_DISABLED = 0
export const SECCOMP_MODE_STRICT = 1
export const SECCOMP_MODE_FILTER = 2

// operations
export const SECCOMP_SET_MODE_STRICT = 0
export const SECCOMP_SET_MODE_FILTER = 1
export const SECCOMP_GET_ACTION_AVAIL = 2
export const SECCOMP_GET_NOTIF_SIZES = 3

// flags of SECCOMP_SET_MODE_FILTER
export const SECCOMP_FILTER_FLAG_TSYNC = 0x1
export const SECCOMP_FILTER_FLAG_LOG = 0x2
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 0x4
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 0x8
export const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 0x10
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 0x20

// actions and the masks of a filter's answer
export const SECCOMP_RET_KILL_PROCESS = 0x80000000
export const SECCOMP_RET_KILL_THREAD = 0x00000000
export const SECCOMP_RET_KILL = SECCOMP_RET_KILL_THREAD
export const SECCOMP_RET_TRAP = 0x00030000
export const SECCOMP_RET_ERRNO = 0x00050000
export const SECCOMP_RET_USER_NOTIF = 0x7fc00000
export const SECCOMP_RET_TRACE = 0x7ff00000
export const SECCOMP_RET_LOG = 0x7ffc0000
export const SECCOMP_RET_ALLOW = 0x7fff0000
export const SECCOMP_RET_ACTION_FULL = 0xffff0000
export const SECCOMP_RET_ACTION = 0x7fff0000
export const SECCOMP_RET_DATA = 0x0000ffff

// user notification
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 0x1
export const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 0x1
export const SECCOMP_ADDFD_FLAG_SETFD = 0x1
export const SECCOMP_ADDFD_FLAG_SEND = 0x2
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104
export const SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101
export const SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100
