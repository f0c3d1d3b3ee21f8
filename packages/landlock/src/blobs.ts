/** The state that Landlock keeps on kernel objects (the structs of cred.h and fs.h). */
import { defineBlob } from '@lsmkit/core'
import type { Cred, Dentry, File, Inode, SuperBlock, VfsMount } from '@lsmkit/core'
import type { Domain } from './domain.ts'
import { NamedInode, SuperState } from './named-inodes.ts'
import type { Refusals } from './refusals.ts'
import { ALL_FS } from './rights.ts'

/** `struct landlock_cred_security`. */
export class CredState {
  domain: Domain | null = null
  /** Layers that the running program has made itself, as bits; an exec clears them (ABI 7). */
  domainExec = 0
  /** Domains that are made from now on are not logged (ABI 7). */
  subdomainsOff = false
}

/** `struct landlock_file_security`. */
export class FileState {
  /** Rights that were settled when it was opened, whoever uses it later. */
  allowed = ALL_FS
  /** The domain that opened it and the refused rights, for the reason of a later refusal; null if none were refused. */
  opener: Domain | null = null
  refusals: Refusals | null = null
  /** The domain of who became the owner of its signals, and that process. */
  ownerDomain: Domain | null = null
  ownerProcess: object | null = null
}

/** The refusals of a domain at a directory of a mount, as they were when `version` was the tree's. */
export interface KeptDecision {
  readonly domain: Domain
  readonly mnt: VfsMount
  readonly dentry: Dentry
  readonly version: number
  readonly refusals: Refusals
  next: KeptDecision | null
}

/** `struct landlock_inode_security` and the object behind it. */
export class InodeState extends NamedInode {
  /** Of a directory: the last decisions, newest first. */
  kept: KeptDecision | null = null
}

/** The accessors of one instance. Sizes are those of 6.12 on x86-64. */
export const defineBlobs = () => ({
  cred: defineBlob((_cred: Cred) => new CredState(), { size: 8 }),
  file: defineBlob((_file: File) => new FileState(), { size: 24 }),
  inode: defineBlob((inode: Inode) => new InodeState(inode), { size: 8 }),
  superblock: defineBlob((_sb: SuperBlock) => new SuperState(), { size: 8 }),
})

export type LandlockBlobs = ReturnType<typeof defineBlobs>
