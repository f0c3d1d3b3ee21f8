/**
 * The interface of a file-system driver to the VFS: operations of inodes, open files, super blocks, and the type.
 *
 * An operation returns 0 (or a count) or -errno and never throws; one that makes an object returns the object or -errno
 * (the kernel's ERR_PTR). A null operation is not supported. The VFS has done the path walk, the permission checks and
 * the hooks before it calls. A driver asks no hook, with one exception: it asks inode_init_security for an inode that
 * it creates, because only the driver can store the attributes. Operations that make an inode get the id mapping of the
 * mount, for inode_init_owner.
 */
import type {
  Dentry, File, FileSystemType, FsContext, FsParameter, Iattr, Inode, IoUringCmd, MntIdmap, Path, PosixAcl, SeqFile,
  SuperBlock, Vma, UserNamespace,
} from '@lsmkit/core'
import type { GuestBytes } from '../guest-bytes.ts'
import type { FileLock } from './file-lock.ts'
import type { Kstat, Kstatfs } from './kstat.ts'
import type { WaitQueue } from './wait.ts'

/** Both forms of the flags; `fsx`: it came as the second (`struct fsxattr`). */
export interface FileAttr {
  flags: number
  fsx: boolean
  fsx_xflags: number
  fsx_extsize: number
  fsx_projid: number
  fsx_cowextsize: number
}

export interface InodeOperations {
  /**
   * Looks up `dentry.d_name` in `dir`: `d_add(dentry, inode)` if it exists, else the dentry stays negative. `flags` are
   * LOOKUP_*.
   */
  readonly lookup: ((dir: Inode, dentry: Dentry, flags: number) => number) | null
  /** Where a symbolic link leads: its text, or the place itself for links that do not go by name (/proc/PID/fd/N). */
  readonly get_link: ((dentry: Dentry, inode: Inode) => string | Path | number) | null
  /** Text for readlink(2) where get_link gives a place. */
  readonly readlink: ((dentry: Dentry) => string | number) | null
  /** Replaces generic_permission. */
  readonly permission: ((inode: Inode, mask: number) => number) | null
  readonly create: ((idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number) => number) | null
  readonly link: ((old_dentry: Dentry, dir: Inode, dentry: Dentry) => number) | null
  readonly unlink: ((dir: Inode, dentry: Dentry) => number) | null
  readonly symlink: ((idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string) => number) | null
  readonly mkdir: ((idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number) => number) | null
  readonly rmdir: ((dir: Inode, dentry: Dentry) => number) | null
  readonly mknod: ((idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number) => number) | null
  readonly rename: ((
    idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags: number,
  ) => number) | null
  /** Gives `file` (f_path.dentry is a fresh negative dentry) an inode without a name. */
  readonly tmpfile: ((idmap: MntIdmap, dir: Inode, file: File, mode: number) => number) | null
  /** Applies what notify_change has allowed; null means simple_setattr. */
  readonly setattr: ((idmap: MntIdmap, dentry: Dentry, attr: Iattr) => number) | null
  readonly getattr: ((path: Path, stat: Kstat) => number) | null
  /** Stores a valid ACL under `name`; null if the file system has no ACLs. */
  readonly set_acl: ((idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string) => number) | null
  /** The ACL that permission checks go by; null: the one the VFS keeps on the inode. */
  readonly get_inode_acl: ((inode: Inode, name: string) => PosixAcl | null) | null
  /** The ACL as getxattr(2) reads it, which may be refused; null: the one the VFS keeps. */
  readonly get_acl: ((idmap: MntIdmap, dentry: Dentry, name: string) => PosixAcl | number | null) | null
  /** The inode has been accessed; null: its own time of access is what changes. */
  readonly update_time: ((inode: Inode) => void) | null
  /** Flags as chattr(1) sees them. */
  readonly fileattr_get: ((dentry: Dentry) => FileAttr | number) | null
  readonly fileattr_set: ((dentry: Dentry, fa: FileAttr) => number) | null
  /** Names of the attributes the caller may see, `security.*` of LSMs apart. */
  readonly listxattr: ((dentry: Dentry) => readonly string[] | number) | null
}

