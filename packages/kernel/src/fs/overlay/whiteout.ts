/** Whiteouts, and upper directories that hold nothing else (fs/overlayfs/dir.c, readdir.c). */
import {
  EINVAL, EIO, EMLINK, ENOENT, ENOTEMPTY, EROFS, ESTALE, O_LARGEFILE, O_RDONLY, RENAME_EXCHANGE, S_IFCHR, S_IFDIR,
  S_IFMT,
} from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { d_ancestor } from '../../vfs/dcache.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import type { FileCopies } from './copy-data.ts'
import { readPlain } from './dir-cache.ts'
import type { MergedDirs } from './dir-cache.ts'
import type { DirEntry } from './dir-entry.ts'
import type { IndexDirectory } from './index-dir.ts'
import { isDirDentry, ovlFs, parentOf, upperOf, upperPath } from './node.ts'
import type { OvlFs } from './node.ts'
import { WHITEOUT_DEV } from './real.ts'
import type { RealOperations } from './real.ts'
import type { UpperMarks } from './upper-marks.ts'

const INCOMPAT = 'incompat'
const isDots = (name: string): boolean => name === '.' || name === '..'

/** Neither may lie in the other: something is moved between them. */
export const areApart = (workdir: Dentry, upperdir: Dentry): boolean =>
  workdir !== upperdir && d_ancestor(workdir, upperdir) === null && d_ancestor(upperdir, workdir) === null

