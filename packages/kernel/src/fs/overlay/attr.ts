/** Attributes of an overlay's inodes, and permission checks (fs/overlayfs/inode.c). */
import {
  ATTR_FILE, ATTR_KILL_SGID, ATTR_KILL_SUID, ATTR_MODE, ATTR_OPEN, ATTR_SIZE, FS_APPEND_FL, FS_IMMUTABLE_FL,
  FS_XFLAG_APPEND, FS_XFLAG_IMMUTABLE, MAY_APPEND, MAY_READ, MAY_WRITE, S_APPEND, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
  S_IMMUTABLE, STATX_ATTR_APPEND, STATX_ATTR_IMMUTABLE,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Iattr, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { get_write_access, put_write_access } from '../../vfs/file.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import type { FileAttr } from '../../state/vfs/driver.ts'
import { COPY_I_FLAGS, copyattr, mapIno, PROT_I_FLAGS } from './inodes.ts'
import {
  inodeRealPath, isMetacopy, lowerdataPath, lowerPath, ovlFs, OVL_INDEX, OVL_PATH_MERGE, OVL_PATH_ORIGIN,
  OVL_PATH_UPPER, pathType, realInode, realOf, realPath, stackOf, testInodeFlag, upperInode, upperOf, upperPath,
} from './node.ts'
import { wantWrite, asMounter, notifyChange, getLink } from './real.ts'
import { copyUpWithData, copyUpFor } from './copy-up.ts'
import { setProtattr, setFlags, getFlags } from './real-flags.ts'

const isPlainType = (mode: number): boolean => {
  const type = mode & S_IFMT
  return type === S_IFREG || type === S_IFDIR || type === S_IFLNK
}

/**
 * The overlay's inode is checked for the task, the real one for the mounter. Writing to a lower file takes the
 * mounter's right to read it, for the copy-up.
 */
export const mayAccess = (machine: Machine, inode: Inode, mask: number): number => {
  let rc = machine.vfs.generic_permission(nop_mnt_idmap, inode, mask)
  if (rc !== 0) return rc
  const { mnt, dentry } = inodeRealPath(inode)
  const real = dentry.d_inode as Inode
  if (upperInode(inode) === null && isPlainType(real.i_mode) && (mask & MAY_WRITE) !== 0) {
    mask = (mask & ~(MAY_WRITE | MAY_APPEND)) | MAY_READ
  }
  const old = machine.creds.override_creds(ovlFs(inode.i_sb).creator_cred)
  try {
    rc = machine.vfs.inode_permission(mnt.mnt_idmap, real, mask)
  } finally {
    machine.creds.revert_creds(old)
  }
  return rc
}

const change = (machine: Machine, dentry: Dentry, attr: Iattr): number => {
  if ((attr.ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID)) !== 0) attr.ia_valid &= ~ATTR_MODE
  attr.ia_valid &= ~(ATTR_FILE | ATTR_OPEN)
  let rc = wantWrite(dentry.d_sb)
  if (rc !== 0) return rc
  rc = asMounter(machine, dentry.d_sb, () => notifyChange(machine, ovlFs(dentry.d_sb), upperOf(dentry) as Dentry, attr))
  if (rc === 0) copyattr(dentry.d_inode as Inode)
  return rc
}

export const setAttributes = (machine: Machine, _idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  let rc = machine.vfs.setattr_prepare(nop_mnt_idmap, dentry, attr)
  if (rc !== 0) return rc
  const resizes = (attr.ia_valid & ATTR_SIZE) !== 0
  rc = resizes ? copyUpWithData(machine, dentry) : copyUpFor(machine, dentry)
  if (rc !== 0 || !resizes) return rc !== 0 ? rc : change(machine, dentry, attr)
  const upper = (upperOf(dentry) as Dentry).d_inode as Inode
  rc = get_write_access(upper)
  if (rc !== 0) return rc
  rc = change(machine, dentry, attr)
  put_write_access(upper)
  return rc
}

/** st_dev and st_ino: those of the overlay if its numbers are unique, else those of the layer. */
const mapDevIno = (dentry: Dentry, stat: Kstat, fsid: number): void => {
  const ofs = ovlFs(dentry.d_sb)
  const inode = dentry.d_inode as Inode
  const mapped = ofs.sameFs ? stat.ino : mapIno(ofs, stat.ino, fsid)
  if (mapped !== null) {
    stat.dev = dentry.d_sb.s_dev
    stat.ino = mapped
  } else if ((inode.i_mode & S_IFMT) === S_IFDIR) {
    stat.dev = dentry.d_sb.s_dev
    stat.ino = inode.i_ino
  } else stat.dev = ofs.fs[fsid]?.pseudo_dev ?? 0
}

