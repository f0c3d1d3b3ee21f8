/** io_uring: flags of rings and requests, operations, commands of io_uring_register (include/uapi/linux/io_uring.h). */

// io_uring_params.flags
export const IORING_SETUP_IOPOLL = 1 << 0
export const IORING_SETUP_SQPOLL = 1 << 1
export const IORING_SETUP_SQ_AFF = 1 << 2
export const IORING_SETUP_CQSIZE = 1 << 3
export const IORING_SETUP_CLAMP = 1 << 4
export const IORING_SETUP_ATTACH_WQ = 1 << 5
export const IORING_SETUP_R_DISABLED = 1 << 6
export const IORING_SETUP_SUBMIT_ALL = 1 << 7
export const IORING_SETUP_COOP_TASKRUN = 1 << 8
export const IORING_SETUP_TASKRUN_FLAG = 1 << 9
export const IORING_SETUP_SQE128 = 1 << 10
export const IORING_SETUP_CQE32 = 1 << 11
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13
export const IORING_SETUP_NO_MMAP = 1 << 14
export const IORING_SETUP_REGISTERED_FD_ONLY = 1 << 15
export const IORING_SETUP_NO_SQARRAY = 1 << 16

// io_uring_params.features
export const IORING_FEAT_SINGLE_MMAP = 1 << 0
export const IORING_FEAT_NODROP = 1 << 1
export const IORING_FEAT_SUBMIT_STABLE = 1 << 2
export const IORING_FEAT_RW_CUR_POS = 1 << 3
export const IORING_FEAT_CUR_PERSONALITY = 1 << 4
export const IORING_FEAT_FAST_POLL = 1 << 5
export const IORING_FEAT_POLL_32BITS = 1 << 6
export const IORING_FEAT_SQPOLL_NONFIXED = 1 << 7
export const IORING_FEAT_EXT_ARG = 1 << 8
export const IORING_FEAT_NATIVE_WORKERS = 1 << 9
export const IORING_FEAT_RSRC_TAGS = 1 << 10
export const IORING_FEAT_CQE_SKIP = 1 << 11
export const IORING_FEAT_LINKED_FILE = 1 << 12
export const IORING_FEAT_REG_REG_RING = 1 << 13
export const IORING_FEAT_RECVSEND_BUNDLE = 1 << 14
export const IORING_FEAT_MIN_TIMEOUT = 1 << 15

// offsets of mmap
export const IORING_OFF_SQ_RING = 0
export const IORING_OFF_CQ_RING = 0x8000000
export const IORING_OFF_SQES = 0x10000000

// flags of the submission ring
export const IORING_SQ_NEED_WAKEUP = 1 << 0
export const IORING_SQ_CQ_OVERFLOW = 1 << 1

// flags of io_uring_enter
export const IORING_ENTER_GETEVENTS = 1 << 0
export const IORING_ENTER_SQ_WAKEUP = 1 << 1
export const IORING_ENTER_SQ_WAIT = 1 << 2
export const IORING_ENTER_EXT_ARG = 1 << 3
export const IORING_ENTER_REGISTERED_RING = 1 << 4
export const IORING_ENTER_ABS_TIMER = 1 << 5

// io_uring_sqe.flags
export const IOSQE_FIXED_FILE = 1 << 0
export const IOSQE_IO_DRAIN = 1 << 1
export const IOSQE_IO_LINK = 1 << 2
export const IOSQE_IO_HARDLINK = 1 << 3
export const IOSQE_ASYNC = 1 << 4
export const IOSQE_BUFFER_SELECT = 1 << 5
export const IOSQE_CQE_SKIP_SUCCESS = 1 << 6

