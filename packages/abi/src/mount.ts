/** Flags of mount(2), the new mount API and umount2(2), and the bits of superblocks and mounts inside. */

// mount(2)
export const MS_RDONLY = 1
export const MS_NOSUID = 2
export const MS_NODEV = 4
export const MS_NOEXEC = 8
export const MS_SYNCHRONOUS = 16
export const MS_REMOUNT = 32
export const MS_MANDLOCK = 64
export const MS_DIRSYNC = 128
export const MS_NOSYMFOLLOW = 256
export const MS_NOATIME = 1024
export const MS_NODIRATIME = 2048
export const MS_BIND = 4096
export const MS_MOVE = 8192
export const MS_REC = 16384
export const MS_VERBOSE = 32768
export const MS_SILENT = 32768
export const MS_POSIXACL = 0x10000
export const MS_UNBINDABLE = 0x20000
export const MS_PRIVATE = 0x40000
export const MS_SLAVE = 0x80000
export const MS_SHARED = 0x100000
export const MS_RELATIME = 0x200000
export const MS_KERNMOUNT = 0x400000
export const MS_I_VERSION = 0x800000
export const MS_STRICTATIME = 0x1000000
export const MS_LAZYTIME = 0x2000000
export const MS_SUBMOUNT = 0x4000000
export const MS_NOREMOTELOCK = 0x8000000
export const MS_NOSEC = 0x10000000
export const MS_BORN = 0x20000000
export const MS_ACTIVE = 0x40000000
export const MS_NOUSER = 0x80000000
export const MS_RMT_MASK = 0x2800051
export const MS_MGC_VAL = 0xc0ed0000
export const MS_MGC_MSK = 0xffff0000

// umount2(2)
export const MNT_FORCE = 0x00000001
export const MNT_DETACH = 0x00000002
export const MNT_EXPIRE = 0x00000004
export const UMOUNT_NOFOLLOW = 0x00000008
export const UMOUNT_UNUSED = 0x80000000

// vfsmount->mnt_flags
export const MNT_NOSUID = 0x1
export const MNT_NODEV = 0x2
export const MNT_NOEXEC = 0x4
export const MNT_NOATIME = 0x8
export const MNT_NODIRATIME = 0x10
export const MNT_RELATIME = 0x20
export const MNT_READONLY = 0x40
export const MNT_NOSYMFOLLOW = 0x80
export const MNT_SHRINKABLE = 0x100
export const MNT_WRITE_HOLD = 0x200
export const MNT_SHARED = 0x1000
export const MNT_UNBINDABLE = 0x2000
export const MNT_SHARED_MASK = 0x2000
export const MNT_USER_SETTABLE_MASK = 0xff
export const MNT_ATIME_MASK = 0x38
export const MNT_INTERNAL_FLAGS = 0xf005200
export const MNT_INTERNAL = 0x4000
export const MNT_LOCK_ATIME = 0x40000
export const MNT_LOCK_NOEXEC = 0x80000
export const MNT_LOCK_NOSUID = 0x100000
export const MNT_LOCK_NODEV = 0x200000
export const MNT_LOCK_READONLY = 0x400000
export const MNT_LOCKED = 0x800000
export const MNT_DOOMED = 0x1000000
export const MNT_SYNC_UMOUNT = 0x2000000
export const MNT_MARKED = 0x4000000
export const MNT_UMOUNT = 0x8000000

// super_block->s_flags
export const SB_RDONLY = 0x1
export const SB_NOSUID = 0x2
export const SB_NODEV = 0x4
export const SB_NOEXEC = 0x8
export const SB_SYNCHRONOUS = 0x10
export const SB_MANDLOCK = 0x40
export const SB_DIRSYNC = 0x80
export const SB_NOATIME = 0x400
export const SB_NODIRATIME = 0x800
export const SB_SILENT = 0x8000
export const SB_POSIXACL = 0x10000
export const SB_INLINECRYPT = 0x20000
export const SB_KERNMOUNT = 0x400000
export const SB_LAZYTIME = 0x2000000
export const SB_DEAD = 0x200000
export const SB_DYING = 0x1000000
export const SB_SUBMOUNT = 0x4000000
export const SB_FORCE = 0x8000000
export const SB_NOSEC = 0x10000000
export const SB_BORN = 0x20000000
export const SB_ACTIVE = 0x40000000
export const SB_NOUSER = 0x80000000

// dentry->d_flags
/** A directory has the name. The kernel derives that from its hash list. */
export const DCACHE_HASHED = 0x20000000