/** The number of the file that it was copied up from, if it is unique. Returns the layer's file system. */
const originIno = (machine: Machine, dentry: Dentry, stat: Kstat, isDir: boolean): number => {
  const lower = lowerPath(dentry)
  const below = new Kstat()
  const rc = machine.vfs.getattr_nosec(lower, below)
  if (rc !== 0) return rc
  const isUnique = !ovlFs(dentry.d_sb).indexAll && (isDir || below.nlink === 1)
  if (!testInodeFlag(dentry.d_inode as Inode, OVL_INDEX) && !isUnique) return 0
  stat.ino = below.ino
  return stackOf(dentry)[0]?.layer.fsid ?? 0
}

/** Blocks of a file whose bytes are in a lower layer. */
const dataBlocks = (machine: Machine, dentry: Dentry, stat: Kstat): number => {
  const data = lowerdataPath(dentry)
  if (data === null) {
    stat.blocks = (Math.ceil(stat.size / stat.blksize) * stat.blksize) / 512
    return 0
  }
  const below = new Kstat()
  const rc = machine.vfs.getattr_nosec(data, below)
  if (rc === 0) stat.blocks = below.blocks
  return rc
}

const fill = (machine: Machine, dentry: Dentry, inode: Inode, stat: Kstat): number => {
  const ofs = ovlFs(dentry.d_sb)
  const type = pathType(dentry)
  const isDir = (inode.i_mode & S_IFMT) === S_IFDIR
  let rc = machine.vfs.getattr_nosec(realPath(dentry), stat)
  if (rc !== 0) return rc
  if ((inode.i_flags & S_APPEND) !== 0) stat.attributes |= STATX_ATTR_APPEND
  if ((inode.i_flags & S_IMMUTABLE) !== 0) stat.attributes |= STATX_ATTR_IMMUTABLE
  stat.attributes_mask |= STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE
  let fsid = 0
  if (!isDir || ofs.sameDev) {
    if ((type & OVL_PATH_UPPER) === 0) fsid = stackOf(dentry)[0]?.layer.fsid ?? 0
    else if ((type & OVL_PATH_ORIGIN) !== 0) fsid = originIno(machine, dentry, stat, isDir)
    if (fsid < 0) return fsid
    if (isMetacopy(dentry)) rc = dataBlocks(machine, dentry, stat)
    if (rc !== 0) return rc
  }
  mapDevIno(dentry, stat, fsid)
  if (isDir && (type & OVL_PATH_MERGE) !== 0) stat.nlink = 1
  if (!isDir && testInodeFlag(inode, OVL_INDEX)) stat.nlink = inode.i_nlink
  return 0
}

export const getAttributes = (machine: Machine, { dentry }: Path, stat: Kstat): number => {
  const { mnt_id } = stat
  const rc = asMounter(machine, dentry.d_sb, () => fill(machine, dentry, dentry.d_inode as Inode, stat))
  stat.mnt_id = mnt_id
  return rc
}

export const getOverlayLink = (machine: Machine, dentry: Dentry): string | number =>
  asMounter(machine, dentry.d_sb, () => getLink(machine, realOf(dentry)))

/** Only the time of access of an upper file changes. */
export const updateTime = (machine: Machine, inode: Inode): void => {
  const upper = upperInode(inode)
  if (upper === null) return
  machine.vfs.touch_atime(inodeRealPath(inode).mnt, upper)
  inode.i_atime_sec = upper.i_atime_sec
  inode.i_atime_nsec = upper.i_atime_nsec
}

export const setFileattr = (machine: Machine, dentry: Dentry, fa: FileAttr): number => {
  const inode = dentry.d_inode as Inode
  let rc = copyUpFor(machine, dentry)
  if (rc === 0) rc = wantWrite(dentry.d_sb)
  if (rc !== 0) return rc
  const upper = upperPath(dentry)
  rc = asMounter(machine, dentry.d_sb, () => {
    const kept = setProtattr(machine, inode, upper.dentry, fa)
    return kept !== 0 ? kept : setFlags(machine, upper, fa)
  })
  const shown = (realInode(inode).i_flags & COPY_I_FLAGS) | (inode.i_flags & PROT_I_FLAGS)
  inode.i_flags = (inode.i_flags & ~COPY_I_FLAGS) | shown
  copyattr(inode)
  return rc
}

export const getFileattr = (machine: Machine, dentry: Dentry): FileAttr | number => {
  const { i_flags } = dentry.d_inode as Inode
  const fa = asMounter(machine, dentry.d_sb, () => getFlags(machine, realPath(dentry)))
  if (typeof fa === 'number') return fa
  if ((i_flags & S_APPEND) !== 0) {
    fa.flags |= FS_APPEND_FL
    fa.fsx_xflags |= FS_XFLAG_APPEND
  }
  if ((i_flags & S_IMMUTABLE) !== 0) {
    fa.flags |= FS_IMMUTABLE_FL
    fa.fsx_xflags |= FS_XFLAG_IMMUTABLE
  }
  return fa
}
