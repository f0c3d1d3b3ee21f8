/** Binder: ioctls, commands of both directions, kinds of objects (include/uapi/linux/android/binder.h). */

export const BINDER_CURRENT_PROTOCOL_VERSION = 8

/** Of the misc device, major 10. On Linux it is whatever is free. */
export const BINDER_MINOR = 121

// ioctls
export const BINDER_WRITE_READ = 0xc0306201
export const BINDER_SET_MAX_THREADS = 0x40046205
export const BINDER_SET_CONTEXT_MGR = 0x40046207
export const BINDER_THREAD_EXIT = 0x40046208
export const BINDER_VERSION = 0xc0046209
export const BINDER_GET_NODE_INFO_FOR_REF = 0xc018620c
export const BINDER_SET_CONTEXT_MGR_EXT = 0x4018620d

// commands of programs
export const BC_TRANSACTION = 0x40406300
export const BC_REPLY = 0x40406301
export const BC_FREE_BUFFER = 0x40086303
export const BC_INCREFS = 0x40046304
export const BC_ACQUIRE = 0x40046305
export const BC_RELEASE = 0x40046306
export const BC_DECREFS = 0x40046307
export const BC_INCREFS_DONE = 0x40106308
export const BC_ACQUIRE_DONE = 0x40106309
export const BC_REGISTER_LOOPER = 0x630b
export const BC_ENTER_LOOPER = 0x630c
export const BC_EXIT_LOOPER = 0x630d
export const BC_REQUEST_DEATH_NOTIFICATION = 0x400c630e
export const BC_CLEAR_DEATH_NOTIFICATION = 0x400c630f
export const BC_DEAD_BINDER_DONE = 0x40086310

// what the driver returns
export const BR_TRANSACTION_SEC_CTX = 0x80487202
export const BR_TRANSACTION = 0x80407202
export const BR_REPLY = 0x80407203
export const BR_DEAD_REPLY = 0x7205
export const BR_TRANSACTION_COMPLETE = 0x7206
export const BR_INCREFS = 0x80107207
export const BR_ACQUIRE = 0x80107208
export const BR_RELEASE = 0x80107209
export const BR_DECREFS = 0x8010720a
export const BR_NOOP = 0x720c
export const BR_DEAD_BINDER = 0x8008720f
export const BR_CLEAR_DEATH_NOTIFICATION_DONE = 0x80087210
export const BR_FAILED_REPLY = 0x7211

// binder_object_header.type
export const BINDER_TYPE_BINDER = 0x73622a85
export const BINDER_TYPE_WEAK_BINDER = 0x77622a85
export const BINDER_TYPE_HANDLE = 0x73682a85
export const BINDER_TYPE_WEAK_HANDLE = 0x77682a85
export const BINDER_TYPE_FD = 0x66642a85

// flat_binder_object.flags
export const FLAT_BINDER_FLAG_ACCEPTS_FDS = 0x100
export const FLAT_BINDER_FLAG_TXN_SECURITY_CTX = 0x1000

// binder_transaction_data.flags
export const TF_ONE_WAY = 0x01
export const TF_ACCEPT_FDS = 0x10
