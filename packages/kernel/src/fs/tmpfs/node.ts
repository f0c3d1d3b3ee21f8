/** What tmpfs keeps for an inode and for a super block (struct shmem_inode_info, shmem_sb_info). */
import { PAGE_SIZE } from '@lsmkit/abi'
import type { Inode, SuperBlock } from '@lsmkit/core'
import { inodeState, superState } from '../../vfs/state.ts'
import type { Pages } from './pages.ts'

export class TmpfsNode {
  /** Contents of a regular file. */
  readonly pages: Pages | null
  /** Extended attributes by full name, in the kernel's order: sorted by name when listed. */
  readonly xattrs = new Map<string, Uint8Array>()
  /** F_SEAL_*: a file with a name is sealed against sealing. */
  seals = 1
  /** Shared mappings that may write. */
  writable_mappings = 0
  /** FS_*_FL of chattr. */
  fsflags = 0
  readonly crtime_sec: number
  readonly crtime_nsec: number
  /** Cookie of the next name made in this directory. */
  nextOffset = 3
  /** Directory cookies of its names, by dentry. */
  offsets: Map<object, number> | null = null

  constructor(pages: Pages | null, sec: number, nsec: number) {
    this.pages = pages
    this.crtime_sec = sec
    this.crtime_nsec = nsec
  }
}

export class TmpfsSuper {
  /** Limits in pages and inodes; Infinity: none. */
  max_blocks = Infinity
  max_inodes = Infinity
  used_blocks = 0
  used_inodes = 0
  uuid: Uint8Array | null = null

  /** Whether `pages` more fit. */
  hasRoom(pages: number): boolean {
    return this.used_blocks + pages <= this.max_blocks
  }
}

export const tmpfsNode = (inode: Inode): TmpfsNode => inodeState(inode).fs as TmpfsNode
export const tmpfsSuper = (sb: SuperBlock): TmpfsSuper => superState(sb).fs as TmpfsSuper

/** Keeps i_blocks and the file system's count in step with the pages of a file. */
export const accountPages = (inode: Inode, before: number): void => {
  const { pages } = tmpfsNode(inode)
  const after = pages?.count ?? 0
  tmpfsSuper(inode.i_sb).used_blocks += after - before
  inode.i_blocks = (after * PAGE_SIZE) / 512
}
