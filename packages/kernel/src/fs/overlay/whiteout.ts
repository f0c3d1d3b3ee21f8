/** Whiteouts, and upper directories that hold nothing else (fs/overlayfs/dir.c, readdir.c). */
import {
  EINVAL, EIO, EMLINK, ENOENT, ENOTEMPTY, EROFS, ESTALE, O_LARGEFILE, O_RDONLY, RENAME_EXCHANGE, S_IFCHR, S_IFDIR,
  S_IFMT,
} from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { d_ancestor } from '../../vfs/dcache.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import { readPlain, readMerged } from './dir-cache.ts'
import type { DirEntry } from './dir-entry.ts'
import { isDirDentry, ovlFs, parentOf, upperOf, upperPath } from './node.ts'
import type { OvlFs } from './node.ts'
import {
  WHITEOUT_DEV, lookupTemp, upperIdmap, linkReal, renameReal, cleanupReal, asMounter, lookupUpper, createTemp, openReal,
  upperPlace, rmdirReal,
} from './real.ts'
import { copyXattrs, setAttrs } from './copy-data.ts'
import { markOpaque } from './upper-marks.ts'
import { verifyIndex } from './index-dir.ts'

const INCOMPAT = 'incompat'
const isDots = (name: string): boolean => name === '.' || name === '..'

/** Neither may lie in the other: something is moved between them. */
export const areApart = (workdir: Dentry, upperdir: Dentry): boolean =>
  workdir !== upperdir && d_ancestor(workdir, upperdir) === null && d_ancestor(upperdir, workdir) === null

/** A whiteout in the work directory: one more name of the one that is kept there, which is made when need be. */
const newWhiteout = (machine: Machine, ofs: OvlFs): Dentry | number => {
  const workdir = ofs.workdir as Dentry
  if (ofs.whiteout === null) {
    const first = lookupTemp(machine, ofs, workdir)
    if (typeof first === 'number') return first
    const rc = machine.vfs.vfs_mknod(upperIdmap(ofs), workdir.d_inode as Inode, first, S_IFCHR, WHITEOUT_DEV)
    if (rc !== 0) return rc
    ofs.whiteout = first
  }
  if (!ofs.no_shared_whiteout) {
    const next = lookupTemp(machine, ofs, workdir)
    if (typeof next === 'number') return next
    const rc = linkReal(machine, ofs, ofs.whiteout, workdir, next)
    if (rc === 0) return next
    if (rc !== -EMLINK) ofs.no_shared_whiteout = true
  }
  const last = ofs.whiteout
  ofs.whiteout = null
  return last
}

/** Puts a whiteout in the place of `dentry`, which may have nothing. */
export const cleanupAndWhiteout = (machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry): number => {
  const whiteout = newWhiteout(machine, ofs)
  if (typeof whiteout === 'number') return whiteout
  const workdir = ofs.workdir as Dentry
  const isDir = isDirDentry(dentry)
  const rc = renameReal(machine, ofs, workdir, whiteout, dir, dentry, isDir ? RENAME_EXCHANGE : 0)
  if (rc !== 0) cleanupReal(machine, ofs, workdir, whiteout)
  else if (isDir) cleanupReal(machine, ofs, workdir, dentry)
  return rc
}

/** The whiteouts of an upper directory that has nothing else; -ENOTEMPTY when something shows. */
export const checkEmpty = (machine: Machine, dentry: Dentry): readonly DirEntry[] | number => {
  const entries = asMounter(machine, dentry.d_sb, () => readMerged(machine, dentry))
  if (typeof entries === 'number') return entries
  if (entries.some(({ name, is_whiteout }) => !is_whiteout && !isDots(name))) return -ENOTEMPTY
  return entries.filter(({ is_whiteout, is_upper }) => is_whiteout && is_upper)
}

const cleanupWhiteouts = (machine: Machine, ofs: OvlFs, upper: Dentry, list: readonly DirEntry[]): void => {
  for (const { name } of list) {
    const dentry = lookupUpper(machine, ofs, name, upper)
    if (typeof dentry !== 'number' && dentry.d_inode !== null) cleanupReal(machine, ofs, upper, dentry)
  }
}

