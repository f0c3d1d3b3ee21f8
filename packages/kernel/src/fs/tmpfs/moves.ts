/** Names of tmpfs are removed and renamed (mm/shmem.c). */
import {
  EINVAL, ENOTEMPTY, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, S_IFCHR, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { BOGO_DIRENT_SIZE, offsetMove, offsetRemove, offsetSwap } from './dir.ts'
import { tmpfsSuper } from './node.ts'
import type { TmpfsDriver } from './inodes.ts'
import { mknod } from './names.ts'

const WHITEOUT_DEV = 0

export const unlink = (machine: Machine, dir: Inode, dentry: Dentry): number => {
  const inode = dentry.d_inode as Inode
  if (inode.i_nlink > 1 && (inode.i_mode & S_IFMT) !== S_IFDIR) tmpfsSuper(inode.i_sb).used_ispace -= BOGO_INODE_SIZE
  offsetRemove(dir, dentry)
  dir.i_size -= BOGO_DIRENT_SIZE
  return machine.vfs.simple_unlink(dir, dentry)
}

export const rmdir = (machine: Machine, dir: Inode, dentry: Dentry): number =>
  machine.vfs.simple_rmdir(dir, dentry, (from, name) => unlink(machine, from, name))

const exchange = (machine: Machine, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry): number => {
  offsetSwap(old_dir, old_dentry, new_dir, new_dentry)
  return machine.vfs.simple_rename_exchange(old_dir, old_dentry, new_dir, new_dentry)
}

export const rename = (
  own: TmpfsDriver, idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry,
  flags: number,
): number => {
  const { machine } = own
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) return -EINVAL
  if ((flags & RENAME_EXCHANGE) !== 0) return exchange(machine, old_dir, old_dentry, new_dir, new_dentry)
  if (!machine.vfs.isEmpty(new_dentry)) return -ENOTEMPTY
  if ((flags & RENAME_WHITEOUT) !== 0) {
    const whiteout = machine.vfs.d_alloc(old_dentry.d_parent as Dentry, old_dentry.d_name.name)
    const rc = mknod(own, idmap, old_dir, whiteout, S_IFCHR, WHITEOUT_DEV)
    if (rc !== 0) return rc
  }
  offsetMove(old_dir, old_dentry, new_dir, new_dentry)
  old_dir.i_size -= BOGO_DIRENT_SIZE
  new_dir.i_size += BOGO_DIRENT_SIZE
  const remove = (from: Inode, name: Dentry): number => unlink(machine, from, name)
  return machine.vfs.renameOver(old_dir, old_dentry, new_dir, new_dentry, remove)
}
