/** Capability numbers, versions of the user interface, and the `security.capability` format numbers. */

export const CAP_CHOWN = 0
export const CAP_DAC_OVERRIDE = 1
export const CAP_DAC_READ_SEARCH = 2
export const CAP_FOWNER = 3
export const CAP_FSETID = 4
export const CAP_KILL = 5
export const CAP_SETGID = 6
export const CAP_SETUID = 7
export const CAP_SETPCAP = 8
export const CAP_LINUX_IMMUTABLE = 9
export const CAP_NET_BIND_SERVICE = 10
export const CAP_NET_BROADCAST = 11
export const CAP_NET_ADMIN = 12
export const CAP_NET_RAW = 13
export const CAP_IPC_LOCK = 14
export const CAP_IPC_OWNER = 15
export const CAP_SYS_MODULE = 16
export const CAP_SYS_RAWIO = 17
export const CAP_SYS_CHROOT = 18
export const CAP_SYS_PTRACE = 19
export const CAP_SYS_PACCT = 20
export const CAP_SYS_ADMIN = 21
export const CAP_SYS_BOOT = 22
export const CAP_SYS_NICE = 23
export const CAP_SYS_RESOURCE = 24
export const CAP_SYS_TIME = 25
export const CAP_SYS_TTY_CONFIG = 26
export const CAP_MKNOD = 27
export const CAP_LEASE = 28
export const CAP_AUDIT_WRITE = 29
export const CAP_AUDIT_CONTROL = 30
export const CAP_SETFCAP = 31
export const CAP_MAC_OVERRIDE = 32
export const CAP_MAC_ADMIN = 33
export const CAP_SYSLOG = 34
export const CAP_WAKE_ALARM = 35
export const CAP_BLOCK_SUSPEND = 36
export const CAP_AUDIT_READ = 37
export const CAP_PERFMON = 38
export const CAP_BPF = 39
export const CAP_CHECKPOINT_RESTORE = 40
export const CAP_LAST_CAP = CAP_CHECKPOINT_RESTORE

// Options of the capable hook.
export const CAP_OPT_NONE = 0x0
export const CAP_OPT_NOAUDIT = 0x2
export const CAP_OPT_INSETID = 0x4

// capget(2) and capset(2) headers.
export const _LINUX_CAPABILITY_VERSION_1 = 0x19980330
export const _LINUX_CAPABILITY_U32S_1 = 1
export const _LINUX_CAPABILITY_VERSION_2 = 0x20071026
export const _LINUX_CAPABILITY_U32S_2 = 2
export const _LINUX_CAPABILITY_VERSION_3 = 0x20080522
export const _LINUX_CAPABILITY_U32S_3 = 2
export const _LINUX_CAPABILITY_VERSION = _LINUX_CAPABILITY_VERSION_1
export const _LINUX_CAPABILITY_U32S = _LINUX_CAPABILITY_U32S_1

// magic_etc of struct vfs_cap_data.
export const VFS_CAP_REVISION_MASK = 0xff000000
export const VFS_CAP_REVISION_SHIFT = 24
export const VFS_CAP_FLAGS_MASK = 0xffffff
export const VFS_CAP_FLAGS_EFFECTIVE = 0x000001
export const VFS_CAP_REVISION_1 = 0x01000000
export const VFS_CAP_U32_1 = 1
export const VFS_CAP_REVISION_2 = 0x02000000
export const VFS_CAP_U32_2 = 2
export const VFS_CAP_REVISION_3 = 0x03000000
export const VFS_CAP_U32_3 = 2
export const VFS_CAP_U32 = VFS_CAP_U32_3
export const VFS_CAP_REVISION = VFS_CAP_REVISION_3

// Bytes of each revision's struct.
export const XATTR_CAPS_SZ_1 = 12
export const XATTR_CAPS_SZ_2 = 20
export const XATTR_CAPS_SZ_3 = 24
export const XATTR_CAPS_SZ = XATTR_CAPS_SZ_3
