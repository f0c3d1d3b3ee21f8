/** Names of file systems in memory: what their coming, going and moving does to counts and times (fs/libfs.c). */
import {
  DT_DIR, EINVAL, EISDIR, ENOMEM, ENOTEMPTY, RENAME_EXCHANGE, RENAME_NOREPLACE,
} from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { Unlink } from '../interfaces/vfs-objects.ts'
import { COST } from '../state/memory-costs.ts'
import { d_is_dir, newestNames } from './dcache.ts'
import type { DentryCache } from './dcache.ts'
import type { Inodes } from './inode.ts'
import { dtType, emitDots } from './readdir.ts'
import { endless_llseek } from './rw.ts'
import { inodeState } from '../state/vfs/state.ts'

/** A file system with more to do for a name that goes gives its own `unlink`. The VFS moves and drops the names. */
export const simpleNames = ({ touchModified, touchChanged }: Inodes, { d_instantiate, isEmpty }: DentryCache) => {
  const simple_link = (old_dentry: Dentry, dir: Inode, dentry: Dentry): number => {
    const inode = old_dentry.d_inode as Inode
    if (!inodeState(inode).hasRoom(COST.dentry)) return -ENOMEM
    inode.i_nlink++
    touchChanged(inode)
    touchModified(dir)
    d_instantiate(dentry, inode)
    return 0
  }

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

  const simple_rename = (
    _idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags: number,
  ): number => {
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0) return -EINVAL
    if ((flags & RENAME_EXCHANGE) !== 0) return simple_rename_exchange(old_dir, old_dentry, new_dir, new_dentry)
    return isEmpty(new_dentry) ? renameOver(old_dir, old_dentry, new_dir, new_dentry) : -ENOTEMPTY
  }

  /** A directory that is nothing but its names in the cache: newest first. */
  const simple_dir_operations = fileOperations({
    iterate_shared(file, ctx) {
      if (!emitDots(file, ctx)) return 0
      const names = newestNames(file.f_path.dentry)
      while (ctx.pos - 2 < names.length) {
        const { d_inode: inode, d_name } = names[ctx.pos - 2]!
        if (inode !== null && !ctx.emit(d_name.name, inode.i_ino, dtType(inode.i_mode) || DT_DIR)) return 0
        ctx.pos++
      }
      return 0
    },
    llseek: endless_llseek,
    read: () => -EISDIR,
    fsync: () => 0,
  })

  return {
    simple_link, simple_unlink, simple_rmdir, simple_rename_exchange, renameOver, simple_rename, simple_dir_operations,
  }
}