export interface FileOperations {
  readonly open: ((inode: Inode, file: File) => number) | null
  /** Reads at most `len` bytes at `pos` into `buf` from `off`; the caller moves f_pos. */
  readonly read: ((file: File, buf: GuestBytes, off: number, len: number, pos: number) => number) | null
  /** Takes at most `len` bytes of `buf` from `off`, each once: into its own memory, and from there. */
  readonly write: ((file: File, buf: GuestBytes, off: number, len: number, pos: number) => number) | null
  /** New position or -errno; null means the file cannot seek. */
  readonly llseek: ((file: File, offset: number, whence: number) => number) | null
  /** Emits entries from `ctx.pos` on, `.` and `..` included, until `ctx.emit` answers false. */
  readonly iterate_shared: ((file: File, ctx: DirContext) => number) | null
  /** EPOLL* bits that hold now; null means always readable and writable. */
  readonly poll: ((file: File) => number) | null
  /** Woken when the result of `poll` may have changed; null for files whose result never does. */
  readonly poll_queue: ((file: File) => WaitQueue) | null
  /** O_ASYNC is set or cleared: the driver sends SIGIO when `poll` changes. Null if it never does. */
  readonly fasync: ((file: File, on: boolean) => void) | null
  readonly ioctl: ((file: File, cmd: number, arg: unknown) => number) | null
  /** A command by io_uring (IORING_OP_URING_CMD); null: the file takes none. */
  readonly uring_cmd: ((cmd: IoUringCmd) => number) | null
  readonly mmap: ((file: File, vma: Vma) => number) | null
  /** One more mapping of the file came of an existing one: a fork, a split, a move. */
  readonly vm_open: ((vma: Vma) => void) | null
  /** A mapping of the file is gone. */
  readonly vm_close: ((vma: Vma) => void) | null
  /** Each close(2) of a descriptor. */
  readonly flush: ((file: File) => number) | null
  /** The last reference is gone. */
  readonly release: ((inode: Inode, file: File) => void) | null
  readonly fsync: ((file: File, datasync: boolean) => number) | null
  readonly fallocate: ((file: File, mode: number, offset: number, len: number) => number) | null
  /** POSIX locks and flock kept by the file system itself; null means the VFS keeps them. */
  readonly lock: ((file: File, cmd: number, lock: FileLock) => number) | null
  /** F_GET_SEALS with null, else F_ADD_SEALS; null: the file cannot be sealed. */
  readonly seals: ((file: File, add: number | null) => number) | null
  /** copy_file_range(2) between two files of this kind; null: bytes are read here and written there. */
  readonly copy_file_range: ((input: File, from: number, output: File, to: number, len: number) => number) | null
  /** Additional lines of /proc/PID/fdinfo/N. */
  readonly show_fdinfo: ((file: File) => string) | null
  /** May take part in splice(2), sendfile(2) and copy_file_range(2); without it they answer -EINVAL. */
  readonly splice: boolean
  /** A write leaves f_pos where it was: each is a message of its own (smackfs, /proc/PID/attr). */
  readonly write_keeps_pos: boolean
}

/** The receiver of directory entries. */
export interface DirContext {
  /** The cookie of the next entry, as telldir returns it. */
  pos: number
  /** Takes one entry (`type` is DT_*) that lies at `pos`; false: no room, stop here. */
  emit(name: string, ino: number, type: number): boolean
}

/** The contents of a file handle of an inode. */
export interface EncodedHandle {
  readonly handle_type: number
  readonly f_handle: Uint8Array
}

export interface SuperOperations {
  readonly statfs: ((dentry: Dentry, buf: Kstatfs) => number) | null
  /** The inode has no name and no user left: frees its contents. */
  readonly evict_inode: ((inode: Inode) => void) | null
  /** The LSMs have released the inode as well: frees what the driver has elsewhere. */
  readonly destroy_inode: ((inode: Inode) => void) | null
  /** Appends `,option=value` of a /proc/mounts line. */
  readonly show_options: ((m: SeqFile, root: Dentry) => number) | null
  /** The last mount is gone. */
  readonly put_super: ((sb: SuperBlock) => void) | null
  readonly sync_fs: ((sb: SuperBlock) => number) | null
  /** The sixteen bytes that identify the file system; null if it has none. */
  readonly uuid: ((sb: SuperBlock) => Uint8Array) | null
  /** Inodes can be found again by file handles. */
  readonly exports: boolean
  /** The file handle of an inode, where it is not made of the inode's number; -errno. */
  readonly encode_fh: ((inode: Inode) => EncodedHandle | number) | null
  /** The name an inode is found by again, where that is not by handles given out before; -ESTALE. */
  readonly fh_to_dentry: ((sb: SuperBlock, type: number, bytes: Uint8Array) => Dentry | number) | null
  /** The path of a mount's root within the file system; null if the names of its dentries give it. */
  readonly show_path: ((root: Dentry) => string) | null
  /** Mounts on a place that is marked DCACHE_NEED_AUTOMOUNT what belongs there: 0 or -errno. */
  readonly d_automount: ((path: Path) => number) | null
  /**
   * Whether a cached name still holds (procfs: the process lives): 1, 0 to look it up again, -errno; -ECHILD under
   * LOOKUP_RCU to be asked outside of it.
   */
  readonly d_revalidate: ((dentry: Dentry, flags: number) => number) | null
}