export const whiteouts = (
  { vfs }: Machine,
  {
    asMounter, lookupUpper, upperIdmap, upperPlace, openReal, lookupTemp, createTemp, link, rename, rmdir, cleanup,
  }: RealOperations,
  { readMerged }: MergedDirs,
  { verifyIndex }: IndexDirectory,
  { copyXattrs, setAttrs }: FileCopies,
  { markOpaque }: UpperMarks,
) => {
  /** A whiteout in the work directory: one more name of the one that is kept there, which is made when need be. */
  const newWhiteout = (ofs: OvlFs): Dentry | number => {
    const workdir = ofs.workdir as Dentry
    if (ofs.whiteout === null) {
      const first = lookupTemp(ofs, workdir)
      if (typeof first === 'number') return first
      const rc = vfs.vfs_mknod(upperIdmap(ofs), workdir.d_inode as Inode, first, S_IFCHR, WHITEOUT_DEV)
      if (rc !== 0) return rc
      ofs.whiteout = first
    }
    if (!ofs.no_shared_whiteout) {
      const next = lookupTemp(ofs, workdir)
      if (typeof next === 'number') return next
      const rc = link(ofs, ofs.whiteout, workdir, next)
      if (rc === 0) return next
      if (rc !== -EMLINK) ofs.no_shared_whiteout = true
    }
    const last = ofs.whiteout
    ofs.whiteout = null
    return last
  }

  /** Puts a whiteout in the place of `dentry`, which may have nothing. */
  const cleanupAndWhiteout = (ofs: OvlFs, dir: Dentry, dentry: Dentry): number => {
    const whiteout = newWhiteout(ofs)
    if (typeof whiteout === 'number') return whiteout
    const workdir = ofs.workdir as Dentry
    const isDir = isDirDentry(dentry)
    const rc = rename(ofs, workdir, whiteout, dir, dentry, isDir ? RENAME_EXCHANGE : 0)
    if (rc !== 0) cleanup(ofs, workdir, whiteout)
    else if (isDir) cleanup(ofs, workdir, dentry)
    return rc
  }

  /** The whiteouts of an upper directory that has nothing else; -ENOTEMPTY when something shows. */
  const checkEmpty = (dentry: Dentry): readonly DirEntry[] | number => {
    const entries = asMounter(dentry.d_sb, () => readMerged(dentry))
    if (typeof entries === 'number') return entries
    if (entries.some(({ name, is_whiteout }) => !is_whiteout && !isDots(name))) return -ENOTEMPTY
    return entries.filter(({ is_whiteout, is_upper }) => is_whiteout && is_upper)
  }

  const cleanupWhiteouts = (ofs: OvlFs, upper: Dentry, list: readonly DirEntry[]): void => {
    for (const { name } of list) {
      const dentry = lookupUpper(ofs, name, upper)
      if (typeof dentry !== 'number' && dentry.d_inode !== null) cleanup(ofs, upper, dentry)
    }
  }

  /** An empty opaque directory takes the place of one that has whiteouts, which goes: the new one, or -errno. */
  const clearEmpty = (dentry: Dentry, list: readonly DirEntry[]): Dentry | number => {
    const ofs = ovlFs(dentry.d_sb)
    const { workdir } = ofs
    const upperdir = upperOf(parentOf(dentry)) as Dentry
    if (workdir === null) return -EROFS
    if (!areApart(workdir, upperdir)) return -EIO
    const old = upperPath(dentry)
    const stat = new Kstat()
    let rc = vfs.vfs_getattr(old, stat)
    if (rc !== 0) return rc
    if ((stat.mode & S_IFMT) !== S_IFDIR || old.dentry.d_parent?.d_inode !== upperdir.d_inode) return -ESTALE
    const opaquedir = createTemp(ofs, workdir, { mode: stat.mode })
    if (typeof opaquedir === 'number') return opaquedir
    rc = copyXattrs(dentry.d_sb, old, opaquedir)
    if (rc === 0) rc = markOpaque(dentry, opaquedir)
    if (rc === 0) rc = setAttrs(ofs, opaquedir, stat)
    if (rc === 0) rc = rename(ofs, workdir, opaquedir, upperdir, old.dentry, RENAME_EXCHANGE)
    if (rc !== 0) {
      cleanup(ofs, workdir, opaquedir)
      return rc
    }
    cleanupWhiteouts(ofs, old.dentry, list)
    cleanup(ofs, workdir, old.dentry)
    vfs.d_drop(dentry)
    return opaquedir
  }

  /** `work/incompat/X`: made with a feature that this overlay does not know. */
  const cleanupBelow = (ofs: OvlFs, dir: Dentry, level: number): number => {
    const incompat = level === 2 && dir.d_name.name === INCOMPAT
    const entries = readPlain(vfs, openReal(upperPlace(ofs, dir), O_RDONLY | O_LARGEFILE))
    if (typeof entries === 'number') return entries
    for (const { name } of entries) {
      if (isDots(name)) continue
      if (incompat && !name.startsWith('.')) return -EINVAL
      const dentry = lookupUpper(ofs, name, dir)
      if (typeof dentry === 'number' || dentry.d_inode === null) continue
      const rc = cleanupWorkdir(ofs, dir, dentry, level)
      if (rc !== 0) return rc
    }
    return 0
  }
  /** Empties and removes what an earlier mount has left in the work directory, two levels deep. */
  const cleanupWorkdir = (ofs: OvlFs, dir: Dentry, dentry: Dentry, level: number): number => {
    if (!isDirDentry(dentry) || level > 1) return cleanup(ofs, dir, dentry)
    if (rmdir(ofs, dir, dentry) === 0) return 0
    const rc = cleanupBelow(ofs, dentry, level + 1)
    return rc !== 0 ? rc : cleanup(ofs, dir, dentry)
  }

  const cleanupEntry = (ofs: OvlFs, indexdir: Dentry, index: Dentry): number => {
    if (index.d_name.name.startsWith('#')) return cleanupWorkdir(ofs, indexdir, index, 1)
    const rc = verifyIndex(ofs, index)
    if (rc === -ESTALE) return cleanup(ofs, indexdir, index)
    if (rc !== -ENOENT) return rc
    return ofs.config.nfs_export ? cleanupAndWhiteout(ofs, indexdir, index) : cleanup(ofs, indexdir, index)
  }
  /** Stale and orphaned entries of the index go when it is mounted. */
  const cleanupIndex = (ofs: OvlFs): number => {
    const indexdir = ofs.workdir as Dentry
    const entries = readPlain(vfs, openReal(upperPlace(ofs, indexdir), O_RDONLY | O_LARGEFILE))
    if (typeof entries === 'number') return entries
    for (const { name } of entries) {
      if (isDots(name)) continue
      const index = lookupUpper(ofs, name, indexdir)
      const rc = typeof index === 'number' ? index : cleanupEntry(ofs, indexdir, index)
      if (rc !== 0) return rc
    }
    return 0
  }

  return { cleanupAndWhiteout, checkEmpty, clearEmpty, cleanupWorkdir, cleanupIndex }
}
export type Whiteouts = ReturnType<typeof whiteouts>
