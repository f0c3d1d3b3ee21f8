/** Names that go from an overlay (ovl_do_remove of fs/overlayfs/dir.c). */
import { EIO, EROFS, ESTALE } from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { d_unhashed } from '../../vfs/dcache.ts'
import { inodeState } from '../../state/vfs/state.ts'
import type { DirEntry } from './dir-entry.ts'
import { copyattr } from './inodes.ts'
import { hasOrigin, lowerOf, ovlFs, OVL_WHITEOUTS, parentOf, testInodeFlag, upperOf } from './node.ts'
import type { OvlFs } from './node.ts'
import { areApart, clearEmpty, cleanupAndWhiteout, checkEmpty } from './whiteout.ts'
import { lookupUpper, rmdirReal, unlinkReal, asMounter } from './real.ts'
import { dirModified } from './upper-marks.ts'
import { lowerPositive } from './lookup.ts'
import { copyUpFor } from './copy-up.ts'
import { nlinkStart, nlinkEnd } from './nlink.ts'

/** Checks that the upper file is the one of this name. */
export const matchesUpper = (dentry: Dentry, upper: Dentry): boolean => upperOf(dentry)?.d_inode === upper.d_inode

/** A directory of the upper layer alone that never had anything below it. */
export const isPureUpper = (dentry: Dentry): boolean =>
  lowerOf(dentry) === null && !testInodeFlag(dentry.d_inode as Inode, OVL_WHITEOUTS)

/** The upper file under the name, when it is still the one that was looked up. */
const upperNow = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, list: readonly DirEntry[], mayLack: boolean,
): Dentry | number => {
  const opaquedir = list.length > 0 ? clearEmpty(machine, dentry, list) : null
  if (typeof opaquedir === 'number') return opaquedir
  const upperdir = upperOf(parentOf(dentry)) as Dentry
  if (mayLack && !areApart(ofs.workdir as Dentry, upperdir)) return -EIO
  const upper = lookupUpper(machine, ofs, dentry.d_name.name, upperdir)
  if (typeof upper === 'number') return upper
  if (opaquedir !== null) return upper === opaquedir ? upper : -ESTALE
  return (mayLack && upperOf(dentry) === null) || matchesUpper(dentry, upper) ? upper : -ESTALE
}

const removeAndWhiteout = (machine: Machine, ofs: OvlFs, dentry: Dentry, list: readonly DirEntry[]): number => {
  if (ofs.workdir === null) return -EROFS
  const upper = upperNow(machine, ofs, dentry, list, true)
  if (typeof upper === 'number') return upper
  const parent = parentOf(dentry)
  const rc = cleanupAndWhiteout(machine, ofs, upperOf(parent) as Dentry, upper)
  if (rc === 0) dirModified(parent, true)
  machine.vfs.d_drop(dentry)
  return rc
}

const removeUpper = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, isDir: boolean, list: readonly DirEntry[],
): number => {
  const upper = upperNow(machine, ofs, dentry, list, false)
  if (typeof upper === 'number') return upper
  const parent = parentOf(dentry)
  const upperdir = upperOf(parent) as Dentry
  const rc = isDir ? rmdirReal(machine, ofs, upperdir, upper) : unlinkReal(machine, ofs, upperdir, upper)
  dirModified(parent, hasOrigin(dentry))
  if (rc === 0) machine.vfs.d_drop(dentry)
  return rc
}

/** Layers that changed behind our back must not make it 0 while there is another name. */
export const dropNlink = (dentry: Dentry): void => {
  const inode = dentry.d_inode as Inode
  const others = inodeState(inode).aliases - (d_unhashed(dentry) ? 0 : 1)
  if (inode.i_nlink > (others > 0 ? 1 : 0)) inode.i_nlink--
}

const doRemove = (machine: Machine, dentry: Dentry, isDir: boolean): number => {
  const inode = dentry.d_inode as Inode
  const ofs = ovlFs(dentry.d_sb)
  const positive = lowerPositive(machine, dentry)
  const list = isDir && (positive || !isPureUpper(dentry)) ? checkEmpty(machine, dentry) : []
  if (typeof list === 'number') return list
  let rc = copyUpFor(machine, parentOf(dentry))
  if (rc === 0) rc = nlinkStart(machine, dentry)
  if (rc !== 0) return rc
  rc = asMounter(machine, dentry.d_sb, () =>
    positive ? removeAndWhiteout(machine, ofs, dentry, list) : removeUpper(machine, ofs, dentry, isDir, list))
  if (rc === 0) {
    if (isDir) inode.i_nlink = 0
    else dropNlink(dentry)
  }
  nlinkEnd(machine, dentry)
  if (upperOf(dentry) !== null) copyattr(inode)
  return rc
}

/** The name leaves the cache on the way; its inode has to stay until the end. */
const holding = (machine: Machine, dentry: Dentry, isDir: boolean): number => {
  const inode = dentry.d_inode as Inode
  machine.vfs.ihold(inode)
  const rc = doRemove(machine, dentry, isDir)
  machine.vfs.iput(inode)
  return rc
}

export const unlinkEntry = (machine: Machine, _dir: Inode, dentry: Dentry): number => holding(machine, dentry, false)

export const removeDir = (machine: Machine, _dir: Inode, dentry: Dentry): number => holding(machine, dentry, true)
