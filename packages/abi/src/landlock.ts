/** Access rights, rule types and scopes of Landlock. */

// version of the interface in 6.12
export const LANDLOCK_ABI_VERSION = 6

// landlock_create_ruleset(2)
export const LANDLOCK_CREATE_RULESET_VERSION = 1
export const LANDLOCK_CREATE_RULESET_ERRATA = 2

// rule types
export const LANDLOCK_RULE_PATH_BENEATH = 1
export const LANDLOCK_RULE_NET_PORT = 2

// file system
export const LANDLOCK_ACCESS_FS_EXECUTE = 0x1
export const LANDLOCK_ACCESS_FS_WRITE_FILE = 0x2
export const LANDLOCK_ACCESS_FS_READ_FILE = 0x4
export const LANDLOCK_ACCESS_FS_READ_DIR = 0x8
export const LANDLOCK_ACCESS_FS_REMOVE_DIR = 0x10
export const LANDLOCK_ACCESS_FS_REMOVE_FILE = 0x20
export const LANDLOCK_ACCESS_FS_MAKE_CHAR = 0x40
export const LANDLOCK_ACCESS_FS_MAKE_DIR = 0x80
export const LANDLOCK_ACCESS_FS_MAKE_REG = 0x100
export const LANDLOCK_ACCESS_FS_MAKE_SOCK = 0x200
export const LANDLOCK_ACCESS_FS_MAKE_FIFO = 0x400
export const LANDLOCK_ACCESS_FS_MAKE_BLOCK = 0x800
export const LANDLOCK_ACCESS_FS_MAKE_SYM = 0x1000
export const LANDLOCK_ACCESS_FS_REFER = 0x2000
export const LANDLOCK_ACCESS_FS_TRUNCATE = 0x4000
export const LANDLOCK_ACCESS_FS_IOCTL_DEV = 0x8000

// network
export const LANDLOCK_ACCESS_NET_BIND_TCP = 0x1
export const LANDLOCK_ACCESS_NET_CONNECT_TCP = 0x2

// scopes
export const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 0x1
export const LANDLOCK_SCOPE_SIGNAL = 0x2
