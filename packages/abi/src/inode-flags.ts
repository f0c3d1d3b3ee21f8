/** The kernel-internal bits of `i_flags`, and what `setattr` is asked to change. */

// inode->i_flags
export const S_SYNC = 0x1
export const S_NOATIME = 0x2
export const S_APPEND = 0x4
export const S_IMMUTABLE = 0x8
export const S_DEAD = 0x10
export const S_NOQUOTA = 0x20
export const S_DIRSYNC = 0x40
export const S_NOCMTIME = 0x80
export const S_SWAPFILE = 0x100
export const S_PRIVATE = 0x200
export const S_IMA = 0x400
export const S_AUTOMOUNT = 0x800
export const S_NOSEC = 0x1000
export const S_DAX = 0x2000
export const S_ENCRYPTED = 0x4000
export const S_CASEFOLD = 0x8000
export const S_VERITY = 0x10000
export const S_KERNEL_FILE = 0x20000

// iattr->ia_valid
export const ATTR_MODE = 0x1
export const ATTR_UID = 0x2
export const ATTR_GID = 0x4
export const ATTR_SIZE = 0x8
export const ATTR_ATIME = 0x10
export const ATTR_MTIME = 0x20
export const ATTR_CTIME = 0x40
export const ATTR_ATIME_SET = 0x80
export const ATTR_MTIME_SET = 0x100
export const ATTR_FORCE = 0x200
export const ATTR_KILL_SUID = 0x800
export const ATTR_KILL_SGID = 0x1000
export const ATTR_FILE = 0x2000
export const ATTR_KILL_PRIV = 0x4000
export const ATTR_OPEN = 0x8000
export const ATTR_TIMES_SET = 0x10000
export const ATTR_TOUCH = 0x20000
export const ATTR_DELEG = 0x40000
