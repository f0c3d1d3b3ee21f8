/** Open directories of an overlay (fs/overlayfs/readdir.c). */
import { EINVAL, EISDIR, O_LARGEFILE, O_RDONLY } from '@lsmkit/abi'
import type { File, Inode, Path } from '@lsmkit/core'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { DirContext } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import { endless_llseek } from '../../vfs/rw.ts'
import { fileState } from '../../state/vfs/state.ts'
import { shouldSync } from './config.ts'
import type { DirCache } from './dir-entry.ts'
import { mapIno } from './inodes.ts'
import {
  isMerge, isRealDir, isUpper, ovlFs, ovlInode, OVL_IMPURE, parentOf, realPath, stackOf, testInodeFlag, upperPath,
} from './node.ts'
import { asMounter, openReal } from './real.ts'
import { releaseCache, impureCache, mergedCache, updateEntry } from './dir-cache.ts'
import { bound } from '../../state/bound.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'

/** struct ovl_dir_file */
class DirFile {
  /** Read as the real directory is. */
  is_real: boolean
  readonly is_upper: boolean
  readonly realfile: File
  /** Of a directory that was copied up after it was opened. */
  upperfile: File | null = null
  cache: DirCache | null = null

  constructor(realfile: File, is_real: boolean, is_upper: boolean) {
    this.realfile = realfile
    this.is_real = is_real
    this.is_upper = is_upper
  }
}
const dirFile = (file: File): DirFile => fileState(file).data as DirFile

/** Hands entries on with other inode numbers; positions are the receiver's. */
class Renumbering implements DirContext {
  readonly #to: DirContext
  readonly #number: (name: string, ino: number) => number

  constructor(to: DirContext, number: (name: string, ino: number) => number) {
    this.#to = to
    this.#number = number
  }
  get pos(): number {
    return this.#to.pos
  }
  set pos(pos: number) {
    this.#to.pos = pos
  }
  emit(name: string, ino: number, type: number): boolean {
    return this.#to.emit(name, this.#number(name, ino), type)
  }
}

const openRealDir = (machine: Machine, sb: Inode['i_sb'], path: Path): File | number =>
  asMounter(machine, sb, () => openReal(machine, path, O_RDONLY | O_LARGEFILE))

const openDir = (machine: Machine, inode: Inode, file: File): number => {
  const { dentry } = file.f_path
  const realfile = openRealDir(machine, inode.i_sb, realPath(dentry))
  if (typeof realfile === 'number') return realfile
  fileState(file).data = new DirFile(realfile, !isMerge(dentry) && isRealDir(inode), isUpper(dentry))
  return 0
}

const dropCache = (inode: Inode, od: DirFile): void => {
  if (od.cache !== null) releaseCache(inode, od.cache)
  od.cache = null
}

/** Reads from the beginning again, and sees changes. */
const resetDir = (file: File): void => {
  const od = dirFile(file)
  if (od.cache !== null && od.cache.version !== ovlInode(file.f_inode).version) dropCache(file.f_inode, od)
  if (!isRealDir(file.f_inode)) od.is_real = false
}

/** Names of the real directory, with the overlay's numbers for `..` and for copied-up files. */
const iterateReal = (machine: Machine, file: File, ctx: DirContext, od: DirFile): number => {
  const { mnt, dentry } = file.f_path
  const ofs = ovlFs(dentry.d_sb)
  const parent = parentOf(dentry)
  let parentIno = 0
  if (isMerge(parent)) {
    const stat = new Kstat()
    const rc = machine.vfs.vfs_getattr({ mnt, dentry: parent }, stat)
    if (rc !== 0) return rc
    parentIno = stat.ino
  }
  const impure = od.is_upper && testInodeFlag(file.f_inode, OVL_IMPURE) ? impureCache(machine, file.f_path) : null
  if (typeof impure === 'number') return impure
  const numbers = impure === null ? null : new Map(impure.entries.map(({ name, ino }) => [name, ino]))
  const fsid = stackOf(dentry)[0]?.layer.fsid ?? 0
  const number = (name: string, ino: number): number => {
    if (parentIno !== 0 && name === '..') return parentIno
    if (numbers !== null) return numbers.get(name) ?? ino
    // 0: the real directory does not know it
    return ino === 0 ? 0 : (mapIno(ofs, ino, fsid) ?? ino)
  }
  return machine.vfs.iterate_dir(od.realfile, new Renumbering(ctx, number))
}

