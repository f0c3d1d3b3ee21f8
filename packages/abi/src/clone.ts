/** Flags of clone(2), unshare(2) and setns(2). */

/** The low byte of clone's flags: the signal sent to the parent when the child ends. */
export const CSIGNAL = 0x000000ff
export const CLONE_NEWTIME = 0x00000080
export const CLONE_VM = 0x00000100
export const CLONE_FS = 0x00000200
export const CLONE_FILES = 0x00000400
export const CLONE_SIGHAND = 0x00000800
export const CLONE_PIDFD = 0x00001000
export const CLONE_PTRACE = 0x00002000
export const CLONE_VFORK = 0x00004000
export const CLONE_PARENT = 0x00008000
export const CLONE_THREAD = 0x00010000
export const CLONE_NEWNS = 0x00020000
export const CLONE_SYSVSEM = 0x00040000
export const CLONE_SETTLS = 0x00080000
export const CLONE_PARENT_SETTID = 0x00100000
export const CLONE_CHILD_CLEARTID = 0x00200000
export const CLONE_DETACHED = 0x00400000
export const CLONE_UNTRACED = 0x00800000
export const CLONE_CHILD_SETTID = 0x01000000
export const CLONE_NEWCGROUP = 0x02000000
export const CLONE_NEWUTS = 0x04000000
export const CLONE_NEWIPC = 0x08000000
export const CLONE_NEWUSER = 0x10000000
export const CLONE_NEWPID = 0x20000000
export const CLONE_NEWNET = 0x40000000
/** Bit 31: compare with `>>> 0`. */
export const CLONE_IO = 0x80000000

// clone3(2) only, above bit 31: a flags argument of clone3 is a bigint or a number below 2^53
export const CLONE_CLEAR_SIGHAND = 0x100000000
export const CLONE_INTO_CGROUP = 0x200000000

// sizes of struct clone_args
export const CLONE_ARGS_SIZE_VER0 = 64
export const CLONE_ARGS_SIZE_VER1 = 80
export const CLONE_ARGS_SIZE_VER2 = 88
