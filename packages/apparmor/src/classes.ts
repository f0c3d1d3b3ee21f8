/** Classes of mediation: the first byte of what is matched (AA_CLASS_*, security/apparmor/include/apparmor.h). */
export const AA_CLASS_NONE = 0
export const AA_CLASS_UNKNOWN = 1
export const AA_CLASS_FILE = 2
export const AA_CLASS_CAP = 3
export const AA_CLASS_DEPRECATED = 4
export const AA_CLASS_RLIMITS = 5
export const AA_CLASS_DOMAIN = 6
export const AA_CLASS_MOUNT = 7
export const AA_CLASS_PTRACE = 9
export const AA_CLASS_SIGNAL = 10
export const AA_CLASS_XMATCH = 11
export const AA_CLASS_NET = 14
export const AA_CLASS_LABEL = 16
export const AA_CLASS_POSIX_MQUEUE = 17
export const AA_CLASS_MODULE = 19
export const AA_CLASS_DISPLAY_LSM = 20
export const AA_CLASS_NS = 21
export const AA_CLASS_IO_URING = 22
export const AA_CLASS_X = 31
export const AA_CLASS_DBUS = 32
/** The last class whose start state is kept. */
export const AA_CLASS_LAST = AA_CLASS_DBUS
