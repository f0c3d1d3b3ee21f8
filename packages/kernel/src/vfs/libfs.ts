/**
 * Operations of file systems in memory: link counts and times as names are made, removed and renamed (fs/libfs.c). The
 * VFS moves and drops the names themselves.
 */
import { DT_DIR, EINVAL, EISDIR, ENOMEM, ENOTEMPTY, RENAME_EXCHANGE, RENAME_NOREPLACE } from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import type { Unlink } from '../interfaces/vfs-objects.ts'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import { inodeState } from '../state/vfs/state.ts'
import { d_is_dir, newestNames, d_instantiate, isEmpty } from './dcache.ts'
import { touchChanged, touchModified } from './inode.ts'
import { dtType, emitDots } from './readdir.ts'
import { endless_llseek } from './rw.ts'

/** Operations of a directory whose names exist only in the cache. Lists the newest first. */
export const simple_dir_operations = fileOperations({
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

export const simple_link = (machine: Machine, old_dentry: Dentry, dir: Inode, dentry: Dentry): number => {
  const inode = old_dentry.d_inode as Inode
  if (!inodeState(inode).hasRoom(COST.dentry)) return -ENOMEM
  inode.i_nlink++
  touchChanged(machine, inode)
  touchModified(machine, dir)
  d_instantiate(machine, dentry, inode)
  return 0
}

export const simple_unlink = (machine: Machine, dir: Inode, dentry: Dentry): number => {
  const inode = dentry.d_inode as Inode
  touchModified(machine, dir)
  touchChanged(machine, inode)
  inode.i_nlink--
  return 0
}

export const simple_rmdir = (machine: Machine, dir: Inode, dentry: Dentry, unlink: Unlink | null = null): number => {
  if (!isEmpty(dentry)) return -ENOTEMPTY
  ;(dentry.d_inode as Inode).i_nlink--
  dir.i_nlink--
  return unlink === null ? simple_unlink(machine, dir, dentry) : unlink(dir, dentry)
}

/** As `simple_rename_timestamp`: sets the times of both directories and both inodes. */
const touchRenamed = (
  machine: Machine, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry,
): void => {
  touchModified(machine, old_dir)
  if (new_dir !== old_dir) touchModified(machine, new_dir)
  touchChanged(machine, old_dentry.d_inode as Inode)
  if (new_dentry.d_inode !== null) touchChanged(machine, new_dentry.d_inode)
}

export const simple_rename_exchange = (
  machine: Machine, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry,
): number => {
  const moved = d_is_dir(old_dentry)
  if (old_dir !== new_dir && moved !== d_is_dir(new_dentry)) {
    old_dir.i_nlink += moved ? -1 : 1
    new_dir.i_nlink += moved ? 1 : -1
  }
  touchRenamed(machine, old_dir, old_dentry, new_dir, new_dentry)
  return 0
}

/** As `simple_rename`, after the check that the target is empty. `unlink`: the file system's own, for the target. */
export const renameOver = (
  machine: Machine, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, unlink: Unlink | null =
    null,
): number => {
  const moved = d_is_dir(old_dentry)
  if (new_dentry.d_inode !== null) {
    if (unlink === null) simple_unlink(machine, new_dir, new_dentry)
    else unlink(new_dir, new_dentry)
    if (moved) {
      new_dentry.d_inode.i_nlink--
      old_dir.i_nlink--
    }
  } else if (moved) {
    old_dir.i_nlink--
    new_dir.i_nlink++
  }
  touchRenamed(machine, old_dir, old_dentry, new_dir, new_dentry)
  return 0
}

export const simple_rename = (
  machine: Machine, _idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags:
    number,
): number => {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0) return -EINVAL
  if ((flags & RENAME_EXCHANGE) !== 0) return simple_rename_exchange(machine, old_dir, old_dentry, new_dir, new_dentry)
  return isEmpty(new_dentry) ? renameOver(machine, old_dir, old_dentry, new_dir, new_dentry) : -ENOTEMPTY
}
