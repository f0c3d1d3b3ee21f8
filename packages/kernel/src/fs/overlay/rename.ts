/** Renaming in an overlay (ovl_rename of fs/overlayfs/dir.c). */
import { EINVAL, EXDEV, ESTALE, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from '@lsmkit/abi'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import { d_ancestor } from '../../vfs/dcache.ts'
import type { DirEntry } from './dir-entry.ts'
import { copyattr } from './inodes.ts'
import { hasOrigin, isDirDentry, isMerge, isOpaque, isUpper, isWhiteoutName, ovlFs, parentOf, upperOf } from './node.ts'
import { isPureUpper, matchesUpper, dropNlink } from './remove.ts'
import type { Machine } from '../../machine.ts'
import { lowerPositive } from './lookup.ts'
import { setImpure, markOpaque, dirModified } from './upper-marks.ts'
import { isWhiteout, upperPlace, lookupUpper, renameReal, cleanupReal, wantWrite, asMounter } from './real.ts'
import { setRedirect } from './redirect.ts'
import { clearEmpty, checkEmpty } from './whiteout.ts'
import { copyUpFor } from './copy-up.ts'
import { nlinkStart, nlinkEnd } from './nlink.ts'

const isMergeOrLower = (dentry: Dentry): boolean => isMerge(dentry) || !isUpper(dentry)

/** The two names of a rename, and what they refer to. */
interface Moving {
  readonly old: Dentry
  readonly next: Dentry
  readonly overwrite: boolean
  /** Of the rename in the upper layer. */
  readonly flags: number
  readonly cleansWhiteout: boolean
  /** Whiteouts of the directory that is replaced. */
  readonly list: readonly DirEntry[]
}

/** Both names in the upper layer. */
interface Found {
  readonly olddentry: Dentry
  readonly newdentry: Dentry
}

/** Directory trees are not copied up: without redirects only those of the upper layer can be moved. */
const canMove = (dentry: Dentry): boolean =>
  ovlFs(dentry.d_sb).config.redirect_mode === 'on' || !isDirDentry(dentry) || !isMergeOrLower(dentry)

/** Flags for the old place: leave a whiteout, exchange it with the new one, or nothing. */
const plan = (machine: Machine, old: Dentry, next: Dentry, flags: number, list: readonly DirEntry[]): Moving => {
  const overwrite = (flags & RENAME_EXCHANGE) === 0
  const moving = { old, next, overwrite, list, cleansWhiteout: false }
  if (!overwrite) return { ...moving, flags: RENAME_EXCHANGE }
  const onWhiteout = isWhiteoutName(next)
  if (lowerPositive(machine, old)) return { ...moving, flags: onWhiteout ? RENAME_EXCHANGE : RENAME_WHITEOUT }
  const exchanges = isDirDentry(old) && onWhiteout
  return { ...moving, flags: exchanges ? RENAME_EXCHANGE : 0, cleansWhiteout: exchanges }
}

/** Into another directory go inode numbers that are not its own. */
const markParents = (machine: Machine, { old, next, overwrite }: Moving): number => {
  const [from, to] = [parentOf(old), parentOf(next)]
  if (from === to) return 0
  let rc = 0
  if (hasOrigin(old)) rc = setImpure(machine, to, upperOf(to) as Dentry)
  if (rc === 0 && !overwrite && hasOrigin(next)) rc = setImpure(machine, from, upperOf(from) as Dentry)
  return rc
}

/** Checks that the target in the upper layer is the expected one. */
const targetMatches = (
  machine: Machine, { next, flags }: Moving, newdentry: Dentry, opaquedir: Dentry | null,
): boolean => {
  if (next.d_inode !== null && upperOf(next) !== null) {
    return opaquedir !== null ? newdentry === opaquedir : matchesUpper(next, newdentry)
  }
  if (newdentry.d_inode === null) return (flags & RENAME_EXCHANGE) === 0
  const ofs = ovlFs(next.d_sb)
  return isOpaque(next) && isWhiteout(machine, ofs, upperPlace(ofs, newdentry))
}

const find = (machine: Machine, moving: Moving, opaquedir: Dentry | null): Found | number => {
  const { old, next } = moving
  const ofs = ovlFs(old.d_sb)
  const [from, to] = [upperOf(parentOf(old)) as Dentry, upperOf(parentOf(next)) as Dentry]
  const trap = from === to ? null : (d_ancestor(from, to) ?? d_ancestor(to, from))
  const olddentry = lookupUpper(machine, ofs, old.d_name.name, from)
  if (typeof olddentry === 'number') return olddentry
  if (!matchesUpper(old, olddentry)) return -ESTALE
  const newdentry = lookupUpper(machine, ofs, next.d_name.name, to)
  if (typeof newdentry === 'number') return newdentry
  if (!targetMatches(machine, moving, newdentry, opaquedir)) return -ESTALE
  if (olddentry === trap || newdentry === trap || olddentry.d_inode === newdentry.d_inode) return -ESTALE
  return { olddentry, newdentry }
}

/** A redirect keeps the lower layers of a moved directory; an opaque one has none. */
const markMoved = (
  machine: Machine, dentry: Dentry, upper: Dentry, wasOpaque: boolean, into: Dentry, samedir: boolean,
): number => {
  if (isMergeOrLower(dentry)) return setRedirect(machine, dentry, samedir)
  return isDirDentry(dentry) && !wasOpaque && isMerge(into) ? markOpaque(machine, dentry, upper, -EXDEV) : 0
}

const moveUpper = (machine: Machine, moving: Moving): number => {
  const { old, next, overwrite, flags, list } = moving
  const ofs = ovlFs(old.d_sb)
  const opaquedir = list.length > 0 ? clearEmpty(machine, next, list) : null
  if (typeof opaquedir === 'number') return opaquedir
  let rc = markParents(machine, moving)
  if (rc !== 0) return rc
  const found = find(machine, moving, opaquedir)
  if (typeof found === 'number') return found
  const { olddentry, newdentry } = found
  const [from, to] = [parentOf(old), parentOf(next)]
  const samedir = from === to
  const [oldOpaque, newOpaque] = [isOpaque(old), isOpaque(next)]
  rc = markMoved(machine, old, olddentry, oldOpaque, to, samedir)
  if (rc === 0 && !overwrite) rc = markMoved(machine, next, newdentry, newOpaque, from, samedir)
  if (rc !== 0) return rc
  const fromUpper = upperOf(from) as Dentry
  rc = renameReal(machine, ofs, fromUpper, olddentry, upperOf(to) as Dentry, newdentry, flags)
  if (rc !== 0) return rc
  if (moving.cleansWhiteout) cleanupReal(machine, ofs, fromUpper, newdentry)
  moved(moving)
  return 0
}

const moved = ({ old, next, overwrite }: Moving): void => {
  if (overwrite && next.d_inode !== null) {
    if (isDirDentry(next)) next.d_inode.i_nlink = 0
    else dropNlink(next)
  }
  dirModified(parentOf(old), hasOrigin(old) || (!overwrite && hasOrigin(next)))
  dirModified(parentOf(next), hasOrigin(old) || (next.d_inode !== null && hasOrigin(next)))
  copyattr(old.d_inode as Inode)
  if (next.d_inode !== null && upperOf(next) !== null) copyattr(next.d_inode)
}

export const renameEntry = (
  machine: Machine, _idmap: MntIdmap, _olddir: Inode, old: Dentry, _newdir: Inode, next: Dentry, flags: number,
): number => {
  if ((flags & ~(RENAME_EXCHANGE | RENAME_NOREPLACE)) !== 0) return -EINVAL
  const overwrite = (flags & RENAME_EXCHANGE) === 0
  if (!canMove(old) || (!overwrite && !canMove(next))) return -EXDEV
  const list = overwrite && isDirDentry(next) && !isPureUpper(next) ? checkEmpty(machine, next) : []
  if (typeof list === 'number') return list
  const moving = plan(machine, old, next, flags, list)
  let rc = copyUpFor(machine, old)
  if (rc === 0) rc = copyUpFor(machine, parentOf(next))
  if (rc === 0 && !overwrite) rc = copyUpFor(machine, next)
  const counts = overwrite && next.d_inode !== null
  if (rc === 0) rc = counts ? nlinkStart(machine, next) : wantWrite(old.d_sb)
  if (rc !== 0) return rc
  rc = asMounter(machine, old.d_sb, () => moveUpper(machine, moving))
  if (counts) nlinkEnd(machine, next)
  return rc
}
