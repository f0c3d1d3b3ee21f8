/** Names of a directory of an overlay, merged from all layers (fs/overlayfs/readdir.c). */
import { DT_CHR, DT_REG, O_LARGEFILE, O_RDONLY } from '@lsmkit/abi'
import type { Dentry, File, Inode, Path, SuperBlock } from '@lsmkit/core'
import type { DirContext } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import type { Vfs } from '../../interfaces/vfs.ts'
import type { DirCache, DirEntry } from './dir-entry.ts'
import { mapIno } from './inodes.ts'
import {
  clearInodeFlag, hasOrigin, hasXwhiteouts, isUpper, ovlFs, ovlInode, OVL_IMPURE, parentOf, stackOf, testInodeFlag,
  upperOf, upperPath,
} from './node.ts'
import type { OvlLayer } from './node.ts'
import { isWhiteoutInode, asMounter, openReal, wantWrite, removeOwn } from './real.ts'

/** Takes every entry. */
class Collector implements DirContext {
  pos = 0
  count = 0
  readonly #take: (name: string, ino: number, type: number) => void

  constructor(take: (name: string, ino: number, type: number) => void) {
    this.#take = take
  }
  emit(name: string, ino: number, type: number): boolean {
    this.count++
    this.#take(name, ino, type)
    return true
  }
}

/** All names of an open real directory; the caller asks for it until there are no more. */
const readAll = (vfs: Vfs, file: File, take: (name: string, ino: number, type: number) => void): number => {
  const collector = new Collector(take)
  for (;;) {
    collector.count = 0
    const rc = vfs.iterate_dir(file, collector)
    if (rc < 0) return rc
    if (collector.count === 0) return 0
  }
}

/** As the layer has it. */
interface RealEntry {
  readonly name: string
  readonly ino: number
  readonly type: number
}

/** Reads an open real directory once, only to see that it can be read; it is closed again. */
export const tryReading = (vfs: Vfs, file: File | number): number => {
  if (typeof file === 'number') return file
  const rc = vfs.iterate_dir(file, new Collector(() => {}))
  vfs.fput(file)
  return rc
}

/** Names of a real directory that the overlay has opened for itself; it is closed again. */
export const readPlain = (vfs: Vfs, file: File | number): readonly RealEntry[] | number => {
  if (typeof file === 'number') return file
  const entries: RealEntry[] = []
  const rc = readAll(vfs, file, (name, ino, type) => entries.push({ name, ino, type }))
  vfs.fput(file)
  return rc < 0 ? rc : entries
}

const isDot = (name: string): boolean => name === '.'
const isDotDot = (name: string): boolean => name === '..'

/** Inode numbers of these differ from those of the layer. */
const needsIno = (dentry: Dentry, name: string, isUpperEntry: boolean): boolean => {
  const ofs = ovlFs(dentry.d_sb)
  if (ofs.xinoBits > 0 || isDotDot(name)) return true
  return isUpperEntry && (isDot(name) || testInodeFlag(dentry.d_inode as Inode, OVL_IMPURE))
}

/** Device nodes may be whiteouts: they are looked at once the directory has been read. */
const checkWhiteouts = (machine: Machine, path: Path, sb: SuperBlock, maybe: readonly DirEntry[]): void => {
  asMounter(machine, sb, () => {
    for (const entry of maybe.toReversed()) {
      const found = machine.vfs.lookup_one(path.mnt.mnt_idmap, entry.name, path.dentry)
      if (typeof found !== 'number') entry.is_whiteout = isWhiteoutInode(found.d_inode)
    }
  })
}

/** Names of one layer, in its order; those that an upper one has are left to it. */
const readLayer = (
  machine: Machine, dentry: Dentry, layer: OvlLayer, dir: Dentry, known: Map<string, DirEntry>, lowest: boolean,
) => {
  const is_upper = layer.idx === 0
  const path = { mnt: layer.mnt, dentry: dir }
  const file = openReal(machine, path, O_RDONLY | O_LARGEFILE)
  if (typeof file === 'number') return file
  const inXwhiteouts = layer.has_xwhiteouts && hasXwhiteouts(dentry)
  const order: DirEntry[] = []
  const maybe: DirEntry[] = []
  const rc = readAll(machine.vfs, file, (name, ino, type) => {
    const upper = known.get(name)
    if (upper !== undefined) {
      if (lowest) order.push(upper)
      return
    }
    const entry: DirEntry = {
      name, type, real_ino: ino, ino: needsIno(dentry, name, is_upper) ? 0 : ino, is_upper, is_whiteout: false,
      check_xwhiteout: inXwhiteouts && type === DT_REG,
    }
    order.push(entry)
    if (!lowest) known.set(name, entry)
    if (type === DT_CHR) maybe.push(entry)
  })
  if (rc === 0 && maybe.length > 0) checkWhiteouts(machine, path, dentry.d_sb, maybe)
  machine.vfs.fput(file)
  return rc < 0 ? rc : order
}

