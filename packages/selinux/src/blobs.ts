/** The state that SELinux keeps on kernel objects (the structs of objsec.h). SID 0 stands for no label. */
import { defineBlob } from '@lsmkit/core'
import type {
  Cred, File, InfiniBandAgent, Inode, KernIpcPerm, Key, MsgMsg, PerfEvent, Sock, SuperBlock, TunDev,
} from '@lsmkit/core'
import { SECCLASS } from './class-map.ts'
import { SECINITSID_FILE, SECINITSID_KERNEL, SECINITSID_UNLABELED, SECSID_NULL } from './initial-sids.ts'

/** `struct task_security_struct`. A fresh one is the idle task's. */
export class CredState {
  /** Before the last execve. */
  osid = SECINITSID_KERNEL
  sid = SECINITSID_KERNEL
  /** Of the next execve, of what is created, of keys, of sockets; SECSID_NULL leaves it to the policy. */
  exec_sid = SECSID_NULL
  create_sid = SECSID_NULL
  keycreate_sid = SECSID_NULL
  sockcreate_sid = SECSID_NULL

  copy(from: CredState): void {
    this.osid = from.osid
    this.sid = from.sid
    this.exec_sid = from.exec_sid
    this.create_sid = from.create_sid
    this.keycreate_sid = from.keycreate_sid
    this.sockcreate_sid = from.sockcreate_sid
  }
}

/** The label is to be read again. */
export const LABEL_INVALID = 0
export const LABEL_INITIALIZED = 1

/** `struct inode_security_struct`. */
export class InodeState {
  /** Of the task that made it. */
  task_sid = SECINITSID_UNLABELED
  sid = SECINITSID_UNLABELED
  sclass: number = SECCLASS.file
  initialized = LABEL_INVALID

  label(sid: number, sclass: number): void {
    this.sid = sid
    this.sclass = sclass
    this.initialized = LABEL_INITIALIZED
  }
}

/** `struct file_security_struct`. */
export class FileState {
  /** Of the task that opened it, and of the one that gets SIGIO. */
  sid = SECSID_NULL
  fown_sid = SECSID_NULL
  /** Label of the inode and sequence number of the policy at open: while both hold, nothing is checked again. */
  isid = SECSID_NULL
  pseqno = 0
}

/** How a file system is labelled (SECURITY_FS_USE_*). */
export const FS_USE_UNSET = 0
export const FS_USE_XATTR = 1
export const FS_USE_TRANS = 2
export const FS_USE_TASK = 3
export const FS_USE_GENFS = 4
/** By the mount option context=. */
export const FS_USE_MNTPOINT = 6
/** By the file system itself. */
export const FS_USE_NATIVE = 7

/** Which mount options were given. */
export const CONTEXT_MNT = 0x01
export const FSCONTEXT_MNT = 0x02
export const ROOTCONTEXT_MNT = 0x04
export const DEFCONTEXT_MNT = 0x08
export const SE_MNTMASK = 0x0f
/** Its files can be given labels. */
export const SBLABEL_MNT = 0x10
export const SE_SBINITIALIZED = 0x0100
export const SE_SBPROC = 0x0200
export const SE_SBGENFS = 0x0400
export const SE_SBGENFS_XATTR = 0x0800

/** `struct superblock_security_struct`. */
export class SuperState {
  /** Of the file system itself, of files without a label, of all files with context=. */
  sid = SECINITSID_UNLABELED
  def_sid = SECINITSID_FILE
  mntpoint_sid = SECINITSID_UNLABELED
  behavior = FS_USE_UNSET
  flags = 0
  /** Of the task that mounted it first: the grantor of BPF tokens that it gives out (7.x). */
  creator_sid = SECINITSID_UNLABELED
  /** Inodes that were seen before it was known how they are labelled. */
  readonly deferred = new Set<Inode>()
}

/** Association of an SCTP socket: none yet, or one. */
export const SCTP_ASSOC_UNSET = 0
export const SCTP_ASSOC_SET = 1

/** `struct sk_security_struct`. */
export class SockState {
  sid = SECINITSID_UNLABELED
  peer_sid = SECINITSID_UNLABELED
  sclass: number = SECCLASS.socket
  sctp_assoc_state = SCTP_ASSOC_UNSET
  /** Its packets carry a label (netlabel). */
  labeled = false
}

/** `struct ipc_security_struct`. */
export class IpcState {
  sid = SECSID_NULL
  sclass: number = SECCLASS.ipc
}

/** A key, a message, a perf event, a tun device, an InfiniBand agent. */
export class SidState {
  sid: number

  constructor(sid: number = SECSID_NULL) {
    this.sid = sid
  }
}

/** `struct backing_file_security_struct`. */
export class BackingFileState {
  /** Of the task that opened the file above. */
  uf_sid = SECSID_NULL
}

/** The accessors of one instance. Sizes are those of 6.12 on x86-64. */
export const defineBlobs = () => ({
  cred: defineBlob((_cred: Cred) => new CredState(), { size: 24 }),
  file: defineBlob((_file: File) => new FileState(), { size: 16 }),
  backing_file: defineBlob((_file: File) => new BackingFileState(), { size: 16 }),
  inode: defineBlob((_inode: Inode) => new InodeState(), { size: 40 }),
  ipc: defineBlob((_perm: KernIpcPerm) => new IpcState(), { size: 8 }),
  key: defineBlob((_key: Key) => new SidState(), { size: 4 }),
  msg_msg: defineBlob((_msg: MsgMsg) => new SidState(SECINITSID_UNLABELED), { size: 4 }),
  sock: defineBlob((_sk: Sock) => new SockState(), { size: 32 }),
  superblock: defineBlob((_sb: SuperBlock) => new SuperState(), { size: 56 }),
  perf_event: defineBlob((_event: PerfEvent) => new SidState(), { size: 4 }),
  tun_dev: defineBlob((_dev: TunDev) => new SidState(), { size: 4 }),
  ib: defineBlob((_agent: InfiniBandAgent) => new SidState(), { size: 4 }),
})

export type SelinuxBlobs = ReturnType<typeof defineBlobs>
