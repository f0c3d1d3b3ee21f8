/** Scheduling policies, nice values and I/O priorities. */

// policies of sched_setscheduler(2)
export const SCHED_NORMAL = 0
export const SCHED_FIFO = 1
export const SCHED_RR = 2
export const SCHED_BATCH = 3
export const SCHED_IDLE = 5
export const SCHED_DEADLINE = 6
export const SCHED_EXT = 7
export const SCHED_RESET_ON_FORK = 0x40000000

// sched_attr->sched_flags
export const SCHED_FLAG_RESET_ON_FORK = 0x01
export const SCHED_FLAG_RECLAIM = 0x02
export const SCHED_FLAG_DL_OVERRUN = 0x04
export const SCHED_FLAG_KEEP_POLICY = 0x08
export const SCHED_FLAG_KEEP_PARAMS = 0x10
export const SCHED_FLAG_UTIL_CLAMP_MIN = 0x20
export const SCHED_FLAG_UTIL_CLAMP_MAX = 0x40
export const SCHED_FLAG_KEEP_ALL = 0x18
export const SCHED_FLAG_UTIL_CLAMP = 0x60
export const SCHED_FLAG_ALL = 0x7f
export const SCHED_ATTR_SIZE_VER0 = 48
export const SCHED_ATTR_SIZE_VER1 = 56

// priorities (linux/sched/prio.h)
export const MIN_NICE = -20
export const MAX_NICE = 19
export const NICE_WIDTH = 40
export const MAX_RT_PRIO = 100
/** static_prio of nice 0. */
export const DEFAULT_PRIO = 120

// setpriority(2)
export const PRIO_PROCESS = 0
export const PRIO_PGRP = 1
export const PRIO_USER = 2
export const PRIO_MIN = -20
export const PRIO_MAX = 20

// ioprio_set(2)
export const IOPRIO_WHO_PROCESS = 1
export const IOPRIO_WHO_PGRP = 2
export const IOPRIO_WHO_USER = 3
export const IOPRIO_CLASS_NONE = 0
export const IOPRIO_CLASS_RT = 1
export const IOPRIO_CLASS_BE = 2
export const IOPRIO_CLASS_IDLE = 3
export const IOPRIO_CLASS_INVALID = 7
export const IOPRIO_CLASS_SHIFT = 13
export const IOPRIO_NR_CLASSES = 8
export const IOPRIO_CLASS_MASK = 7
export const IOPRIO_PRIO_MASK = 0x1fff
export const IOPRIO_NR_LEVELS = 8
export const IOPRIO_LEVEL_MASK = 7
export const IOPRIO_NORM = 4
export const IOPRIO_BE_NORM = 4
export const IOPRIO_HINT_SHIFT = 3
export const IOPRIO_HINT_MASK = 0x3ff