const isRenumbered = (file: File, od: DirFile): boolean => {
  const ofs = ovlFs(file.f_inode.i_sb)
  if (ofs.xinoBits > 0) return true
  if (!ofs.sameFs) return false
  return (od.is_upper && testInodeFlag(file.f_inode, OVL_IMPURE)) || isMerge(parentOf(file.f_path.dentry))
}

const iterateMerged = (machine: Machine, file: File, ctx: DirContext, od: DirFile): number => {
  if (od.cache === null) {
    const cache = mergedCache(machine, file.f_path.dentry)
    if (typeof cache === 'number') return cache
    od.cache = cache
  }
  for (let entry = od.cache.entries[ctx.pos]; entry !== undefined; entry = od.cache.entries[ctx.pos]) {
    if (!entry.is_whiteout && (entry.ino === 0 || entry.check_xwhiteout)) {
      const rc = updateEntry(machine, file.f_path, entry, entry.ino === 0)
      if (rc !== 0) return rc
    }
    if (!entry.is_whiteout && !ctx.emit(entry.name, entry.ino, entry.type)) break
    ctx.pos++
  }
  return 0
}

const iterateDir = (machine: Machine, file: File, ctx: DirContext): number => {
  const od = dirFile(file)
  return asMounter(machine, file.f_inode.i_sb, () => {
    if (ctx.pos === 0) resetDir(file)
    if (!od.is_real) return iterateMerged(machine, file, ctx, od)
    return isRenumbered(file, od) ? iterateReal(machine, file, ctx, od) : machine.vfs.iterate_dir(od.realfile, ctx)
  })
}

const seekDir = (file: File, offset: number, whence: number): number => {
  const od = dirFile(file)
  if (file.f_pos === 0) resetDir(file)
  if (od.is_real) {
    const rc = fileState(od.realfile).f_op.llseek?.(od.realfile, offset, whence) ?? -EINVAL
    file.f_pos = od.realfile.f_pos
    return rc
  }
  return endless_llseek(file, offset, whence)
}

/** The open upper directory, or null. */
const upperFile = (machine: Machine, file: File): File | number | null => {
  const od = dirFile(file)
  if (!isUpper(file.f_path.dentry)) return null
  if (od.is_upper) return od.realfile
  if (od.upperfile === null) {
    const opened = openRealDir(machine, file.f_inode.i_sb, upperPath(file.f_path.dentry))
    if (typeof opened === 'number') return opened
    od.upperfile = opened
  }
  return od.upperfile
}

const syncDir = (machine: Machine, file: File, datasync: boolean): number => {
  if (!shouldSync(ovlFs(file.f_inode.i_sb).config)) return 0
  const upper = upperFile(machine, file)
  if (upper === null || typeof upper === 'number') return upper ?? 0
  return fileState(upper).f_op.fsync?.(upper, datasync) ?? -EINVAL
}

const releaseDir = (machine: Machine, inode: Inode, file: File): void => {
  const od = dirFile(file)
  dropCache(inode, od)
  machine.vfs.fput(od.realfile)
  if (od.upperfile !== null) machine.vfs.fput(od.upperfile)
}

export const overlayDirOps = (machine: Machine): FileOperations => fileOperations({
  ...bound(machine, { open: openDir, iterate_shared: iterateDir, fsync: syncDir, release: releaseDir }),
  llseek: seekDir,
  read: () => -EISDIR,
})
