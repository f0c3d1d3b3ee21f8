/** Files and file systems (include/linux/{fs,dcache,mount,path,fs_context,xattr,posix_acl}.h). */
import type { Cred, UserNamespace } from './cred.ts'
import { num, numGiven, opt, part, partGiven, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { Ref } from './ref.ts'
import type { Secured, Security } from './secured.ts'

/** `struct qstr`: one component of a path. `len` is in bytes of UTF-8. */
export interface Qstr {
  /** The text of the component. */
  readonly name: string
  /** Its length in bytes of UTF-8. */
  readonly len: number
}

/** `struct file_system_type`. */
export interface FileSystemType {
  /** `tmpfs`, `proc`, `overlay`. */
  readonly name: string
  /** `FS_*` flags: FS_REQUIRES_DEV 1, FS_BINARY_MOUNTDATA 2, FS_USERNS_MOUNT 8, FS_ALLOW_IDMAP 32. */
  readonly fs_flags: number
}

/** `struct super_block`. */
export const superBlockFields = {
  /** Device number, as `st_dev` shows it. */
  s_dev: numGiven('dev_t'),
  /** `SB_*` flags: SB_RDONLY, SB_NOSUID, SB_NODEV, SB_NOEXEC. */
  s_flags: num('unsigned long'),
  /** `SB_I_*` flags, set by the file system: SB_I_NOEXEC, SB_I_NODEV. */
  s_iflags: num('unsigned long'),
  /** Magic number of the file system, as statfs(2) shows it. */
  s_magic: num('unsigned long'),
  /** Bytes of a block. */
  s_blocksize: num('unsigned long', 4096),
  /** The longest file, in bytes. */
  s_maxbytes: num('loff_t', Number.MAX_SAFE_INTEGER),
  /** Name in log and audit texts: `tmpfs`, `proc`, `sda1`. */
  s_id: part('char[32]', () => ''),
  /** Which file system it is. */
  s_type: ptr<FileSystemType>('struct file_system_type *'),
  /** The user namespace that owns it: capabilities over it count there. */
  s_user_ns: ptr<UserNamespace>('struct user_namespace *'),
  /** The block device it lies on; null for file systems without one. */
  s_bdev: opt<BlockDevice>('struct block_device *'),
  /** The root directory; null while it is being set up and after it is shut down. */
  s_root: opt<Dentry>('struct dentry *'),
  /** The file system's own; LSMs do not look. */
  s_fs_info: opt<object>('void *'),
  /** State of the LSMs; read it with your accessor. */
  security: opt<Security>('void *'),
}
/** A file system instance, which may be mounted at several places (`struct super_block`). */
export interface SuperBlock extends ObjectOf<typeof superBlockFields>, Secured {}

/** `struct inode`. Times are seconds and nanoseconds since the epoch. */
export const inodeFields = {
  /** File type (`S_IF*`) and permission bits. */
  i_mode: numGiven('umode_t'),
  /** Owner, a kuid. */
  i_uid: num('kuid_t'),
  /** Group, a kgid. */
  i_gid: num('kgid_t'),
  /** `S_*` of the kernel: S_IMMUTABLE, S_APPEND, S_PRIVATE, S_AUTOMOUNT… */
  i_flags: num('unsigned int'),
  /** The file system it lies on. */
  i_sb: ptr<SuperBlock>('struct super_block *'),
  /** Inode number. */
  i_ino: numGiven('unsigned long'),
  /** How many names it has. */
  i_nlink: num('unsigned int', 1),
  /** Device number of a device node, 0 otherwise. */
  i_rdev: num('dev_t'),
  /** Length in bytes. */
  i_size: num('loff_t'),
  /** Time of last access, in seconds since the epoch. */
  i_atime_sec: num('time64_t'),
  /** Time of last change of contents, in seconds since the epoch. */
  i_mtime_sec: num('time64_t'),
  /** Time of last change of attributes, in seconds since the epoch. */
  i_ctime_sec: num('time64_t'),
  /** Nanoseconds of the time of access. */
  i_atime_nsec: num('u32'),
  /** Nanoseconds of the time of change of contents. */
  i_mtime_nsec: num('u32'),
  /** Nanoseconds of the time of change of attributes. */
  i_ctime_nsec: num('u32'),
  /** Grows when an inode number is used again; part of file handles. */
  i_generation: num('u32'),
  /** Blocks of 512 bytes in use. */
  i_blocks: num('blkcnt_t'),
  /** Writers that hold the file open; negative while it is being executed (deny_write_access). */
  i_writecount: num('int'),
  /** The file system's own data and operations (kernel: i_op, i_fop, i_private). */
  i_private: opt<object>('void *'),
  /** State of the LSMs; read it with your accessor. */
  security: opt<Security>('void *'),
}
/** A file itself, whatever its names: type, mode, owner, size, times (`struct inode`). */
export interface Inode extends ObjectOf<typeof inodeFields>, Secured {}

/** `struct dentry`. A negative one has no inode. */
export const dentryFields = {
  /** The name in its directory. */
  d_name: partGiven<Qstr>('struct qstr'),
  /** The root of a file system is its own parent: null stands for that here. */
  d_parent: opt<Dentry>('struct dentry *'),
  /** The inode; null for a name that does not exist. */
  d_inode: opt<Inode>('struct inode *'),
  /** The file system it lies on. */
  d_sb: ptr<SuperBlock>('struct super_block *'),
  /** `DCACHE_*` flags. */
  d_flags: num('unsigned int'),
  /** Names below that have been looked up; the kernel's d_children list and hash table in one. */
  d_children: opt<Map<string, Dentry>>('struct hlist_head'),
  /** The file system's own; LSMs do not look. */
  d_fsdata: opt<object>('void *'),
}
/** One name in a directory; one that no file has is negative: `d_inode` is null (`struct dentry`). */
export interface Dentry extends ObjectOf<typeof dentryFields> {}

/** `struct mnt_idmap`: how a mount shows ids. `nop_mnt_idmap` shows them as they are. */
export interface MntIdmap {
  /** Extents of user ids; empty for no mapping. */
  readonly uid_map: readonly { first: number; lower_first: number; count: number }[]
  /** Extents of group ids; empty for no mapping. */
  readonly gid_map: readonly { first: number; lower_first: number; count: number }[]
}
/** The map of a mount that maps no ids. */
export const nop_mnt_idmap: MntIdmap = { uid_map: [], gid_map: [] }

/** `struct vfsmount`, with what of `struct mount` a reader of paths needs. */
export interface VfsMount {
  /** The directory that is the top of this mount. */
  mnt_root: Dentry
  /** The file system that is mounted. */
  mnt_sb: SuperBlock
  /** `MNT_*` internal flags: MNT_NOSUID 1, MNT_NODEV 2, MNT_NOEXEC 4, MNT_READONLY 0x40… */
  mnt_flags: number
  /** Translates owners between this mount and the file system. */
  mnt_idmap: MntIdmap
  /** Parent mount and the dentry there it covers; null for the root of a mount namespace. */
  mnt_parent: VfsMount | null
  /** The dentry of the parent mount that it covers; null for the root. */
  mnt_mountpoint: Dentry | null
  /** The source that was named: `tmpfs`, `/dev/sda1`. */
  mnt_devname: string
}

/** `struct path`. */
export interface Path {
  /** The mount it is seen through. */
  readonly mnt: VfsMount
  /** The name on it. */
  readonly dentry: Dentry
}

/** `struct fown_struct`: who gets SIGIO. */
export interface FownStruct {
  /** The receiver of the signal: a process, or minus a process group. */
  pid: number
  /** Real user id of who set the owner. */
  uid: number
  /** Effective user id of who set the owner. */
  euid: number
  /** The signal; 0 is SIGIO. */
  signum: number
  /** The file it belongs to (the kernel finds it by container_of). */
  file: File
}

/** `struct file`: one open file description. */
export const fileFields = {
  /** `FMODE_*` bits: FMODE_READ, FMODE_WRITE, FMODE_EXEC, FMODE_PATH. */
  f_mode: numGiven('fmode_t'),
  /** `O_*` flags of the open, as fcntl(F_GETFL) shows them. */
  f_flags: numGiven('unsigned int'),
  /** Mount and name it was opened by; the name may be gone. */
  f_path: partGiven<Path>('struct path'),
  /** The inode it is open on. */
  f_inode: ptr<Inode>('struct inode *'),
  /** Credentials of who opened it. Compare with `current` when a descriptor may have been passed on. */
  f_cred: ptr<Cred>('const struct cred *'),
  /** Position of the next read or write, in bytes. */
  f_pos: num('loff_t'),
  /** The receiver of SIGIO; null until one is set. */
  f_owner: opt<FownStruct>('struct fown_struct *'),
  /** References: descriptors, mappings, messages in flight. */
  f_count: num('long', 1),
  /** Operations and state of the file system or device that opened it. */
  private_data: opt<object>('void *'),
  /** State of the LSMs; read it with your accessor. */
  security: opt<Security>('void *'),
}
/** An open file: the path it was opened by, its flags and position, and who opened it (`struct file`). */
export interface File extends ObjectOf<typeof fileFields>, Secured {}

/** `struct fs_struct`: root, working directory and umask, shared by CLONE_FS. */
export interface FsStruct {
  /** Tasks that share it. */
  users: number
  /** Permission bits that new files do not get. */
  umask: number
  /** The place of `/`. */
  root: Path
  /** The working directory. */
  pwd: Path
}

/** `struct files_struct`: the descriptor table; the kernel package gives it its methods. */
export interface FilesStruct {
  /** Tasks that share it. */
  count: number
  /** fd -> file; holes are null. */
  fd: (File | null)[]
  /** fd -> FD_CLOEXEC. */
  close_on_exec: boolean[]
}

/** `struct iattr`: a change of attributes. `ia_valid` (`ATTR_*`) says which fields count. */
export interface Iattr {
  /** `ATTR_*` bits: which of the fields below count. */
  ia_valid: number
  /** New file type and permission bits (ATTR_MODE). */
  ia_mode: number
  /** New owner, a kuid (ATTR_UID). */
  ia_uid: number
  /** New group, a kgid (ATTR_GID). */
  ia_gid: number
  /** New length in bytes (ATTR_SIZE). */
  ia_size: number
  /** New time of access, in seconds since the epoch (ATTR_ATIME). */
  ia_atime_sec: number
  /** Its nanoseconds. */
  ia_atime_nsec: number
  /** New time of change, in seconds since the epoch (ATTR_MTIME). */
  ia_mtime_sec: number
  /** Its nanoseconds. */
  ia_mtime_nsec: number
  /** The open file the change comes through (ATTR_FILE); null when it comes by name. */
  ia_file: File | null
}

/**
 * `struct xattr`: one attribute of a new inode, name without its `security.` prefix. The value may be shared: neither
 * the LSM nor the file system that keeps it writes to it again.
 */
export interface Xattr {
  /** Without `security.`: `selinux`. */
  name: string
  /** The bytes. */
  value: Uint8Array
}

/** The slots that `inode_init_security` hands to LSMs: push at most what was reserved (lsm_get_xattr_slot). */
export type XattrSlots = Xattr[]

/** How `inode_init_security` hands the attributes of a new inode to its file system (`initxattrs`): 0 or -errno. */
export type InitXattrs = (inode: Inode, xattrs: readonly Xattr[], fs_data: unknown) => number

/** `struct posix_acl`. */
export interface PosixAcl {
  /** `e_tag` is ACL_USER_OBJ and so on, `e_perm` rwx bits, `e_id` a kuid or kgid. */
  readonly entries: readonly { e_tag: number; e_perm: number; e_id: number }[]
}

/** `struct fs_context`: a mount being configured. */
export interface FsContext {
  /** Which file system is being mounted. */
  fs_type: FileSystemType
  /** The root, once the super block is there. */
  root: Dentry | null
  /** Credentials of who opened the context. */
  cred: Cred
  /** The user namespace that will own the mount. */
  user_ns: UserNamespace
  /** LSM mount options, owned by whichever LSM parsed them. */
  security: object | null
  /** The source that was named, or null. */
  source: string | null
  /** `SB_*` flags that the super block will have. */
  sb_flags: number
  /** Which of them were set or cleared by an option. */
  sb_flags_mask: number
  /** FS_CONTEXT_FOR_MOUNT 0, _SUBMOUNT 1, _RECONFIGURE 2. */
  purpose: number
  /** The file system's own; LSMs do not look. */
  fs_private: object | null
}

/** `struct fs_parameter`: one `key=value` of fsconfig or a mount's data. */
export interface FsParameter {
  /** Name of the option: `size`, `context`. */
  key: string
  /** fs_value_is_flag 1, _string 2, _blob 3, _filename 4, _file 5. */
  type: number
  /** The value of a text option. */
  string: string | null
  /** The value of a binary option. */
  blob: Uint8Array | null
  /** The value of an option that is an open file. */
  file: File | null
}

/** `struct seq_file` as sb_show_options uses it: text is appended. */
export interface SeqFile {
  /** The text written so far; append to it. */
  text: string
}

/** `struct kernfs_node`: the label of a new one is settled before its inode exists. */
export interface KernfsNode {
  /** The name in its directory. */
  name: string
  /** The directory; null for the root. */
  parent: KernfsNode | null
  /** File type and permission bits. */
  mode: number
  /** security.* attributes, by full name. */
  xattrs: Map<string, Uint8Array>
}

/** `struct block_device`. */
export interface BlockDevice extends Secured {
  /** Device number. */
  bd_dev: number
  /** Name of the disk: `loop0`. */
  bd_disk: string
  /** As `bdev_read_only`: nobody can write to it. */
  bd_read_only: boolean
}

/** LSM mount options in the making: `void **mnt_opts`. */
export type MountOptions = Ref<object | null>