// io_uring_sqe.opcode
export const IORING_OP_NOP = 0
export const IORING_OP_READV = 1
export const IORING_OP_WRITEV = 2
export const IORING_OP_FSYNC = 3
export const IORING_OP_READ_FIXED = 4
export const IORING_OP_WRITE_FIXED = 5
export const IORING_OP_POLL_ADD = 6
export const IORING_OP_POLL_REMOVE = 7
export const IORING_OP_SYNC_FILE_RANGE = 8
export const IORING_OP_SENDMSG = 9
export const IORING_OP_RECVMSG = 10
export const IORING_OP_TIMEOUT = 11
export const IORING_OP_TIMEOUT_REMOVE = 12
export const IORING_OP_ACCEPT = 13
export const IORING_OP_ASYNC_CANCEL = 14
export const IORING_OP_LINK_TIMEOUT = 15
export const IORING_OP_CONNECT = 16
export const IORING_OP_FALLOCATE = 17
export const IORING_OP_OPENAT = 18
export const IORING_OP_CLOSE = 19
export const IORING_OP_FILES_UPDATE = 20
export const IORING_OP_STATX = 21
export const IORING_OP_READ = 22
export const IORING_OP_WRITE = 23
export const IORING_OP_FADVISE = 24
export const IORING_OP_MADVISE = 25
export const IORING_OP_SEND = 26
export const IORING_OP_RECV = 27
export const IORING_OP_OPENAT2 = 28
export const IORING_OP_EPOLL_CTL = 29
export const IORING_OP_SPLICE = 30
export const IORING_OP_PROVIDE_BUFFERS = 31
export const IORING_OP_REMOVE_BUFFERS = 32
export const IORING_OP_TEE = 33
export const IORING_OP_SHUTDOWN = 34
export const IORING_OP_RENAMEAT = 35
export const IORING_OP_UNLINKAT = 36
export const IORING_OP_MKDIRAT = 37
export const IORING_OP_SYMLINKAT = 38
export const IORING_OP_LINKAT = 39
export const IORING_OP_MSG_RING = 40
export const IORING_OP_FSETXATTR = 41
export const IORING_OP_SETXATTR = 42
export const IORING_OP_FGETXATTR = 43
export const IORING_OP_GETXATTR = 44
export const IORING_OP_SOCKET = 45
export const IORING_OP_URING_CMD = 46
export const IORING_OP_SEND_ZC = 47
export const IORING_OP_SENDMSG_ZC = 48
export const IORING_OP_READ_MULTISHOT = 49
export const IORING_OP_WAITID = 50
export const IORING_OP_FUTEX_WAIT = 51
export const IORING_OP_FUTEX_WAKE = 52
export const IORING_OP_FUTEX_WAITV = 53
export const IORING_OP_FIXED_FD_INSTALL = 54
export const IORING_OP_FTRUNCATE = 55
export const IORING_OP_BIND = 56
export const IORING_OP_LISTEN = 57
export const IORING_OP_LAST = 58

// flags of single operations
export const IORING_FSYNC_DATASYNC = 1 << 0
export const IORING_TIMEOUT_ABS = 1 << 0
export const IORING_TIMEOUT_BOOTTIME = 1 << 2
export const IORING_TIMEOUT_REALTIME = 1 << 3
export const IORING_TIMEOUT_ETIME_SUCCESS = 1 << 5
export const IORING_ASYNC_CANCEL_ALL = 1 << 0
export const IORING_ASYNC_CANCEL_FD = 1 << 1
export const IORING_ASYNC_CANCEL_ANY = 1 << 2
export const IORING_NOP_INJECT_RESULT = 1 << 0
export const IORING_FIXED_FD_NO_CLOEXEC = 1 << 0
/** `file_index`: the kernel picks the place. */
export const IORING_FILE_INDEX_ALLOC = 0xffffffff
export const IORING_URING_CMD_FIXED = 1 << 0

// commands of a socket in IORING_OP_URING_CMD
export const SOCKET_URING_OP_SIOCINQ = 0
export const SOCKET_URING_OP_SIOCOUTQ = 1
export const SOCKET_URING_OP_GETSOCKOPT = 2
export const SOCKET_URING_OP_SETSOCKOPT = 3

// commands of io_uring_register
export const IORING_REGISTER_BUFFERS = 0
export const IORING_UNREGISTER_BUFFERS = 1
export const IORING_REGISTER_FILES = 2
export const IORING_UNREGISTER_FILES = 3
export const IORING_REGISTER_EVENTFD = 4
export const IORING_UNREGISTER_EVENTFD = 5
export const IORING_REGISTER_FILES_UPDATE = 6
export const IORING_REGISTER_EVENTFD_ASYNC = 7
export const IORING_REGISTER_PROBE = 8
export const IORING_REGISTER_PERSONALITY = 9
export const IORING_UNREGISTER_PERSONALITY = 10
export const IORING_REGISTER_RESTRICTIONS = 11
export const IORING_REGISTER_ENABLE_RINGS = 12
export const IORING_REGISTER_RING_FDS = 20
export const IORING_UNREGISTER_RING_FDS = 21
export const IORING_REGISTER_LAST = 31
export const IORING_REGISTER_USE_REGISTERED_RING = 0x80000000
export const IO_URING_OP_SUPPORTED = 1 << 0

// io_uring_restriction.opcode
export const IORING_RESTRICTION_REGISTER_OP = 0
export const IORING_RESTRICTION_SQE_OP = 1
export const IORING_RESTRICTION_SQE_FLAGS_ALLOWED = 2
export const IORING_RESTRICTION_SQE_FLAGS_REQUIRED = 3
