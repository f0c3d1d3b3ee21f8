/** Bits of permission words (security/apparmor/include/perms.h), and of exec indices (file.h). */
export const AA_MAY_EXEC = 0x1
export const AA_MAY_WRITE = 0x2
export const AA_MAY_READ = 0x4
export const AA_MAY_APPEND = 0x8
export const AA_MAY_CREATE = 0x10
export const AA_MAY_DELETE = 0x20
export const AA_MAY_OPEN = 0x40
export const AA_MAY_RENAME = 0x80
export const AA_MAY_SETATTR = 0x100
export const AA_MAY_GETATTR = 0x200
export const AA_MAY_SETCRED = 0x400
export const AA_MAY_GETCRED = 0x800
export const AA_MAY_CHMOD = 0x1000
export const AA_MAY_CHOWN = 0x2000
export const AA_MAY_CHGRP = 0x4000
export const AA_MAY_LOCK = 0x8000
/** In the second half of a link pair, where there is nothing to lock. */
export const AA_LINK_SUBSET = AA_MAY_LOCK
export const AA_EXEC_MMAP = 0x10000
export const AA_MAY_MPROT = 0x20000
export const AA_MAY_LINK = 0x40000
export const AA_MAY_SNAPSHOT = 0x80000
export const AA_CONT_MATCH = 0x8000000
export const AA_MAY_STACK = 0x10000000
export const AA_MAY_ONEXEC = 0x20000000
export const AA_MAY_CHANGE_PROFILE = 0x40000000
export const AA_MAY_CHANGEHAT = 0x80000000

export const AA_MAY_CREATE_SQPOLL = AA_MAY_CREATE
export const AA_MAY_OVERRIDE_CRED = AA_MAY_APPEND
export const AA_USERNS_CREATE = AA_MAY_APPEND

export const ALL_PERMS = 0xffffffff

/** Exec index: what kind of target, which one, and how it is entered. */
export const AA_X_INDEX_MASK = 0x00ffffff
export const AA_X_TYPE_MASK = 0x0c000000
export const AA_X_NONE = 0
export const AA_X_NAME = 0x04000000
export const AA_X_TABLE = 0x08000000
export const AA_X_UNSAFE = 0x10000000
export const AA_X_CHILD = 0x20000000
export const AA_X_INHERIT = 0x40000000
export const AA_X_UNCONFINED = 0x80000000
