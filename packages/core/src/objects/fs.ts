/** Files and file systems (include/linux/{fs,dcache,mount,path,fs_context,xattr,posix_acl}.h). */
import type { Cred, UserNamespace } from './cred.ts'
import { num, numGiven, opt, part, partGiven, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { Ref } from './ref.ts'
import type { Secured, Security } from './secured.ts'

/** `struct qstr`: one component of a path. `len` is in bytes of UTF-8. */
export interface Qstr {
  readonly name: string
  readonly len: number
}

/** `struct file_system_type`. */
export interface FileSystemType {
  readonly name: string
  /** FS_* flags: FS_REQUIRES_DEV 1, FS_BINARY_MOUNTDATA 2, FS_USERNS_MOUNT 8, FS_ALLOW_IDMAP 32. */
  readonly fs_flags: number
}

/** `struct super_block`. */
export const superBlockFields = {
  s_dev: numGiven('dev_t'),
  s_flags: num('unsigned long'),
  s_iflags: num('unsigned long'),
  s_magic: num('unsigned long'),
  s_blocksize: num('unsigned long', 4096),
  s_maxbytes: num('loff_t', Number.MAX_SAFE_INTEGER),
  /** Name in log and audit texts: `tmpfs`, `proc`, `sda1`. */
  s_id: part('char[32]', () => ''),
  s_type: ptr<FileSystemType>('struct file_system_type *'),
  s_user_ns: ptr<UserNamespace>('struct user_namespace *'),
  s_root: opt<Dentry>('struct dentry *'),
  /** The file system's own; LSMs do not look. */
  s_fs_info: opt<object>('void *'),
  security: opt<Security>('void *'),
}
export interface SuperBlock extends ObjectOf<typeof superBlockFields>, Secured {}

/** `struct inode`. Times are seconds and nanoseconds since the epoch. */
export const inodeFields = {
  i_mode: numGiven('umode_t'),
  i_uid: num('kuid_t'),
  i_gid: num('kgid_t'),
  /** S_* of the kernel: S_IMMUTABLE, S_APPEND, S_PRIVATE, S_AUTOMOUNT… */
  i_flags: num('unsigned int'),
  i_sb: ptr<SuperBlock>('struct super_block *'),
  i_ino: numGiven('unsigned long'),
  i_nlink: num('unsigned int', 1),
  i_rdev: num('dev_t'),
  i_size: num('loff_t'),
  i_atime_sec: num('time64_t'),
  i_mtime_sec: num('time64_t'),
  i_ctime_sec: num('time64_t'),
  i_atime_nsec: num('u32'),
  i_mtime_nsec: num('u32'),
  i_ctime_nsec: num('u32'),
  i_generation: num('u32'),
  i_blocks: num('blkcnt_t'),
  /** Writers that hold the file open; negative while it is being executed (deny_write_access). */
  i_writecount: num('int'),
  /** The file system's own data and operations (kernel: i_op, i_fop, i_private). */
  i_private: opt<object>('void *'),
  security: opt<Security>('void *'),
}
export interface Inode extends ObjectOf<typeof inodeFields>, Secured {}

/** `struct dentry`. A negative one has no inode. */
export const dentryFields = {
  d_name: partGiven<Qstr>('struct qstr'),
  /** The root of a file system is its own parent: null stands for that here. */
  d_parent: opt<Dentry>('struct dentry *'),
  d_inode: opt<Inode>('struct inode *'),
  d_sb: ptr<SuperBlock>('struct super_block *'),
  d_flags: num('unsigned int'),
  /** Names below that have been looked up; the kernel's d_children list and hash table in one. */
  d_children: opt<Map<string, Dentry>>('struct hlist_head'),
  d_fsdata: opt<object>('void *'),
}
export interface Dentry extends ObjectOf<typeof dentryFields> {}

/** `struct mnt_idmap`: how a mount shows ids. `nop_mnt_idmap` shows them as they are. */
export interface MntIdmap {
  readonly uid_map: readonly { first: number; lower_first: number; count: number }[]
  readonly gid_map: readonly { first: number; lower_first: number; count: number }[]
}
export const nop_mnt_idmap: MntIdmap = { uid_map: [], gid_map: [] }

/** `struct vfsmount`, with what of `struct mount` a reader of paths needs. */
export interface VfsMount {
  mnt_root: Dentry
  mnt_sb: SuperBlock
  /** MNT_* internal flags: MNT_NOSUID 1, MNT_NODEV 2, MNT_NOEXEC 4, MNT_READONLY 0x40… */
  mnt_flags: number
  mnt_idmap: MntIdmap
  /** Parent mount and the dentry there it covers; null for the root of a mount namespace. */
  mnt_parent: VfsMount | null
  mnt_mountpoint: Dentry | null
  mnt_devname: string
}

/** `struct path`. */
export interface Path {
  readonly mnt: VfsMount
  readonly dentry: Dentry
}

/** `struct fown_struct`: who gets SIGIO. */
export interface FownStruct {
  pid: number
  uid: number
  euid: number
  signum: number
  /** The file it belongs to (the kernel finds it by container_of). */
  file: File
}

/** `struct file`: one open file description. */
export const fileFields = {
  f_mode: numGiven('fmode_t'),
  f_flags: numGiven('unsigned int'),
  f_path: partGiven<Path>('struct path'),
  f_inode: ptr<Inode>('struct inode *'),
  f_cred: ptr<Cred>('const struct cred *'),
  f_pos: num('loff_t'),
  f_owner: opt<FownStruct>('struct fown_struct *'),
  /** References: descriptors, mappings, messages in flight. */
  f_count: num('long', 1),
  /** Operations and state of the file system or device that opened it. */
  private_data: opt<object>('void *'),
  security: opt<Security>('void *'),
}
export interface File extends ObjectOf<typeof fileFields>, Secured {}

/** `struct fs_struct`: root, working directory and umask, shared by CLONE_FS. */
export interface FsStruct {
  users: number
  umask: number
  root: Path
  pwd: Path
}

/** `struct files_struct`: the descriptor table; the kernel package gives it its methods. */
export interface FilesStruct {
  count: number
  /** fd -> file; holes are null. */
  fd: (File | null)[]
  /** fd -> FD_CLOEXEC. */
  close_on_exec: boolean[]
}

/** `struct iattr`: a change of attributes. `ia_valid` (ATTR_*) says which fields count. */
export interface Iattr {
  ia_valid: number
  ia_mode: number
  ia_uid: number
  ia_gid: number
  ia_size: number
  ia_atime_sec: number
  ia_atime_nsec: number
  ia_mtime_sec: number
  ia_mtime_nsec: number
  ia_file: File | null
}

/**
 * `struct xattr`: one attribute of a new inode, name without its `security.` prefix. The value may be shared: neither
 * the LSM nor the file system that keeps it writes to it again.
 */
export interface Xattr {
  name: string
  value: Uint8Array
}

/** The slots that `inode_init_security` hands to LSMs: push at most what was reserved (lsm_get_xattr_slot). */
export type XattrSlots = Xattr[]

/** How `inode_init_security` hands the attributes of a new inode to its file system (`initxattrs`): 0 or -errno. */
export type InitXattrs = (inode: Inode, xattrs: readonly Xattr[], fs_data: unknown) => number

/** `struct posix_acl`. */
export interface PosixAcl {
  readonly entries: readonly { e_tag: number; e_perm: number; e_id: number }[]
}

/** `struct fs_context`: a mount being configured. */
export interface FsContext {
  fs_type: FileSystemType
  root: Dentry | null
  cred: Cred
  user_ns: UserNamespace
  /** LSM mount options, owned by whichever LSM parsed them. */
  security: object | null
  source: string | null
  sb_flags: number
  sb_flags_mask: number
  /** FS_CONTEXT_FOR_MOUNT 0, _SUBMOUNT 1, _RECONFIGURE 2. */
  purpose: number
  fs_private: object | null
}

/** `struct fs_parameter`: one `key=value` of fsconfig or a mount's data. */
export interface FsParameter {
  key: string
  /** fs_value_is_flag 1, _string 2, _blob 3, _filename 4, _file 5. */
  type: number
  string: string | null
  blob: Uint8Array | null
  file: File | null
}

/** `struct seq_file` as sb_show_options uses it: text is appended. */
export interface SeqFile {
  text: string
}

/** `struct kernfs_node`: the label of a new one is settled before its inode exists. */
export interface KernfsNode {
  name: string
  parent: KernfsNode | null
  mode: number
  /** security.* attributes, by full name. */
  xattrs: Map<string, Uint8Array>
}

/** `struct block_device`. */
export interface BlockDevice extends Secured {
  bd_dev: number
  bd_disk: string
}

/** LSM mount options in the making: `void **mnt_opts`. */
export type MountOptions = Ref<object | null>
