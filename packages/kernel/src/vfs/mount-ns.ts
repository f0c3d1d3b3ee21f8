/** Mount namespaces: the tree of mounts that a group of tasks sees (struct mnt_namespace). */
import type { UserNamespace } from '@lsmkit/core'
import { LinkedList } from './linked-list.ts'
import type { Mount } from './mount.ts'

export class MountNamespace {
  readonly kind = 'mnt'
  readonly user_ns: UserNamespace
  /** The mount everything else lies on; null once nobody is in it any more. */
  root: Mount | null = null
  /** Tasks that are in it. */
  users = 0
  /** All mounts, in the order they were made. */
  readonly mounts = new LinkedList<Mount>()
  /** Inode number on nsfs. */
  readonly inum: number
  /** Never used again; 0 for the nameless one that holds a detached tree (open_tree, fsmount). */
  readonly seq: number

  constructor(user_ns: UserNamespace, inum: number, seq: number) {
    this.user_ns = user_ns
    this.inum = inum
    this.seq = seq
  }

  /** Holds a detached tree rather than what tasks see. */
  get isAnonymous(): boolean {
    return this.seq === 0
  }
}
