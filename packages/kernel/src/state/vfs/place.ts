/** Where a file is (struct path). A class, for a file keeps it: see DentryName in names.ts. */
import type { Dentry, Path, VfsMount } from '@lsmkit/core'

export class Place implements Path {
  readonly mnt: VfsMount
  readonly dentry: Dentry

  constructor(mnt: VfsMount, dentry: Dentry) {
    this.mnt = mnt
    this.dentry = dentry
  }
}
