/** File handles of an overlay's inodes: those of the real inodes below (fs/overlayfs/export.c). */
import { EIO } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import { inodeState } from '../../state/vfs/state.ts'
import {
  isDirMode, lowerInode, ovlFs, OVL_INDEX, parentOf, stackOf, testInodeFlag, upperInode, upperOf,
} from './node.ts'
import type { Machine } from '../../machine.ts'
import { copyUpFor } from './copy-up.ts'
import { encodeReal } from './origin.ts'

const OVL_FILEID_V1 = 0xf8
/** Empty bytes in front, so that the handle inside begins at a multiple of four. */
const WIRE_OFFSET = 3

/**
 * As `ovl_check_encode_origin`: a handle of the lower inode stays the same when the file is copied up, as long as the
 * index finds it.
 */
const encodesLower = (inode: Inode): boolean => {
  const { config } = ovlFs(inode.i_sb)
  if (config.upperdir === null) return true
  const upper = upperInode(inode)
  if (upper === null) return true
  if (lowerInode(inode) === null || inode === inode.i_sb.s_root?.d_inode) return false
  return !config.nfs_export || testInodeFlag(inode, OVL_INDEX)
}

/** The lowest layer whose directory leads back to this name. */
const connectableLayer = (dentry: Dentry): number => {
  const stack = stackOf(dentry)
  if (dentry === dentry.d_sb.s_root) return stack.length
  if (upperOf(dentry) !== null && !testInodeFlag(dentry.d_inode as Inode, OVL_INDEX)) return 0
  return stack[0]?.layer.idx ?? 0
}

/**
 * As `ovl_connect_layer`: where the way back from the lower directory would be lost, the highest ancestor that can be
 * found is copied up, and so is in the index.
 */
const connectLayer = (machine: Machine, dentry: Dentry): number => {
  const layer = stackOf(dentry)[0]?.layer.idx ?? 0
  for (let next = dentry; ; next = parentOf(next)) {
    const parent = parentOf(next)
    if (connectableLayer(parent) < layer) return copyUpFor(machine, next)
    if (parent.d_parent === null || testInodeFlag(parent.d_inode as Inode, OVL_INDEX)) return 0
  }
}

export const encodeHandle = (machine: Machine, inode: Inode) => {
  const isLower = encodesLower(inode)
  const { alias } = inodeState(inode)
  const { nfs_export, upperdir } = ovlFs(inode.i_sb).config
  if (isLower && nfs_export && upperdir !== null && isDirMode(inode.i_mode) && alias !== null) {
    const rc = connectLayer(machine, alias)
    if (rc < 0) return rc
  }
  const below = isLower ? lowerInode(inode) : upperInode(inode)
  const fh = below === null ? -EIO : encodeReal(ovlFs(inode.i_sb), below, !isLower)
  if (typeof fh === 'number') return fh
  const f_handle = new Uint8Array(WIRE_OFFSET + fh.length)
  f_handle.set(fh, WIRE_OFFSET)
  return { handle_type: OVL_FILEID_V1, f_handle }
}
