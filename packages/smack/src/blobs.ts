/** The state that Smack keeps on kernel objects (the structs of smack.h). Label 0 stands for no label. */
import { defineBlob } from '@lsmkit/core'
import type { Cred, File, Inode, KernIpcPerm, Key, MsgMsg, Sock, SuperBlock } from '@lsmkit/core'
import type { Subject } from './access.ts'
import type { Label } from './label.ts'
import { FLOOR, HAT } from './label-table.ts'
import type { Rules } from './rules.ts'

/** No label: rules that the task has set for itself have a say, so nothing that was granted to a label counts. */
const NOBODY: Label = -1

/** `struct task_smack`. A fresh one is the idle task's. */
export class CredState implements Subject {
  #ownLabel: Label = FLOOR
  #ownRules: Rules | null = null
  /** To whom inodes remember what they granted (hooks/without-record.ts). */
  grantee: Label = FLOOR
  /** The label its task was forked with: an exec that leaves it is a secure one. */
  forked: Label = FLOOR
  /** Label that dentry_create_files_as has taken over from a directory. */
  transmuted: Label = 0
  /** Labels it may change to without privilege, once. Newest first. */
  relabel: readonly Label[] = []

  get label(): Label {
    return this.#ownLabel
  }
  set label(label: Label) {
    this.#ownLabel = label
    this.grantee = this.#ownRules === null ? label : NOBODY
  }

  /** Rules the task has set for itself; null when there are none. */
  get rules(): Rules | null {
    return this.#ownRules
  }
  set rules(rules: Rules | null) {
    this.#ownRules = rules
    this.grantee = rules === null ? this.#ownLabel : NOBODY
  }
}

/** The label has been read from the file system. */
export const SMK_INODE_INSTANT = 1
/** A directory that gives its label to what is made in it. */
export const SMK_INODE_TRANSMUTE = 2
/** An unconfined task has written to it. */
export const SMK_INODE_IMPURE = 8

/** `struct inode_smack`. */
export class InodeState {
  #ownLabel: Label = 0
  /** SMACK64EXEC: what a task becomes that executes it. */
  exec: Label = 0
  /** SMACK64MMAP: what a task must not exceed that maps it. */
  mmap: Label = 0
  flags = 0
  /** The last grants (hooks/without-record.ts): to whom, after how many changes of rules, and of what. */
  grantee: Label = 0
  grantedAt = 0
  granted = 0

  get label(): Label {
    return this.#ownLabel
  }
  /** Accesses granted to another label are forgotten. */
  set label(label: Label) {
    this.#ownLabel = label
    this.granted = 0
  }
}

export const SMK_SB_INITIALIZED = 1
/** Its labels come from somebody without privilege. */
export const SMK_SB_UNTRUSTED = 2

/** `struct superblock_smack`. */
export class SuperState {
  root: Label = FLOOR
  default: Label = FLOOR
  floor: Label = FLOOR
  hat: Label = HAT
  flags = 0
}

/** `struct socket_smack`. */
export class SockState {
  // `in` stands first: behind `= 0` it would be read as the operator
  in: Label = 0
  out: Label = 0
  /** The peer's, for SO_PEERSEC. */
  packet: Label = 0
  /** Whether packets carry the label: SMK_NETLBL_LABELED. */
  labeled = false
}

/** A file's owner, a key, a message, a queue, a segment, a set. */
export class LabelState {
  label: Label = 0
}

/** The accessors of one instance. Sizes are those of 6.12 on x86-64. */
export const defineBlobs = () => ({
  cred: defineBlob((_cred: Cred) => new CredState(), { size: 88 }),
  file: defineBlob((_file: File) => new LabelState(), { size: 8 }),
  inode: defineBlob((_inode: Inode) => new InodeState(), { size: 32 }),
  ipc: defineBlob((_perm: KernIpcPerm) => new LabelState(), { size: 8 }),
  key: defineBlob((_key: Key) => new LabelState(), { size: 8 }),
  msg_msg: defineBlob((_msg: MsgMsg) => new LabelState(), { size: 8 }),
  sock: defineBlob((_sk: Sock) => new SockState(), { size: 32 }),
  superblock: defineBlob((_sb: SuperBlock) => new SuperState(), { size: 40 }),
})

export type SmackBlobs = ReturnType<typeof defineBlobs>