/** One name space of extended attributes (`user.`) of a file system; the longest matching prefix answers. */
export interface XattrHandler {
  readonly prefix: string
  /** The value, or -errno (-ENODATA: not there, -EOPNOTSUPP: no such name space here). `name` lacks the prefix. */
  readonly get: (inode: Inode, name: string) => Uint8Array | number
  /**
   * Sets the attribute (`flags`: XATTR_CREATE, XATTR_REPLACE); a null `value` removes it. `value` may be kept, as it
   * never changes. `dentry` is a name of the inode.
   */
  readonly set: (inode: Inode, name: string, value: Uint8Array | null, flags: number, dentry: Dentry) => number
}

/** A registered file-system type; `SuperBlock.s_type` of its super blocks. */
export interface FileSystem extends FileSystemType {
  /** Consumes one mount option, or -ENOPARAM (the VFS then knows `source`, and refuses the rest). */
  readonly parse_param: ((fc: FsContext, param: FsParameter) => number) | null
  /** Sets `fc.root`, of a new super block or of one that exists already. */
  readonly get_tree: (fc: FsContext) => number
  /** Applies parsed options to `fc.root.d_sb` (remount). */
  readonly reconfigure: ((fc: FsContext) => number) | null
  /** Takes the options of mount(2) as one text, the LSMs' left out; else each goes to parse_param. */
  readonly parse_monolithic?: (fc: FsContext, data: string | null) => number
  /** fsconfig(2) takes texts and flags for it alone (fs/legacy.ts). */
  readonly isLegacy?: true
  /** Takes the options of mount(2) apart where a comma does not always end one. */
  readonly split_options?: (data: string) => readonly string[]
  /** The user namespace a mount of it belongs to, where that is not the caller's. */
  readonly owner?: () => UserNamespace
  /** Releases the context and all that parse_param has taken. */
  readonly free_context?: (fc: FsContext) => void
}

/** All fields, so that each table has one shape and call sites stay monomorphic. An omitted operation is null. */
const NO_INODE_OPERATIONS: InodeOperations = {
  lookup: null, get_link: null, readlink: null, permission: null, create: null, link: null, unlink: null,
  symlink: null, mkdir: null, rmdir: null, mknod: null, rename: null, tmpfile: null, setattr: null, getattr: null,
  set_acl: null, get_inode_acl: null, get_acl: null, update_time: null, fileattr_get: null, fileattr_set: null,
  listxattr: null,
}
export const inodeOperations = (own: Partial<InodeOperations>): InodeOperations =>
  Object.assign({ ...NO_INODE_OPERATIONS }, own)

/** For files that accept O_ASYNC but send no SIGIO; only pipes send it. */
export const fasync_helper = (): void => undefined

const NO_FILE_OPERATIONS: FileOperations = {
  open: null, read: null, write: null, llseek: null, iterate_shared: null, poll: null, poll_queue: null,
  fasync: null, ioctl: null, uring_cmd: null,
  mmap: null, vm_open: null, vm_close: null, flush: null, release: null, fsync: null,
  fallocate: null, lock: null, seals: null, copy_file_range: null, show_fdinfo: null, splice: false,
  write_keeps_pos: false,
}
/** A driver's operations on open files; those that it does not name are null. */
export const fileOperations = (own: Partial<FileOperations>): FileOperations =>
  Object.assign({ ...NO_FILE_OPERATIONS }, own)

const NO_SUPER_OPERATIONS: SuperOperations = {
  statfs: null, evict_inode: null, destroy_inode: null, show_options: null, put_super: null, sync_fs: null,
  uuid: null, exports: false, encode_fh: null, fh_to_dentry: null, show_path: null, d_automount: null,
  d_revalidate: null,
}
export const superOperations = (own: Partial<SuperOperations>): SuperOperations =>
  Object.assign({ ...NO_SUPER_OPERATIONS }, own)
