/** Inodes of an overlay: found by the real one, or made (fs/overlayfs/inode.c). */
import {
  EEXIST, ELOOP, ENOMEM, ENOTDIR, ESTALE, S_APPEND, S_DEAD, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_IMMUTABLE, S_NOATIME,
  S_NOCMTIME, S_SYNC,
} from '@lsmkit/abi'
import { i_gid_into_vfsgid, i_uid_into_vfsuid } from '@lsmkit/core'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { inodeOperations } from '../../state/vfs/driver.ts'
import type { FileOperations, InodeOperations } from '../../state/vfs/driver.ts'
import { emptyFops } from '../../vfs/file.ts'
import {
  inodeRealPath, isDirDentry, isDirMode, lowerInode, ovlFs, OvlInode, ovlInode, OVL_CONST_INO, OVL_IMPURE, OVL_INDEX,
  OVL_WHITEOUTS, realInode, setInodeFlag, upperInode,
} from './node.ts'
import type { OvlFs, OvlPath } from './node.ts'
import { holdReal, releaseReal, getOwn, upperPlace, dirXattr } from './real.ts'
import { getNlink } from './index-dir.ts'

/** Inode numbers are exact up to here; the kernel has 64 bits, and puts the layer into the highest of them. */
const INO_BITS = 53

/** Flags of the real inode that show, and those of them that an attribute keeps instead. */
export const COPY_I_FLAGS = S_SYNC | S_NOATIME | S_APPEND | S_IMMUTABLE
export const PROT_I_FLAGS = S_APPEND | S_IMMUTABLE

/** The layers of a new inode (struct ovl_inode_params). */
export interface InodeParams {
  readonly newinode?: Inode
  readonly upper: Dentry | null
  readonly lower: OvlPath[]
  readonly index: boolean
  readonly redirect: string | null
  readonly lowerdata_redirect: string | null
}

/** A number as layers share one space of them; null when it is too big for that. */
export const mapIno = (ofs: OvlFs, ino: number, fsid: number): number | null => {
  const shift = INO_BITS - ofs.xinoBits
  return ofs.xinoBits === 0 || ino >= 2 ** shift ? null : ino + fsid * 2 ** (shift + 1)
}

/** Owner, mode, times and size are those of the real inode. */
export const copyattr = (inode: Inode): void => {
  const { mnt, dentry } = inodeRealPath(inode)
  const real = dentry.d_inode as Inode
  inode.i_uid = i_uid_into_vfsuid(mnt.mnt_idmap, real)
  inode.i_gid = i_gid_into_vfsgid(mnt.mnt_idmap, real)
  inode.i_mode = real.i_mode
  inode.i_atime_sec = real.i_atime_sec
  inode.i_atime_nsec = real.i_atime_nsec
  inode.i_mtime_sec = real.i_mtime_sec
  inode.i_mtime_nsec = real.i_mtime_nsec
  inode.i_ctime_sec = real.i_ctime_sec
  inode.i_ctime_nsec = real.i_ctime_nsec
  inode.i_size = real.i_size
}

const deadDir = inodeOperations({})

const tableFor = (machine: Machine, type: number): readonly [InodeOperations, FileOperations] => {
  const { dir, file, link, special } = machine.overlayTable.tables
  if (type === S_IFREG) return file
  if (type === S_IFDIR) return dir
  return type === S_IFLNK ? [link, emptyFops] : [special, machine.vfs.special_fops(type)]
}

/** One that stands on nothing yet. */
export const newInode = (machine: Machine, sb: SuperBlock, mode: number, rdev: number): Inode | null => {
  const [i_op, i_fop] = tableFor(machine, mode & S_IFMT)
  const inode = machine.vfs.new_inode(sb, mode, i_op, i_fop, new OvlInode())
  if (inode === null) return null
  inode.i_rdev = rdev
  inode.i_flags |= S_NOCMTIME
  return inode
}

const nextIno = (ofs: OvlFs): number => ++ofs.last_ino

const setIno = (ofs: OvlFs, inode: Inode, ino: number, fsid: number): void => {
  inode.i_ino = ino
  if (ofs.sameFs) return
  const mapped = mapIno(ofs, ino, fsid)
  if (mapped !== null) inode.i_ino = mapped
  else if (isDirMode(inode.i_mode)) {
    inode.i_ino = nextIno(ofs)
    if (ofs.xinoBits > 0) inode.i_ino += 2 ** (INO_BITS - ofs.xinoBits)
  }
}

const findBy = (ofs: OvlFs, inode: Inode, key: Inode): void => {
  ofs.inodes.set(key, inode)
  ovlInode(inode).key = key
}

/** Connects the inode with its real files. */
export const initInode = (
  machine: Machine, inode: Inode, params: Omit<InodeParams, 'index'>, ino: number, fsid: number,
): void => {
  const own = ovlInode(inode)
  own.upper = params.upper
  own.lower = params.lower
  own.redirect = params.redirect
  own.lowerdata_redirect = params.lowerdata_redirect
  holdReal(machine, own.upper)
  for (const { dentry } of own.lower) holdReal(machine, dentry)
  copyattr(inode)
  inode.i_flags = (inode.i_flags & ~COPY_I_FLAGS) | (realInode(inode).i_flags & COPY_I_FLAGS)
  setIno(ovlFs(inode.i_sb), inode, ino, fsid)
}

