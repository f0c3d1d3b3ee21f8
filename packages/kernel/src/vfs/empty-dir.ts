/** Directories that are mount points only and never have names of their own (fs/libfs.c). */
import { ENOENT, EOPNOTSUPP, EPERM } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Inode } from '@lsmkit/core'
import { inodeOperations } from '../state/vfs/driver.ts'
import { generic_fillattr } from './stat.ts'
import { inodeState } from '../state/vfs/state.ts'

export const empty_dir_inode_operations = inodeOperations({
  lookup: () => -ENOENT,
  setattr: () => -EPERM,
  listxattr: () => -EOPNOTSUPP,
  getattr({ dentry }, stat) {
    generic_fillattr(nop_mnt_idmap, dentry.d_inode!, stat)
    return 0
  },
})

export const is_empty_dir_inode = (inode: Inode): boolean => inodeState(inode).i_op === empty_dir_inode_operations