/** The lowest layer's names come first, so that positions change as little as can be. */
export const readMerged = (machine: Machine, dentry: Dentry): readonly DirEntry[] | number => {
  const upper = upperOf(dentry)
  const layers = stackOf(dentry).map(({ layer, dentry: dir }) => ({ layer, dir: dir as Dentry }))
  if (upper !== null) layers.unshift({ layer: ovlFs(dentry.d_sb).upper as OvlLayer, dir: upper })
  const known = new Map<string, DirEntry>()
  for (const [i, { layer, dir }] of layers.entries()) {
    const lowest = i === layers.length - 1
    const order = readLayer(machine, dentry, layer, dir, known, lowest)
    if (typeof order === 'number') return order
    if (lowest) return [...new Set([...order, ...known.values()])]
  }
  return []
}

const entryOf = (machine: Machine, path: Path, name: string): Dentry | number => {
  if (isDot(name)) return path.dentry
  if (isDotDot(name)) return parentOf(path.dentry)
  return machine.vfs.lookup_one(path.mnt.mnt_idmap, name, path.dentry)
}

/** Finds out the inode number, and whether the entry is there at all, by looking it up in the overlay. */
export const updateEntry = (machine: Machine, path: Path, entry: DirEntry, updateIno: boolean): number => {
  const ofs = ovlFs(path.dentry.d_sb)
  entry.ino = entry.real_ino
  if (!ofs.sameDev && !entry.check_xwhiteout) return 0
  const found = entryOf(machine, path, entry.name)
  if (typeof found === 'number' || found.d_inode === null) {
    entry.is_whiteout = true
    return typeof found === 'number' ? found : 0
  }
  if (!ofs.sameDev || !updateIno) return 0
  if (hasOrigin(found)) {
    const stat = new Kstat()
    const rc = machine.vfs.vfs_getattr({ mnt: path.mnt, dentry: found }, stat)
    if (rc === 0) entry.ino = stat.ino
    return rc
  }
  const fsid = stackOf(found)[0]?.layer.fsid ?? 0
  if (!isUpper(found)) entry.ino = mapIno(ofs, entry.real_ino, fsid) ?? entry.real_ino
  return 0
}

/** The merged names, kept while they are in use and unchanged; the caller releases them. */
export const mergedCache = (machine: Machine, dentry: Dentry): DirCache | number => {
  const own = ovlInode(dentry.d_inode as Inode)
  if (own.cache === null || own.cache.version !== own.version) {
    own.cache = null
    const entries = readMerged(machine, dentry)
    if (typeof entries === 'number') return entries
    own.cache = { version: own.version, entries, users: 0 }
  }
  own.cache.users++
  return own.cache
}

export const releaseCache = (inode: Inode, cache: DirCache): void => {
  const own = ovlInode(inode)
  if (--cache.users === 0 && own.cache === cache) own.cache = null
}

const readImpure = (machine: Machine, path: Path): readonly DirEntry[] | number => {
  const plain = readPlain(machine.vfs, openReal(machine, upperPath(path.dentry), O_RDONLY | O_LARGEFILE))
  if (typeof plain === 'number') return plain
  const entries: DirEntry[] = []
  for (const { name, ino, type } of plain) {
    const entry: DirEntry = {
      name, type, real_ino: ino, ino, is_upper: false, is_whiteout: false, check_xwhiteout: false,
    }
    const rc = isDot(name) || isDotDot(name) ? 0 : updateEntry(machine, path, entry, true)
    if (rc !== 0) return rc
    if (entry.ino !== ino) entries.push(entry)
  }
  return entries
}

/** Entries of an upper directory whose inode numbers are not those of the upper layer; null if there are none. */
export const impureCache = (machine: Machine, path: Path): DirCache | number | null => {
  const inode = path.dentry.d_inode as Inode
  const own = ovlInode(inode)
  if (own.cache !== null && own.cache.version === own.version) return own.cache
  own.cache = null
  const entries = readImpure(machine, path)
  if (typeof entries === 'number') return entries
  if (entries.length === 0) {
    const { dentry } = path
    if (wantWrite(dentry.d_sb) === 0) removeOwn(machine, ovlFs(dentry.d_sb), upperOf(dentry) as Dentry, 'impure')
    clearInodeFlag(inode, OVL_IMPURE)
    return null
  }
  own.cache = { version: own.version, entries, users: 0 }
  return own.cache
}