/** Now it has an upper file as well. */
export const updateUpper = (machine: Machine, inode: Inode, upper: Dentry): void => {
  const own = ovlInode(inode)
  own.upper = upper
  holdReal(machine, upper)
  if (own.key === null) findBy(ovlFs(inode.i_sb), inode, upper.d_inode as Inode)
}

/** The LSMs have let go of it: so do we of the real ones. */
export const destroyInode = (machine: Machine, inode: Inode): void => {
  const { upper, lower } = ovlInode(inode)
  releaseReal(machine, upper)
  for (const { dentry } of lower) releaseReal(machine, dentry)
}

export const forgetInode = (inode: Inode): void => {
  const { key } = ovlInode(inode)
  const { inodes } = ovlFs(inode.i_sb)
  if (key !== null && inodes.get(key) === inode) inodes.delete(key)
}

/** Whether the inode found stands on just these. */
const matches = (inode: Inode, lower: Dentry | null, upper: Dentry | null): boolean => {
  if (isDirMode(inode.i_mode)) {
    if (lower === null && lowerInode(inode) !== null) return false
    if (upper === null && upperInode(inode) !== null) return false
  }
  if (lower !== null && lowerInode(inode) !== lower.d_inode) return false
  return upper === null || upperInode(inode) === upper.d_inode
}

/** By the lower inode, so that it stays the same when it is copied up; not where that may break a hard link. */
const isFoundByLower = (ofs: OvlFs, upper: Dentry | null, lower: Dentry | null, index: boolean): boolean => {
  if (lower === null) return false
  if (index || ofs.upper === null) return true
  const breaks = !isDirDentry(lower) && (lower.d_inode as Inode).i_nlink > 1
  if ((upper !== null || ofs.indexdir === null) && breaks) return false
  return !(ofs.config.nfs_export && upper !== null)
}

/** S_APPEND and S_IMMUTABLE that were set through the overlay: the real file does not have them. */
const readProtattr = (machine: Machine, ofs: OvlFs, inode: Inode, upper: Dentry): void => {
  const value = getOwn(machine, ofs, upperPlace(ofs, upper), 'protattr')
  if (typeof value === 'number') return
  const text = new TextDecoder().decode(value)
  if (!/^[ai]+$/.test(text)) return
  inode.i_flags |= (text.includes('a') ? S_APPEND : 0) | (text.includes('i') ? S_IMMUTABLE : 0)
}

/** Flags that are set once, from the attributes of the real files. */
const settle = (
  machine: Machine, ofs: OvlFs, inode: Inode, { upper, lower, index }: InodeParams, byLower: boolean,
): void => {
  if (upper !== null && dirXattr(machine, ofs, upperPlace(ofs, upper), 'impure') === 'y')
    setInodeFlag(inode, OVL_IMPURE)
  if (index) setInodeFlag(inode, OVL_INDEX)
  if (byLower) setInodeFlag(inode, OVL_CONST_INO)
  if (isDirMode(inode.i_mode)) {
    const merged = (upper !== null && lower.length > 0) || lower.length > 1
    if (merged || typeof getOwn(machine, ofs, inodeRealPath(inode), 'origin') !== 'number')
      setInodeFlag(inode, OVL_WHITEOUTS)
  }
  if (upper !== null) readProtattr(machine, ofs, inode, upper)
}

/** The inode that stands on these: the one that is there already, or a new one. */
export const getInode = (machine: Machine, sb: SuperBlock, params: InodeParams): Inode | number => {
  const ofs = ovlFs(sb)
  const { upper, lower, index, newinode } = params
  const first = lower[0]?.dentry ?? null
  const real = (upper ?? first)?.d_inode as Inode
  const byLower = isFoundByLower(ofs, upper, first, index)
  const key = byLower ? (first as Dentry).d_inode : upper === null ? null : upper.d_inode
  const found = key === null ? undefined : ofs.inodes.get(key)
  if (found !== undefined) return matches(found, first, upper) ? found : -ESTALE
  const inode = newinode ?? newInode(machine, sb, real.i_mode, real.i_rdev)
  if (inode === null) return newinode === undefined ? -ENOMEM : -EEXIST
  const fsid = byLower || key === null ? (lower[0] as OvlPath).layer.fsid : 0
  if (key !== null) {
    findBy(ofs, inode, key)
    inode.i_nlink = isDirMode(real.i_mode) ? 1 : getNlink(machine, ofs, first, upper, index, real.i_nlink)
  }
  initInode(machine, inode, params, (key ?? real).i_ino, fsid)
  settle(machine, ofs, inode, params, byLower)
  return inode
}

/** The root of a layer must not be met while looking for something else: a dead directory stands for it. */
export const isTrap = (sb: SuperBlock, dir: Dentry): boolean => {
  const trap = ovlFs(sb).inodes.get(dir.d_inode as Inode)
  if (trap === undefined || (trap.i_flags & S_DEAD) === 0) return false
  return ovlInode(trap).upper === null && ovlInode(trap).lower.length === 0
}

export const setTrap = (machine: Machine, sb: SuperBlock, dir: Dentry): Inode | number => {
  if (!isDirDentry(dir)) return -ENOTDIR
  const ofs = ovlFs(sb)
  if (ofs.inodes.has(dir.d_inode as Inode)) return -ELOOP
  const trap = machine.vfs.new_inode(sb, S_IFDIR, deadDir, emptyFops, new OvlInode())
  if (trap === null) return -ENOMEM
  trap.i_flags = S_DEAD
  findBy(ofs, trap, dir.d_inode as Inode)
  machine.vfs.ihold(trap)
  return trap
}
