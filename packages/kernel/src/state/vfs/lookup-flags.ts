/** Flags of a path walk (include/linux/namei.h), and the kinds of a last component. */

export const LOOKUP_FOLLOW = 0x0001
export const LOOKUP_DIRECTORY = 0x0002
export const LOOKUP_AUTOMOUNT = 0x0004
export const LOOKUP_EMPTY = 0x4000
export const LOOKUP_MOUNTPOINT = 0x0080
/** Set while components before the last are walked. */
export const LOOKUP_PARENT = 0x0010
/**
 * The walk must not sleep: permission hooks see MAY_NOT_BLOCK and may answer -ECHILD, which starts the walk again
 * without it. Nothing sleeps here, but which hooks run how often depends on it.
 */
export const LOOKUP_RCU = 0x0040
export const LOOKUP_OPEN = 0x0100
export const LOOKUP_CREATE = 0x0200
export const LOOKUP_EXCL = 0x0400
export const LOOKUP_RENAME_TARGET = 0x0800
export const LOOKUP_NO_SYMLINKS = 0x010000
export const LOOKUP_NO_MAGICLINKS = 0x020000
export const LOOKUP_NO_XDEV = 0x040000
export const LOOKUP_BENEATH = 0x080000
export const LOOKUP_IN_ROOT = 0x100000
export const LOOKUP_CACHED = 0x200000
export const LOOKUP_LINKAT_EMPTY = 0x400000
export const LOOKUP_IS_SCOPED = LOOKUP_BENEATH | LOOKUP_IN_ROOT

/** Kinds of the last component of a path. */
export const LAST_NORM = 0
export const LAST_ROOT = 1
export const LAST_DOT = 2
export const LAST_DOTDOT = 3
