/** States and flags of tasks and their address spaces that are not in a header of their own. */

// task->flags (linux/sched.h)
export const PF_VCPU = 0x00000001
export const PF_IDLE = 0x00000002
export const PF_EXITING = 0x00000004
export const PF_POSTCOREDUMP = 0x00000008
export const PF_IO_WORKER = 0x00000010
export const PF_WQ_WORKER = 0x00000020
export const PF_FORKNOEXEC = 0x00000040
export const PF_MCE_PROCESS = 0x00000080
export const PF_SUPERPRIV = 0x00000100
export const PF_DUMPCORE = 0x00000200
export const PF_SIGNALED = 0x00000400
export const PF_MEMALLOC = 0x00000800
export const PF_NPROC_EXCEEDED = 0x00001000
export const PF_USED_MATH = 0x00002000
export const PF_USER_WORKER = 0x00004000
export const PF_NOFREEZE = 0x00008000
export const PF_KCOMPACTD = 0x00010000
export const PF_KSWAPD = 0x00020000
export const PF_MEMALLOC_NOFS = 0x00040000
export const PF_MEMALLOC_NOIO = 0x00080000
export const PF_LOCAL_THROTTLE = 0x00100000
export const PF_KTHREAD = 0x00200000
export const PF_RANDOMIZE = 0x00400000
export const PF_NO_NOTIFY_SIGNAL = 0x00800000
export const PF_NO_SETAFFINITY = 0x04000000
export const PF_MCE_EARLY = 0x08000000
export const PF_MEMALLOC_PIN = 0x10000000
export const PF_BLOCK_TS = 0x20000000
export const PF_SUSPEND_TASK = 0x80000000

// task->atomic_flags (linux/sched.h)
export const PFA_NO_NEW_PRIVS = 1 << 0

// task->exit_state (linux/sched.h)
export const EXIT_DEAD = 0x10
export const EXIT_ZOMBIE = 0x20

// mm->dumpable (linux/sched/coredump.h)
export const SUID_DUMP_DISABLE = 0
export const SUID_DUMP_USER = 1
export const SUID_DUMP_ROOT = 2

// user_namespace->flags (linux/user_namespace.h)
export const USERNS_SETGROUPS_ALLOWED = 1

// what ids look like where they are not mapped (linux/highuid.h)
export const DEFAULT_OVERFLOWUID = 65534
export const DEFAULT_OVERFLOWGID = 65534
