/** Mount namespaces: the tree of mounts that a group of tasks sees (struct mnt_namespace). */
import type { UserNamespace } from '@lsmkit/core'
import { LinkedList } from './linked-list.ts'
import type { Mount } from './mount.ts'

export class MountNamespace {
  readonly kind = 'mnt'
  readonly user_ns: UserNamespace
  /** The mount everything else lies on. */
  root: Mount | null = null
  /** All mounts, in the order they were made. */
  readonly mounts = new LinkedList<Mount>()
  /** nsfs inode number; 0 for the nameless one that holds a detached tree (open_tree, fsmount). */
  readonly inum: number

  constructor(user_ns: UserNamespace, inum: number) {
    this.user_ns = user_ns
    this.inum = inum
  }

  /** Holds a detached tree rather than what tasks see. */
  get isAnonymous(): boolean {
    return this.inum === 0
  }
}