// super_block->s_iflags
export const SB_I_VERSION = 0x800000
export const SB_I_CGROUPWB = 0x1
export const SB_I_NOEXEC = 0x2
export const SB_I_NODEV = 0x4
export const SB_I_STABLE_WRITES = 0x8
export const SB_I_USERNS_VISIBLE = 0x10
export const SB_I_IMA_UNVERIFIABLE_SIGNATURE = 0x20
export const SB_I_UNTRUSTED_MOUNTER = 0x40
export const SB_I_EVM_HMAC_UNSUPPORTED = 0x80
export const SB_I_SKIP_SYNC = 0x100
export const SB_I_PERSB_BDI = 0x200
export const SB_I_TS_EXPIRY_WARNED = 0x400
export const SB_I_RETIRED = 0x800
export const SB_I_NOUMASK = 0x1000
export const SB_I_NOIDMAP = 0x2000

// file_system_type->fs_flags
export const FS_REQUIRES_DEV = 0x1
export const FS_BINARY_MOUNTDATA = 0x2
export const FS_HAS_SUBTYPE = 0x4
export const FS_USERNS_MOUNT = 0x8
export const FS_DISALLOW_NOTIFY_PERM = 0x10
export const FS_ALLOW_IDMAP = 0x20
export const FS_RENAME_DOES_D_MOVE = 0x8000

// open_tree(2), move_mount(2), fsopen(2), fspick(2), fsmount(2), mount_setattr(2)
export const OPEN_TREE_CLONE = 1
export const MOVE_MOUNT_F_SYMLINKS = 0x00000001
export const MOVE_MOUNT_F_AUTOMOUNTS = 0x00000002
export const MOVE_MOUNT_F_EMPTY_PATH = 0x00000004
export const MOVE_MOUNT_T_SYMLINKS = 0x00000010
export const MOVE_MOUNT_T_AUTOMOUNTS = 0x00000020
export const MOVE_MOUNT_T_EMPTY_PATH = 0x00000040
export const MOVE_MOUNT_SET_GROUP = 0x00000100
export const MOVE_MOUNT_BENEATH = 0x00000200
export const MOVE_MOUNT__MASK = 0x00000377
export const FSOPEN_CLOEXEC = 0x00000001
export const FSPICK_CLOEXEC = 0x00000001
export const FSPICK_SYMLINK_NOFOLLOW = 0x00000002
export const FSPICK_NO_AUTOMOUNT = 0x00000004
export const FSPICK_EMPTY_PATH = 0x00000008
export const FSMOUNT_CLOEXEC = 0x00000001
export const MOUNT_ATTR_RDONLY = 0x00000001
export const MOUNT_ATTR_NOSUID = 0x00000002
export const MOUNT_ATTR_NODEV = 0x00000004
export const MOUNT_ATTR_NOEXEC = 0x00000008
export const MOUNT_ATTR__ATIME = 0x00000070
export const MOUNT_ATTR_RELATIME = 0x00000000
export const MOUNT_ATTR_NOATIME = 0x00000010
export const MOUNT_ATTR_STRICTATIME = 0x00000020
export const MOUNT_ATTR_NODIRATIME = 0x00000080
export const MOUNT_ATTR_IDMAP = 0x00100000
export const MOUNT_ATTR_NOSYMFOLLOW = 0x00200000

// fsconfig(2)
export const FSCONFIG_SET_FLAG = 0
export const FSCONFIG_SET_STRING = 1
export const FSCONFIG_SET_BINARY = 2
export const FSCONFIG_SET_PATH = 3
export const FSCONFIG_SET_PATH_EMPTY = 4
export const FSCONFIG_SET_FD = 5
export const FSCONFIG_CMD_CREATE = 6
export const FSCONFIG_CMD_RECONFIGURE = 7
export const FSCONFIG_CMD_CREATE_EXCL = 8

// statmount(2), listmount(2)
export const STATMOUNT_SB_BASIC = 0x00000001
export const STATMOUNT_MNT_BASIC = 0x00000002
export const STATMOUNT_PROPAGATE_FROM = 0x00000004
export const STATMOUNT_MNT_ROOT = 0x00000008
export const STATMOUNT_MNT_POINT = 0x00000010
export const STATMOUNT_FS_TYPE = 0x00000020
export const STATMOUNT_MNT_NS_ID = 0x00000040
export const STATMOUNT_MNT_OPTS = 0x00000080
export const LSMT_ROOT = 0xffffffffffffffffn
export const LISTMOUNT_REVERSE = 1
