/** Mount namespaces: the tree of mounts that a group of tasks sees (struct mnt_namespace). */
import type { Dentry, UserNamespace } from '@lsmkit/core'
import type { Mount } from './mount.ts'

export class MountNamespace {
  readonly user_ns: UserNamespace
  /** The mount everything else lies on. */
  root: Mount | null = null
  /** All mounts, in the order they were made. */
  readonly mounts = new Set<Mount>()
  /** How many of them cover a name. */
  private readonly covered = new Map<Dentry, number>()
  /** nsfs inode number. */
  readonly inum: number

  constructor(user_ns: UserNamespace, inum: number) {
    this.user_ns = user_ns
    this.inum = inum
  }

  mountpoints(dentry: Dentry): number {
    return this.covered.get(dentry) ?? 0
  }

  add(mount: Mount): void {
    mount.mnt_ns = this
    this.mounts.add(mount)
    this.cover(mount, 1)
  }

  remove(mount: Mount): void {
    this.cover(mount, -1)
    this.mounts.delete(mount)
    mount.mnt_ns = null
  }

  /** Keeps the count when a mount moves. */
  cover(mount: Mount, by: number): void {
    const at = mount.mnt_mountpoint
    if (at === null) return
    const count = this.mountpoints(at) + by
    if (count === 0) this.covered.delete(at)
    else this.covered.set(at, count)
  }
}
