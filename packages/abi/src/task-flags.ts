/** Flags of a task and its address space that security code looks at, and the flags of pidfds. */

// task->flags
export const PF_EXITING = 0x00000004
export const PF_FORKNOEXEC = 0x00000040
export const PF_SUPERPRIV = 0x00000100
export const PF_DUMPCORE = 0x00000200
export const PF_SIGNALED = 0x00000400
export const PF_NPROC_EXCEEDED = 0x00001000
export const PF_KTHREAD = 0x00200000
export const PF_RANDOMIZE = 0x00400000
export const PF_NO_SETAFFINITY = 0x04000000

// task->atomic_flags
export const PFA_NO_NEW_PRIVS = 1 << 0

// task->exit_state
export const EXIT_DEAD = 0x10
export const EXIT_ZOMBIE = 0x20

// mm->dumpable
export const SUID_DUMP_DISABLE = 0
export const SUID_DUMP_USER = 1
export const SUID_DUMP_ROOT = 2

// user_namespace->flags
export const USERNS_SETGROUPS_ALLOWED = 1

// pidfd_open(2), pidfd_send_signal(2)
export const PIDFD_NONBLOCK = 0o4000
export const PIDFD_THREAD = 0o200
export const PIDFD_SIGNAL_THREAD = 1
export const PIDFD_SIGNAL_THREAD_GROUP = 2
export const PIDFD_SIGNAL_PROCESS_GROUP = 4

// what uid and gid look like where they are not mapped
export const DEFAULT_OVERFLOWUID = 65534
export const DEFAULT_OVERFLOWGID = 65534
