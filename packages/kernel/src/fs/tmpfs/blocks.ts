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

/** A write of `len` bytes certainly fits, however much of it is there already. */
export const fits = (inode: Inode, len: number): boolean => {
  const { rare, account: memory } = inodeState(inode)
  if (rare !== null && rare.dquots !== null) return false
  return tmpfsSuper(inode.i_sb).hasRoom(len / PAGE_SIZE + 2) && memory.hasRoom(mostGrowth(len))
}

/** Bytes of a write of `len` at `pos` that there is memory for. */
export const memoryFor = (inode: Inode, pages: Pages, pos: number, len: number): number => {
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
export const reserveHoles = (machine: Machine, inode: Inode, pages: Pages, pos: number, len: number): number =>
  inodeState(inode).hasRoom(pages.growth(pos, len, true)) ? reserve(machine, inode, pages.missing(pos, len)) : -ENOMEM

/**
 * As `shmem_inode_acct_blocks`, before the pages are made: 0, -ENOSPC or -EDQUOT. `pending`: pages reserved before
 * that are not yet made.
 */
export const reserve = (machine: Machine, inode: Inode, pages: number, pending = 0): number => {
  if (pages === 0) return 0
  if (!tmpfsSuper(inode.i_sb).hasRoom(pending + pages)) return -ENOSPC
  return machine.vfs.dquot_alloc_space(inode, pages * PAGE_SIZE)
}

/** Updates i_blocks and the counts after a change of a file's pages; new ones have been reserved. */
export const account_pages = (machine: Machine, inode: Inode, before: number, bytes: number): void => {
  const pages = tmpfsNode(inode).pages
  const after = pages?.count ?? 0
  inodeState(inode).force((pages?.bytes ?? 0) - bytes)
  if (after === before) return
  tmpfsSuper(inode.i_sb).used_blocks += after - before
  inode.i_blocks = (after * PAGE_SIZE) / 512
  if (after < before) machine.vfs.dquot_free_space(inode, (before - after) * PAGE_SIZE)
}
