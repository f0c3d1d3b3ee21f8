/** Names of file systems in memory: what their going and moving does to counts and times (fs/libfs.c). */
import { ENOTEMPTY } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { d_is_dir } from './dcache.ts'
import type { DentryCache } from './dcache.ts'
import type { Inodes } from './inode.ts'

type Unlink = (dir: Inode, dentry: Dentry) => number

/** A file system with more to do for a name that goes gives its own `unlink`. The VFS moves and drops the names. */
export const simpleNames = ({ touchModified, touchChanged }: Inodes, { isEmpty }: DentryCache) => {
  const simple_unlink: Unlink = (dir, dentry) => {
    const inode = dentry.d_inode as Inode
    touchModified(dir)
    touchChanged(inode)
    inode.i_nlink--
    return 0
  }

  const simple_rmdir = (dir: Inode, dentry: Dentry, unlink = simple_unlink): number => {
    if (!isEmpty(dentry)) return -ENOTEMPTY
    ;(dentry.d_inode as Inode).i_nlink--
    dir.i_nlink--
    return unlink(dir, dentry)
  }

  /** As `simple_rename_timestamp`. */
  const touchRenamed = (old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry): void => {
    touchModified(old_dir)
    if (new_dir !== old_dir) touchModified(new_dir)
    touchChanged(old_dentry.d_inode as Inode)
    if (new_dentry.d_inode !== null) touchChanged(new_dentry.d_inode)
  }

  const simple_rename_exchange = (
    old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry,
  ): number => {
    const moved = d_is_dir(old_dentry)
    if (old_dir !== new_dir && moved !== d_is_dir(new_dentry)) {
      old_dir.i_nlink += moved ? -1 : 1
      new_dir.i_nlink += moved ? 1 : -1
    }
    touchRenamed(old_dir, old_dentry, new_dir, new_dentry)
    return 0
  }

  /** As `simple_rename`, onto nothing or onto what the caller has found empty. */
  const renameOver = (
    old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, unlink = simple_unlink,
  ): number => {
    const moved = d_is_dir(old_dentry)
    if (new_dentry.d_inode !== null) {
      unlink(new_dir, new_dentry)
      if (moved) {
        new_dentry.d_inode.i_nlink--
        old_dir.i_nlink--
      }
    } else if (moved) {
      old_dir.i_nlink--
      new_dir.i_nlink++
    }
    touchRenamed(old_dir, old_dentry, new_dir, new_dentry)
    return 0
  }

  return { simple_unlink, simple_rmdir, simple_rename_exchange, renameOver }
}
