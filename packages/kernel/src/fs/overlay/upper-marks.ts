/** Marks that an overlay leaves on upper directories: impure, opaque (fs/overlayfs/util.c, dir.c). */
import { EIO } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { copyattr } from './inodes.ts'
import { isRealDir, ovlFs, ovlInode, OVL_IMPURE, setInodeFlag, setOpaque, testInodeFlag } from './node.ts'
import { bytesOf, checkSetOwn } from './real.ts'
import type { Machine } from '../../machine.ts'

/** The directory may hold files copied up from elsewhere, whose inode numbers have to be looked up. */
export const setImpure = (machine: Machine, dentry: Dentry, upper: Dentry): number => {
  const inode = dentry.d_inode as Inode
  if (testInodeFlag(inode, OVL_IMPURE)) return 0
  const rc = checkSetOwn(machine, ovlFs(dentry.d_sb), upper, 'impure', bytesOf('y'), 0)
  if (rc === 0) setInodeFlag(inode, OVL_IMPURE)
  return rc
}

/** Nothing below shows through; `xerr` where the upper layer keeps no attributes. */
export const markOpaque = (machine: Machine, dentry: Dentry, upper: Dentry, xerr = -EIO): number => {
  const rc = checkSetOwn(machine, ovlFs(dentry.d_sb), upper, 'opaque', bytesOf('y'), xerr)
  if (rc === 0) setOpaque(dentry)
  return rc
}

/** Names of the directory have changed; `impurity`: one of them was copied up. */
export const dirModified = (dentry: Dentry, impurity: boolean): void => {
  const inode = dentry.d_inode as Inode
  copyattr(inode)
  if (!isRealDir(inode) || impurity) ovlInode(inode).version++
}
