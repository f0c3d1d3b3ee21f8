/** Pages of tmpfs files against the size of the file system and the quotas of their owners (mm/shmem.c). */
import { ENOSPC, PAGE_SIZE } from '@lsmkit/abi'
import type { Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { inodeState } from '../../vfs/state.ts'
import { tmpfsNode, tmpfsSuper } from './node.ts'

export const tmpfsBlocks = (machine: Machine) => {
  const { dquot_alloc_space, dquot_free_space } = machine.vfs

  /** Nothing stands in the way of a write of `len` bytes, whatever of it is there already. */
  const fits = (inode: Inode, len: number): boolean =>
    inodeState(inode).dquots === null && tmpfsSuper(inode.i_sb).hasRoom(len / PAGE_SIZE + 2)

  /**
   * As `shmem_inode_acct_blocks`, before the pages are made: 0, -ENOSPC or -EDQUOT. `pending`: pages reserved before
   * that are not yet made.
   */
  const reserve = (inode: Inode, pages: number, pending = 0): number => {
    if (pages === 0) return 0
    if (!tmpfsSuper(inode.i_sb).hasRoom(pending + pages)) return -ENOSPC
    return dquot_alloc_space(inode, pages * PAGE_SIZE)
  }

  /** Keeps i_blocks and the counts in step with the pages of a file; new ones have been reserved. */
  const account = (inode: Inode, before: number): void => {
    const after = tmpfsNode(inode).pages?.count ?? 0
    tmpfsSuper(inode.i_sb).used_blocks += after - before
    inode.i_blocks = (after * PAGE_SIZE) / 512
    if (after < before) dquot_free_space(inode, (before - after) * PAGE_SIZE)
  }

  return { fits, reserve, account }
}
