/**
 * Pages of tmpfs files against the size of the file system, the quotas of their owners, and the host's memory
 * (mm/shmem.c).
 */
import { ENOMEM, ENOSPC, PAGE_SIZE } from '@lsmkit/abi'
import type { Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { tmpfsNode, tmpfsSuper } from './node.ts'
import { mostGrowth } from './pages.ts'
import type { Pages } from './pages.ts'

export const tmpfsBlocks = (machine: Machine) => {
  const { dquot_alloc_space, dquot_free_space } = machine.vfs

  /** Nothing stands in the way of a write of `len` bytes, whatever of it is there already. */
  const fits = (inode: Inode, len: number): boolean => {
    const { rare, account: memory } = inodeState(inode)
    if (rare !== null && rare.dquots !== null) return false
    return tmpfsSuper(inode.i_sb).hasRoom(len / PAGE_SIZE + 2) && memory.hasRoom(mostGrowth(len))
  }

  /** How many of `len` bytes at `pos` there is memory for. */
  const memoryFor = (inode: Inode, pages: Pages, pos: number, len: number): number => {
    if (inodeState(inode).hasRoom(pages.growth(pos, len))) return len
    const { account: memory } = inodeState(inode)
    let [fit, over] = [0, len]
    while (over - fit > 1) {
      const middle = Math.floor((fit + over) / 2)
      if (memory.hasRoom(pages.growth(pos, middle))) fit = middle
      else over = middle
    }
    return fit
  }

  /** As `reserve`, for pages that stay holes. */
  const reserveHoles = (inode: Inode, pages: Pages, pos: number, len: number): number =>
    inodeState(inode).hasRoom(pages.growth(pos, len, true)) ? reserve(inode, pages.missing(pos, len)) : -ENOMEM

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
  const account = (inode: Inode, before: number, bytes: number): void => {
    const pages = tmpfsNode(inode).pages
    const after = pages?.count ?? 0
    inodeState(inode).force((pages?.bytes ?? 0) - bytes)
    if (after === before) return
    tmpfsSuper(inode.i_sb).used_blocks += after - before
    inode.i_blocks = (after * PAGE_SIZE) / 512
    if (after < before) dquot_free_space(inode, (before - after) * PAGE_SIZE)
  }

  return { fits, memoryFor, reserve, reserveHoles, account }
}
