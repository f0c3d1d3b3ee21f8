/** Names of tmpfs go, and move (mm/shmem.c). */
import {
  EINVAL, ENOTEMPTY, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, S_IFCHR, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { BOGO_DIRENT_SIZE, offsetMove, offsetRemove, offsetSwap } from './dir.ts'
import type { TmpfsNames } from './names.ts'
import { tmpfsSuper } from './node.ts'

const WHITEOUT_DEV = 0

export const tmpfsMoves = (machine: Machine, { mknod }: TmpfsNames) => {
  const { d_alloc, isEmpty, renameOver, simple_rename_exchange, simple_rmdir, simple_unlink } = machine.vfs

  const unlink = (dir: Inode, dentry: Dentry): number => {
    const inode = dentry.d_inode as Inode
    if (inode.i_nlink > 1 && (inode.i_mode & S_IFMT) !== S_IFDIR) tmpfsSuper(inode.i_sb).used_ispace -= BOGO_INODE_SIZE
    offsetRemove(dir, dentry)
    dir.i_size -= BOGO_DIRENT_SIZE
    return simple_unlink(dir, dentry)
  }

  const rmdir = (dir: Inode, dentry: Dentry): number => simple_rmdir(dir, dentry, unlink)

  const exchange = (old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry): number => {
    offsetSwap(old_dir, old_dentry, new_dir, new_dentry)
    return simple_rename_exchange(old_dir, old_dentry, new_dir, new_dentry)
  }

  const rename = (
    idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags: number,
  ): number => {
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) return -EINVAL
    if ((flags & RENAME_EXCHANGE) !== 0) return exchange(old_dir, old_dentry, new_dir, new_dentry)
    if (!isEmpty(new_dentry)) return -ENOTEMPTY
    if ((flags & RENAME_WHITEOUT) !== 0) {
      const whiteout = d_alloc(old_dentry.d_parent as Dentry, old_dentry.d_name.name)
      const rc = mknod(idmap, old_dir, whiteout, S_IFCHR, WHITEOUT_DEV)
      if (rc !== 0) return rc
    }
    offsetMove(old_dir, old_dentry, new_dir, new_dentry)
    old_dir.i_size -= BOGO_DIRENT_SIZE
    new_dir.i_size += BOGO_DIRENT_SIZE
    return renameOver(old_dir, old_dentry, new_dir, new_dentry, unlink)
  }

  return { unlink, rmdir, rename }
}
