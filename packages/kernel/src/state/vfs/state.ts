/**
 * State of the VFS beside the objects that LSMs see: one record of one shape for each inode, super block and open file.
 * A driver's own data can have any shape without making the VFS polymorphic.
 */
import type { Dentry, File, Inode, Path, PosixAcl, SuperBlock } from '@lsmkit/core'
import type { FileOperations, InodeOperations, SuperOperations, XattrHandler } from './driver.ts'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { Pid } from '../task/pid.ts'
import type { InodeLocks } from './file-lock.ts'
import type { InodeDquots, Quotas } from './quota.ts'

/** The owner as this kernel keeps it: the pid it was given, and what that pid names. */
export interface FileOwner {
  pid: Pid | null
  type: number
}

/** State that few inodes need, so that the others stay small. */
export class RareInodeState {
  /** Mappings through which its contents may be written. */
  i_mmap_writable = 0
  /** F_SET_RW_HINT. */
  write_hint = 0
  /** The ACL of new files in a directory. */
  i_default_acl: PosixAcl | null = null
  /** Text of a symbolic link that never changes; null: ask get_link. */
  i_link: string | null = null
  /** An O_TMPFILE inode that linkat may still name (I_LINKABLE). */
  linkable = false
  locks: InodeLocks | null = null
  /** The quotas of its owner and its group; null if the file system has no quotas. */
  dquots: InodeDquots | null = null
  /** The pipe that the openers of a FIFO share (vfs/pipe). */
  pipe: object | null = null
}

/** `Inode.i_private`: operations, users, and the driver's data. */
export class InodeState extends Holder {
  i_op: InodeOperations
  i_fop: FileOperations
  /** The driver's own (kernel: the struct around the inode). */
  fs: unknown
  /** References beside its names: open files, working directories, mappings, mounts, walks. */
  i_count = 0
  /** Open files that only read. */
  i_readcount = 0
  /** Names in the cache; a directory or plain file has one until it is unlinked. */
  aliases = 0
  /** One of the names, the last that was made or looked up. */
  alias: Dentry | null = null
  /** inode_free_security was called. */
  evicted = false
  /** The POSIX ACL; null: the mode bits say it all. */
  i_acl: PosixAcl | null = null
  /** Rare state. */
  rare: RareInodeState | null = null

  /** `account` has been charged for an inode. */
  constructor(account: MemoryAccount, i_op: InodeOperations, i_fop: FileOperations, fs: unknown) {
    super(account, COST.inode)
    this.i_op = i_op
    this.i_fop = i_fop
    this.fs = fs
  }

  makeRare(): RareInodeState {
    return (this.rare ??= new RareInodeState())
  }
}

/** File systems may lie over one another this deep; one as deep itself has nothing over it. */
export const FILESYSTEM_MAX_STACK_DEPTH = 2

/** `SuperBlock.s_fs_info`. */
export class SuperState extends Holder {
  /** Settled by the time the root is there. */
  s_op: SuperOperations
  readonly s_xattr: readonly XattrHandler[]
  /** The driver's own. */
  fs: unknown
  /** How many file systems lie under it. */
  s_stack_depth = 0
  /** Mounts and contexts that hold it. */
  active = 0
  /** Names that are not there may stay in the cache (false: they are forgotten when the call ends, as on tmpfs). */
  cachesNegative = false
  /** Whether cached names can be looked up again: unused ones are dropped when memory is short. */
  isCache = false
  nextIno = 1
  /** Inodes that file handles were given out for, by handle, and the handles by inode. */
  exported: Map<string, Inode> | null = null
  handles: Map<Inode, string> | null = null
  /** Disk quotas; null if the file system has none. */
  quotas: Quotas | null = null
  /** Names files without a place in a tree: `pipe:[7]`. */
  d_dname: ((dentry: Dentry) => string) | null = null

  /** `account` has been charged for a super block. */
  constructor(account: MemoryAccount, s_op: SuperOperations, s_xattr: readonly XattrHandler[], fs: unknown) {
    super(account, COST.superBlock)
    this.s_op = s_op
    this.s_xattr = s_xattr
    this.fs = fs
  }
}

/** An object that watches an open file. */
export interface FileWatcher {
  /** The file has ended. */
  fileEnded(): void
}

/** State that few open files need. */
export class RareFileState {
  /** A flock or POSIX lock was taken through this file: closing must look. */
  locked = false
  /** The receiver of SIGIO; F_OWNER_* is the kind of pid. */
  owner: FileOwner | null = null
  /** Objects that are notified of its end: epoll, leases, dnotify. */
  watchers: Set<FileWatcher> | null = null
  /** For a file that stands behind another one (FMODE_BACKING): the path of that one. */
  user_path: Path | null = null
  /** Held with it; null: it had none yet (O_TMPFILE). */
  user_inode: Inode | null = null
}

/** `File.private_data`. */
export class FileState extends Holder {
  f_op: FileOperations
  /** Data of the driver for this open file. */
  data: unknown = null
  /** Rare state. */
  rare: RareFileState | null = null

  /** `account` has been charged for a file. */
  constructor(account: MemoryAccount, f_op: FileOperations) {
    super(account, COST.file)
    this.f_op = f_op
  }

  makeRare(): RareFileState {
    return (this.rare ??= new RareFileState())
  }
}

export const inodeState = (inode: Inode): InodeState => inode.i_private as InodeState
export const superState = (sb: SuperBlock): SuperState => sb.s_fs_info as SuperState
export const fileState = (file: File): FileState => file.private_data as FileState

/** As `file_user_path`: the place a program knows of, also for a file that stands behind another one. */
export const file_user_path = (file: File): Path => fileState(file).rare?.user_path ?? file.f_path
