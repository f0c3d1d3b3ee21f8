/** Rules of the audit subsystem: filter lists, rule fields and operators, status and architectures. */

// filter lists and actions
export const AUDIT_FILTER_USER = 0x00
export const AUDIT_FILTER_TASK = 0x01
export const AUDIT_FILTER_ENTRY = 0x02
export const AUDIT_FILTER_WATCH = 0x03
export const AUDIT_FILTER_EXIT = 0x04
export const AUDIT_FILTER_EXCLUDE = 0x05
export const AUDIT_FILTER_TYPE = AUDIT_FILTER_EXCLUDE
export const AUDIT_FILTER_FS = 0x06
export const AUDIT_FILTER_URING_EXIT = 0x07
export const AUDIT_NR_FILTERS = 8
export const AUDIT_FILTER_PREPEND = 0x10
export const AUDIT_NEVER = 0
export const AUDIT_POSSIBLE = 1
export const AUDIT_ALWAYS = 2

// rule fields
export const AUDIT_PID = 0
export const AUDIT_UID = 1
export const AUDIT_EUID = 2
export const AUDIT_SUID = 3
export const AUDIT_FSUID = 4
export const AUDIT_GID = 5
export const AUDIT_EGID = 6
export const AUDIT_SGID = 7
export const AUDIT_FSGID = 8
export const AUDIT_LOGINUID = 9
export const AUDIT_PERS = 10
export const AUDIT_ARCH = 11
export const AUDIT_MSGTYPE = 12
export const AUDIT_SUBJ_USER = 13
export const AUDIT_SUBJ_ROLE = 14
export const AUDIT_SUBJ_TYPE = 15
export const AUDIT_SUBJ_SEN = 16
export const AUDIT_SUBJ_CLR = 17
export const AUDIT_PPID = 18
export const AUDIT_OBJ_USER = 19
export const AUDIT_OBJ_ROLE = 20
export const AUDIT_OBJ_TYPE = 21
export const AUDIT_OBJ_LEV_LOW = 22
export const AUDIT_OBJ_LEV_HIGH = 23
export const AUDIT_LOGINUID_SET = 24
export const AUDIT_SESSIONID = 25
export const AUDIT_FSTYPE = 26
export const AUDIT_DEVMAJOR = 100
export const AUDIT_DEVMINOR = 101
export const AUDIT_INODE = 102
export const AUDIT_EXIT = 103
export const AUDIT_SUCCESS = 104
export const AUDIT_WATCH = 105
export const AUDIT_PERM = 106
export const AUDIT_DIR = 107
export const AUDIT_FILETYPE = 108
export const AUDIT_OBJ_UID = 109
export const AUDIT_OBJ_GID = 110
export const AUDIT_FIELD_COMPARE = 111
export const AUDIT_EXE = 112
export const AUDIT_SADDR_FAM = 113
export const AUDIT_ARG0 = 200
export const AUDIT_ARG1 = 201
export const AUDIT_ARG2 = 202
export const AUDIT_ARG3 = 203
export const AUDIT_FILTERKEY = 210

// rule operators
export const AUDIT_MAX_FIELDS = 64
export const AUDIT_MAX_KEY_LEN = 256
export const AUDIT_BITMASK_SIZE = 64
export const AUDIT_NEGATE = 0x80000000
export const AUDIT_BIT_MASK = 0x08000000
export const AUDIT_LESS_THAN = 0x10000000
export const AUDIT_GREATER_THAN = 0x20000000
export const AUDIT_NOT_EQUAL = 0x30000000
export const AUDIT_EQUAL = 0x40000000
export const AUDIT_BIT_TEST = 0x48000000
export const AUDIT_LESS_THAN_OR_EQUAL = 0x50000000
export const AUDIT_GREATER_THAN_OR_EQUAL = 0x60000000
export const AUDIT_OPERATORS = 0x78000000

// field AUDIT_PERM
export const AUDIT_PERM_EXEC = 1
export const AUDIT_PERM_WRITE = 2
export const AUDIT_PERM_READ = 4
export const AUDIT_PERM_ATTR = 8

// status and failure
export const AUDIT_STATUS_ENABLED = 0x0001
export const AUDIT_STATUS_FAILURE = 0x0002
export const AUDIT_STATUS_PID = 0x0004
export const AUDIT_STATUS_RATE_LIMIT = 0x0008
export const AUDIT_STATUS_BACKLOG_LIMIT = 0x0010
export const AUDIT_STATUS_BACKLOG_WAIT_TIME = 0x0020
export const AUDIT_STATUS_LOST = 0x0040
export const AUDIT_STATUS_BACKLOG_WAIT_TIME_ACTUAL = 0x0080
export const AUDIT_FAIL_SILENT = 0
export const AUDIT_FAIL_PRINTK = 1
export const AUDIT_FAIL_PANIC = 2
export const AUDIT_OFF = 0
export const AUDIT_ON = 1
export const AUDIT_LOCKED = 2

// arch= of a record
export const AUDIT_ARCH_AARCH64 = 0xc00000b7
export const AUDIT_ARCH_ARM = 0x40000028
export const AUDIT_ARCH_I386 = 0x40000003
export const AUDIT_ARCH_PPC64LE = 0xc0000015
export const AUDIT_ARCH_RISCV64 = 0xc00000f3
export const AUDIT_ARCH_S390X = 0x80000016
export const AUDIT_ARCH_X86_64 = 0xc000003e
export const AUDIT_ARCH_LOONGARCH64 = 0xc0000102

// ids nobody set, as unsigned 32-bit numbers
export const AUDIT_UID_UNSET = 0xffffffff
export const AUDIT_SID_UNSET = 0xffffffff

// longest text of a record from user space, in bytes
export const AUDIT_MESSAGE_TEXT_MAX = 8560
