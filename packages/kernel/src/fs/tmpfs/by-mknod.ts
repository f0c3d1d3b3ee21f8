/** A file system in memory makes regular files and directories by its own `mknod`. */
import { S_IFDIR, S_IFREG } from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'

export type Mknod = (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number) => number

/** As `shmem_create` and `shmem_mkdir`, and ramfs's own. */
export const byMknod = (mknod: Mknod) => ({
  create: (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number =>
    mknod(idmap, dir, dentry, mode | S_IFREG, 0),
  mkdir(idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number {
    const rc = mknod(idmap, dir, dentry, mode | S_IFDIR, 0)
    if (rc === 0) dir.i_nlink++
    return rc
  },
})
