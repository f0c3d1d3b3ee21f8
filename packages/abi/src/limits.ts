/** Limits the kernel imposes on names, paths, arguments and descriptors. */

// linux/limits.h, in bytes or pieces
export const NR_OPEN = 1024
export const NGROUPS_MAX = 65536
export const ARG_MAX = 131072
export const LINK_MAX = 127
export const MAX_CANON = 255
export const MAX_INPUT = 255
export const NAME_MAX = 255
export const PATH_MAX = 4096
export const PIPE_BUF = 4096
export const RTSIG_MAX = 32

// symbolic links followed in one walk (linux/namei.h)
export const MAXSYMLINKS = 40

// exec: bytes of one string and number of strings (linux/binfmts.h)
export const MAX_ARG_STRLEN = 131072
export const MAX_ARG_STRINGS = 0x7fffffff
export const BINPRM_BUF_SIZE = 256

// name of a task, with the NUL (linux/sched.h)
export const TASK_COMM_LEN = 16

// largest read or write, in bytes (linux/fs.h, 4 KiB pages)
export const MAX_RW_COUNT = 0x7ffff000

// pages
export const PAGE_SHIFT = 12
export const PAGE_SIZE = 4096
/** The most bytes the kernel allocates in one piece: what is written to a file that it takes whole is no longer. */
export const KMALLOC_MAX_SIZE = 0x400000
