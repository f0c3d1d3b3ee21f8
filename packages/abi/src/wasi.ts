/** Enumerations and flags of WASI preview 1, and the sizes of its structs. */

// whence
export const WASI_WHENCE_SET = 0
export const WASI_WHENCE_CUR = 1
export const WASI_WHENCE_END = 2

// filetype
export const WASI_FILETYPE_UNKNOWN = 0
export const WASI_FILETYPE_BLOCK_DEVICE = 1
export const WASI_FILETYPE_CHARACTER_DEVICE = 2
export const WASI_FILETYPE_DIRECTORY = 3
export const WASI_FILETYPE_REGULAR_FILE = 4
export const WASI_FILETYPE_SOCKET_DGRAM = 5
export const WASI_FILETYPE_SOCKET_STREAM = 6
export const WASI_FILETYPE_SYMBOLIC_LINK = 7

// fdflags
export const WASI_FDFLAGS_APPEND = 0x1
export const WASI_FDFLAGS_DSYNC = 0x2
export const WASI_FDFLAGS_NONBLOCK = 0x4
export const WASI_FDFLAGS_RSYNC = 0x8
export const WASI_FDFLAGS_SYNC = 0x10

// oflags
export const WASI_OFLAGS_CREAT = 0x1
export const WASI_OFLAGS_DIRECTORY = 0x2
export const WASI_OFLAGS_EXCL = 0x4
export const WASI_OFLAGS_TRUNC = 0x8

// lookupflags
export const WASI_LOOKUPFLAGS_SYMLINK_FOLLOW = 0x1

// fstflags
export const WASI_FSTFLAGS_ATIM = 0x1
export const WASI_FSTFLAGS_ATIM_NOW = 0x2
export const WASI_FSTFLAGS_MTIM = 0x4
export const WASI_FSTFLAGS_MTIM_NOW = 0x8

// advice
export const WASI_ADVICE_NORMAL = 0
export const WASI_ADVICE_SEQUENTIAL = 1
export const WASI_ADVICE_RANDOM = 2
export const WASI_ADVICE_WILLNEED = 3
export const WASI_ADVICE_DONTNEED = 4
export const WASI_ADVICE_NOREUSE = 5

// clockid
export const WASI_CLOCKID_REALTIME = 0
export const WASI_CLOCKID_MONOTONIC = 1
export const WASI_CLOCKID_PROCESS_CPUTIME_ID = 2
export const WASI_CLOCKID_THREAD_CPUTIME_ID = 3

// poll_oneoff
export const WASI_EVENTTYPE_CLOCK = 0
export const WASI_EVENTTYPE_FD_READ = 1
export const WASI_EVENTTYPE_FD_WRITE = 2
export const WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP = 0x1
export const WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME = 0x1

// sockets: riflags, roflags, sdflags
export const WASI_RIFLAGS_RECV_PEEK = 0x1
export const WASI_RIFLAGS_RECV_WAITALL = 0x2
export const WASI_ROFLAGS_RECV_DATA_TRUNCATED = 0x1
export const WASI_SDFLAGS_RD = 0x1
export const WASI_SDFLAGS_WR = 0x2

// preopens, directory cookies
export const WASI_PREOPENTYPE_DIR = 0
export const WASI_DIRCOOKIE_START = 0n

// signal of proc_raise
export const WASI_SIGNAL_NONE = 0
export const WASI_SIGNAL_HUP = 1
export const WASI_SIGNAL_INT = 2
export const WASI_SIGNAL_QUIT = 3
export const WASI_SIGNAL_ILL = 4
export const WASI_SIGNAL_TRAP = 5
export const WASI_SIGNAL_ABRT = 6
export const WASI_SIGNAL_BUS = 7
export const WASI_SIGNAL_FPE = 8
export const WASI_SIGNAL_KILL = 9
export const WASI_SIGNAL_USR1 = 10
export const WASI_SIGNAL_SEGV = 11
export const WASI_SIGNAL_USR2 = 12
export const WASI_SIGNAL_PIPE = 13
export const WASI_SIGNAL_ALRM = 14
export const WASI_SIGNAL_TERM = 15
export const WASI_SIGNAL_CHLD = 16
export const WASI_SIGNAL_CONT = 17
export const WASI_SIGNAL_STOP = 18
export const WASI_SIGNAL_TSTP = 19
export const WASI_SIGNAL_TTIN = 20
export const WASI_SIGNAL_TTOU = 21
export const WASI_SIGNAL_URG = 22
export const WASI_SIGNAL_XCPU = 23
export const WASI_SIGNAL_XFSZ = 24
export const WASI_SIGNAL_VTALRM = 25
export const WASI_SIGNAL_PROF = 26
export const WASI_SIGNAL_WINCH = 27
export const WASI_SIGNAL_POLL = 28
export const WASI_SIGNAL_PWR = 29
export const WASI_SIGNAL_SYS = 30

// bytes of structs
export const WASI_IOVEC_SIZE = 8
export const WASI_FDSTAT_SIZE = 24
export const WASI_FILESTAT_SIZE = 64
export const WASI_DIRENT_SIZE = 24
export const WASI_PRESTAT_SIZE = 8
export const WASI_SUBSCRIPTION_SIZE = 48
export const WASI_EVENT_SIZE = 32
