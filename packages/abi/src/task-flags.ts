/** States and flags of tasks and their address spaces that are not in a header of their own. */

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

// priorities (linux/sched/prio.h): static_prio of nice 0, and the first priority that is not real time
export const DEFAULT_PRIO = 120
export const MAX_RT_PRIO = 100
