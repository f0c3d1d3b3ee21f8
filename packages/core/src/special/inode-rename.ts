/**
 * `security_inode_rename`: an exchange is two renames to the LSMs, the one that moves the new name back asked
 * first.
 */
import { RENAME_EXCHANGE, S_PRIVATE } from '@lsmkit/abi'
import type { Dentry, Inode } from '../objects/fs.ts'
import type { Shape } from './shape.ts'

const isPrivate = (inode: Inode | null): boolean => inode !== null && (inode.i_flags & S_PRIVATE) !== 0

const inode_rename: Shape = {
  around: (chain) =>
    function (
      this: unknown,
      old_dir: Inode,
      old_dentry: Dentry,
      new_dir: Inode,
      new_dentry: Dentry,
      flags: number,
    ): number {
      if (isPrivate(old_dentry.d_inode) || isPrivate(new_dentry.d_inode)) return 0
      if ((flags & RENAME_EXCHANGE) !== 0) {
        const rc: number = chain.call(this, new_dir, new_dentry, old_dir, old_dentry)
        if (rc !== 0) return rc
      }
      return chain.call(this, old_dir, old_dentry, new_dir, new_dentry) as number
    },
}

export const renameShapes: Readonly<Record<string, Shape>> = { inode_rename }
