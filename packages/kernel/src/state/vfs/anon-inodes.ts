/** Where the anonymous inodes of one machine live (vfs/anon-inode.ts). */
import type { Inode } from '@lsmkit/core'
import type { Mount } from './mount.ts'

export class AnonInodes {
  readonly mount: Mount
  /** The inode of all files that need none of their own. It is private: no LSM is asked about it. */
  readonly shared: Inode

  constructor(mount: Mount, shared: Inode) {
    this.mount = mount
    this.shared = shared
  }
}
