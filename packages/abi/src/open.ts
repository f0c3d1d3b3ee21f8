/** Flags of open(2), openat2(2) and the *at calls, and the bits of `f_mode` made from them. */

// Access mode and flags of open(2), x86-64 values.
export const O_ACCMODE = 0o3
export const O_RDONLY = 0o0
export const O_WRONLY = 0o1
export const O_RDWR = 0o2
export const O_CREAT = 0o100
export const O_EXCL = 0o200
export const O_NOCTTY = 0o400
export const O_TRUNC = 0o1000
export const O_APPEND = 0o2000
export const O_NONBLOCK = 0o4000
export const O_DSYNC = 0o10000
export const O_DIRECT = 0o40000
export const O_DIRECTORY = 0o200000
export const O_NOFOLLOW = 0o400000
export const O_NOATIME = 0o1000000
export const O_CLOEXEC = 0o2000000
export const __O_SYNC = 0o4000000
export const O_PATH = 0o10000000
export const __O_TMPFILE = 0o20000000
export const O_NDELAY = O_NONBLOCK
export const O_SYNC = 0o4010000
export const O_TMPFILE = 0o20200000

// The kernel forces it on 64-bit; user space sees 0 (asm-generic/fcntl.h).
export const O_LARGEFILE = 0o100000

// The *at calls (linux/fcntl.h).
export const AT_FDCWD = -100
export const AT_SYMLINK_NOFOLLOW = 0x100
export const AT_SYMLINK_FOLLOW = 0x400
export const AT_NO_AUTOMOUNT = 0x800
export const AT_EMPTY_PATH = 0x1000
export const AT_STATX_SYNC_TYPE = 0x6000
export const AT_STATX_SYNC_AS_STAT = 0x0000
export const AT_STATX_FORCE_SYNC = 0x2000
export const AT_STATX_DONT_SYNC = 0x4000
export const AT_RECURSIVE = 0x8000
export const AT_RENAME_NOREPLACE = 0x0001
export const AT_RENAME_EXCHANGE = 0x0002
export const AT_RENAME_WHITEOUT = 0x0004
export const AT_EACCESS = 0x200
export const AT_REMOVEDIR = 0x200
export const AT_HANDLE_FID = 0x200
export const AT_HANDLE_MNT_ID_UNIQUE = 0x001
export const AT_GETATTR_NOSEC = 0x80000000

// open_how->resolve of openat2(2).
export const RESOLVE_NO_XDEV = 0x01
export const RESOLVE_NO_MAGICLINKS = 0x02
export const RESOLVE_NO_SYMLINKS = 0x04
export const RESOLVE_BENEATH = 0x08
export const RESOLVE_IN_ROOT = 0x10
export const RESOLVE_CACHED = 0x20

// file->f_mode
export const FMODE_READ = 0x1
export const FMODE_WRITE = 0x2
export const FMODE_LSEEK = 0x4
export const FMODE_PREAD = 0x8
export const FMODE_PWRITE = 0x10
export const FMODE_EXEC = 0x20
export const FMODE_WRITE_RESTRICTED = 0x40
export const FMODE_CAN_ATOMIC_WRITE = 0x80
export const FMODE_32BITHASH = 0x200
export const FMODE_64BITHASH = 0x400
export const FMODE_NOCMTIME = 0x800
export const FMODE_RANDOM = 0x1000
export const FMODE_PATH = 0x4000
export const FMODE_ATOMIC_POS = 0x8000
export const FMODE_WRITER = 0x10000
export const FMODE_CAN_READ = 0x20000
export const FMODE_CAN_WRITE = 0x40000
export const FMODE_OPENED = 0x80000
export const FMODE_CREATED = 0x100000
export const FMODE_STREAM = 0x200000
export const FMODE_CAN_ODIRECT = 0x400000
export const FMODE_NOREUSE = 0x800000
export const FMODE_BACKING = 0x1000000
export const FMODE_NONOTIFY = 0x2000000
export const FMODE_NONOTIFY_PERM = 0x4000000
export const FMODE_NOWAIT = 0x8000000
export const FMODE_NEED_UNMOUNT = 0x10000000
export const FMODE_NOACCOUNT = 0x20000000
export const FMODE_FSNOTIFY_MASK = 0x6000000

// access(2)
export const F_OK = 0
export const X_OK = 1
export const W_OK = 2
export const R_OK = 4