/** An empty opaque directory takes the place of one that has whiteouts, which goes: the new one, or -errno. */
export const clearEmpty = (machine: Machine, dentry: Dentry, list: readonly DirEntry[]): Dentry | number => {
  const ofs = ovlFs(dentry.d_sb)
  const { workdir } = ofs
  const upperdir = upperOf(parentOf(dentry)) as Dentry
  if (workdir === null) return -EROFS
  if (!areApart(workdir, upperdir)) return -EIO
  const old = upperPath(dentry)
  const stat = new Kstat()
  let rc = machine.vfs.vfs_getattr(old, stat)
  if (rc !== 0) return rc
  if ((stat.mode & S_IFMT) !== S_IFDIR || old.dentry.d_parent?.d_inode !== upperdir.d_inode) return -ESTALE
  const opaquedir = createTemp(machine, ofs, workdir, { mode: stat.mode })
  if (typeof opaquedir === 'number') return opaquedir
  rc = copyXattrs(machine, dentry.d_sb, old, opaquedir)
  if (rc === 0) rc = markOpaque(machine, dentry, opaquedir)
  if (rc === 0) rc = setAttrs(machine, ofs, opaquedir, stat)
  if (rc === 0) rc = renameReal(machine, ofs, workdir, opaquedir, upperdir, old.dentry, RENAME_EXCHANGE)
  if (rc !== 0) {
    cleanupReal(machine, ofs, workdir, opaquedir)
    return rc
  }
  cleanupWhiteouts(machine, ofs, old.dentry, list)
  cleanupReal(machine, ofs, workdir, old.dentry)
  machine.vfs.d_drop(dentry)
  return opaquedir
}

/** `work/incompat/X`: made with a feature that this overlay does not know. */
const cleanupBelow = (machine: Machine, ofs: OvlFs, dir: Dentry, level: number): number => {
  const incompat = level === 2 && dir.d_name.name === INCOMPAT
  const entries = readPlain(machine.vfs, openReal(machine, upperPlace(ofs, dir), O_RDONLY | O_LARGEFILE))
  if (typeof entries === 'number') return entries
  for (const { name } of entries) {
    if (isDots(name)) continue
    if (incompat && !name.startsWith('.')) return -EINVAL
    const dentry = lookupUpper(machine, ofs, name, dir)
    if (typeof dentry === 'number' || dentry.d_inode === null) continue
    const rc = cleanupWorkdir(machine, ofs, dir, dentry, level)
    if (rc !== 0) return rc
  }
  return 0
}

/** Removes leftovers of an earlier mount from the work directory, two levels deep. */
export const cleanupWorkdir = (machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry, level: number): number => {
  if (!isDirDentry(dentry) || level > 1) return cleanupReal(machine, ofs, dir, dentry)
  if (rmdirReal(machine, ofs, dir, dentry) === 0) return 0
  const rc = cleanupBelow(machine, ofs, dentry, level + 1)
  return rc !== 0 ? rc : cleanupReal(machine, ofs, dir, dentry)
}

const cleanupEntry = (machine: Machine, ofs: OvlFs, indexdir: Dentry, index: Dentry): number => {
  if (index.d_name.name.startsWith('#')) return cleanupWorkdir(machine, ofs, indexdir, index, 1)
  const rc = verifyIndex(machine, ofs, index)
  if (rc === -ESTALE) return cleanupReal(machine, ofs, indexdir, index)
  if (rc !== -ENOENT) return rc
  return ofs.config.nfs_export ? cleanupAndWhiteout(machine, ofs, indexdir, index) : cleanupReal(
    machine, ofs, indexdir, index,
  )
}

/** Stale and orphaned entries of the index go when it is mounted. */
export const cleanupIndex = (machine: Machine, ofs: OvlFs): number => {
  const indexdir = ofs.workdir as Dentry
  const entries = readPlain(machine.vfs, openReal(machine, upperPlace(ofs, indexdir), O_RDONLY | O_LARGEFILE))
  if (typeof entries === 'number') return entries
  for (const { name } of entries) {
    if (isDots(name)) continue
    const index = lookupUpper(machine, ofs, name, indexdir)
    const rc = typeof index === 'number' ? index : cleanupEntry(machine, ofs, indexdir, index)
    if (rc !== 0) return rc
  }
  return 0
}
