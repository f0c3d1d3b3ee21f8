/** Commands of fcntl(2), file locks, leases, seals, and other small flags of file calls. */

// fcntl(2)
export const F_DUPFD = 0
export const F_GETFD = 1
export const F_SETFD = 2
export const F_GETFL = 3
export const F_SETFL = 4
export const F_GETLK = 5
export const F_SETLK = 6
export const F_SETLKW = 7
export const F_SETOWN = 8
export const F_GETOWN = 9
export const F_SETSIG = 10
export const F_GETSIG = 11
export const F_GETLK64 = 12
export const F_SETLK64 = 13
export const F_SETLKW64 = 14
export const F_SETOWN_EX = 15
export const F_GETOWN_EX = 16
export const F_GETOWNER_UIDS = 17
export const F_OFD_GETLK = 36
export const F_OFD_SETLK = 37
export const F_OFD_SETLKW = 38
export const F_SETLEASE = 1024
export const F_GETLEASE = 1025
export const F_NOTIFY = 1026
export const F_DUPFD_QUERY = 1027
export const F_CREATED_QUERY = 1028
export const F_CANCELLK = 1029
export const F_DUPFD_CLOEXEC = 1030
export const F_SETPIPE_SZ = 1031
export const F_GETPIPE_SZ = 1032
export const F_ADD_SEALS = 1033
export const F_GET_SEALS = 1034
export const F_GET_RW_HINT = 1035
export const F_SET_RW_HINT = 1036
export const F_GET_FILE_RW_HINT = 1037
export const F_SET_FILE_RW_HINT = 1038
export const FD_CLOEXEC = 1

// struct flock, leases, owners
export const F_OWNER_TID = 0
export const F_OWNER_PID = 1
export const F_OWNER_PGRP = 2
export const F_RDLCK = 0
export const F_WRLCK = 1
export const F_UNLCK = 2
export const F_EXLCK = 4
export const F_SHLCK = 8

// flock(2)
export const LOCK_SH = 1
export const LOCK_EX = 2
export const LOCK_NB = 4
export const LOCK_UN = 8
export const LOCK_MAND = 32
export const LOCK_READ = 64
export const LOCK_WRITE = 128
export const LOCK_RW = 192

// seals of a memfd
export const F_SEAL_SEAL = 0x0001
export const F_SEAL_SHRINK = 0x0002
export const F_SEAL_GROW = 0x0004
export const F_SEAL_WRITE = 0x0008
export const F_SEAL_FUTURE_WRITE = 0x0010
export const F_SEAL_EXEC = 0x0020

// memfd_create(2)
export const MFD_CLOEXEC = 0x0001
export const MFD_ALLOW_SEALING = 0x0002
export const MFD_HUGETLB = 0x0004
export const MFD_NOEXEC_SEAL = 0x0008
export const MFD_EXEC = 0x0010

// directory notification
export const DN_ACCESS = 0x00000001
export const DN_MODIFY = 0x00000002
export const DN_CREATE = 0x00000004
export const DN_DELETE = 0x00000008
export const DN_RENAME = 0x00000010
export const DN_ATTRIB = 0x00000020
export const DN_MULTISHOT = 0x80000000

// lseek(2)
export const SEEK_SET = 0
export const SEEK_CUR = 1
export const SEEK_END = 2
export const SEEK_DATA = 3
export const SEEK_HOLE = 4
export const SEEK_MAX = SEEK_HOLE

// renameat2(2)
export const RENAME_NOREPLACE = 1
export const RENAME_EXCHANGE = 2
export const RENAME_WHITEOUT = 4

// fallocate(2)
export const FALLOC_FL_ALLOCATE_RANGE = 0x00
export const FALLOC_FL_KEEP_SIZE = 0x01
export const FALLOC_FL_PUNCH_HOLE = 0x02
export const FALLOC_FL_NO_HIDE_STALE = 0x04
export const FALLOC_FL_COLLAPSE_RANGE = 0x08
export const FALLOC_FL_ZERO_RANGE = 0x10
export const FALLOC_FL_INSERT_RANGE = 0x20
export const FALLOC_FL_UNSHARE_RANGE = 0x40

// preadv2(2), pwritev2(2)
export const RWF_HIPRI = 1
export const RWF_DSYNC = 2
export const RWF_SYNC = 4
export const RWF_NOWAIT = 8
export const RWF_APPEND = 16
export const RWF_NOAPPEND = 32
export const RWF_ATOMIC = 64

// close_range(2)
export const CLOSE_RANGE_UNSHARE = 2
export const CLOSE_RANGE_CLOEXEC = 4

// getrandom(2)
export const GRND_NONBLOCK = 0x0001
export const GRND_RANDOM = 0x0002
export const GRND_INSECURE = 0x0004

// splice(2)
export const SPLICE_F_MOVE = 0x1
export const SPLICE_F_NONBLOCK = 0x2
export const SPLICE_F_MORE = 0x4
export const SPLICE_F_GIFT = 0x8
