/** Copying one file up: new, linked under a further name, or only its bytes. */
import {
  EOVERFLOW, EROFS, FMODE_WRITE, O_TRUNC, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
  XATTR_NAME_CAPS,
} from '@lsmkit/abi'
import { kgid_has_mapping, kuid_has_mapping } from '@lsmkit/core'
import type { Dentry, Inode } from '@lsmkit/core'
import { DCACHE_OP_REVALIDATE } from '../../vfs/dcache.ts'
import { openFmode } from '../../vfs/file.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import { NOTHING, copyDataInto } from './copy-up-content.ts'
import type { Copying } from './copy-up-content.ts'
import { chooseDestination, throughTmpfile, throughWorkdir } from './copy-up-place.ts'
import {
  OVL_HAS_DIGEST, OVL_INDEX, OVL_UPPERDATA, clearInodeFlag, hasUpperAlias, hasUpperdata, isRegMode, lowerOf, lowerPath,
  ovlFs, setInodeFlag, setUpperAlias, testInodeFlag, upperOf, upperPath,
} from './node.ts'
import type { OvlFs } from './node.ts'
import type { Machine } from '../../machine.ts'
import { shouldSync } from './config.ts'
import { setNlink } from './index-dir.ts'
import { setTimes, valueReader } from './copy-data.ts'
import { setImpure } from './upper-marks.ts'
import { lookupUpper, linkReal, setRealXattr, removeOwn, getLink, wantWrite } from './real.ts'

export const SPECIAL: ReadonlySet<number> = new Set([S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK])

/** An open for writing, or one that truncates. */
export const opensForWriting = (flags: number): boolean =>
  flags !== 0 && ((openFmode(flags) & FMODE_WRITE) !== 0 || (flags & O_TRUNC) !== 0)

export const alreadyCopiedUp = (dentry: Dentry, flags: number): boolean =>
  upperOf(dentry) !== null && hasUpperAlias(dentry) &&
  !(opensForWriting(flags) && !hasUpperdata(dentry.d_inode as Inode))

const copyUp = (machine: Machine, c: Copying): number => {
  const { ofs, inode, dentry } = c
  let rc = chooseDestination(machine, c)
  if (rc !== 0) return rc
  const toIndex = c.destdir !== upperOf(c.parent)
  rc = isRegMode(c.stat.mode) && ofs.tmpfile ? throughTmpfile(machine, c) : throughWorkdir(machine, c)
  if (rc !== 0) return rc
  const upper = upperOf(dentry) as Dentry
  if (c.indexed) setInodeFlag(inode, OVL_INDEX)
  if (toIndex) return setNlink(machine, ofs, inode, upper, upper, 'U')
  setTimes(machine, ofs, c.destdir, c.pstat)
  setUpperAlias(dentry)
  askLikeReal(dentry, upper)
  return 0
}

const askLikeReal = (dentry: Dentry, upper: Dentry): void => {
  dentry.d_flags |= upper.d_flags & DCACHE_OP_REVALIDATE
}

/** A further name of a file that has been copied up under another one. */
const linkUp = (machine: Machine, { ofs, inode, dentry, parent, pstat }: Copying): number => {
  const upperdir = upperOf(parent) as Dentry
  const own = upperOf(dentry) as Dentry
  let rc = setImpure(machine, parent, upperdir)
  if (rc === 0) rc = setNlink(machine, ofs, inode, own, lowerOf(dentry) as Dentry, 'L')
  if (rc !== 0) return rc
  const upper = lookupUpper(machine, ofs, dentry.d_name.name, upperdir)
  if (typeof upper === 'number') return upper
  rc = linkReal(machine, ofs, own, upperdir, upper)
  if (rc !== 0) return rc
  setTimes(machine, ofs, upperdir, pstat)
  setUpperAlias(dentry)
  askLikeReal(dentry, upper)
  return setNlink(machine, ofs, inode, own, own, 'U')
}

/** Copies the bytes of a file whose attributes are copied up; restores file capabilities, which a write drops. */
const copyUpData = (machine: Machine, c: Copying): number => {
  const { ofs, dentry, inode } = c
  const upper = upperPath(dentry)
  const caps = c.stat.size > 0 ? valueReader(machine, upper)(XATTR_NAME_CAPS) : NOTHING
  let rc = copyDataInto(machine, c, upper)
  if (rc === 0 && typeof caps !== 'number' && caps.length > 0) {
    rc = setRealXattr(machine, ofs, upper.dentry, XATTR_NAME_CAPS, caps, 0)
  }
  if (rc === 0) rc = removeOwn(machine, ofs, upper.dentry, 'metacopy')
  if (rc !== 0) return rc
  clearInodeFlag(inode, OVL_HAS_DIGEST)
  setInodeFlag(inode, OVL_UPPERDATA)
  return 0
}

/** Attributes alone are enough, for now. */
const needsMetaOnly = (ofs: OvlFs, mode: number, flags: number): boolean =>
  ofs.config.metacopy && isRegMode(mode) && !opensForWriting(flags) && ofs.config.verity !== 'require'

/** Whether a copy is written out once all is there; without the option `fsync` so is any that has its data. */
const syncsLate = ({ rules }: Machine, { config }: OvlFs): boolean =>
  rules.overlayFsync ? config.fsync === 'strict' : shouldSync(config) && !config.metacopy

const begin = (machine: Machine, parent: Dentry, dentry: Dentry, flags: number): Copying | number => {
  const { vfs } = machine
  const ofs = ovlFs(dentry.d_sb)
  if (ofs.workdir === null) return -EROFS
  const lower = lowerPath(dentry)
  const stat = new Kstat()
  const pstat = new Kstat()
  let rc = vfs.vfs_getattr(lower, stat)
  if (rc !== 0) return rc
  const { user_ns } = machine.current.task.cred
  if (!kuid_has_mapping(user_ns, stat.uid) || !kgid_has_mapping(user_ns, stat.gid)) return -EOVERFLOW
  rc = vfs.vfs_getattr(upperPath(parent), pstat)
  if (rc !== 0) return rc
  const type = stat.mode & S_IFMT
  const metacopy = needsMetaOnly(ofs, stat.mode, flags)
  const note = machine.overlayNote?.(lower, stat) ?? null
  if ((flags & O_TRUNC) !== 0) stat.size = 0
  const text = type === S_IFLNK ? getLink(machine, lower.dentry) : undefined
  if (typeof text === 'number') return text
  return {
    ofs, dentry, inode: dentry.d_inode as Inode, parent, lower, stat, pstat, link: text, metacopy,
    lateSync: syncsLate(machine, ofs) && (type === S_IFREG || type === S_IFDIR),
    workdir: ofs.workdir, destdir: upperOf(parent) as Dentry, destname: dentry.d_name.name, origin: null,
    indexed: false, note,
  }
}

export const copyUpOne = (machine: Machine, parent: Dentry, dentry: Dentry, flags: number): number => {
  const c = begin(machine, parent, dentry, flags)
  if (typeof c === 'number') return c
  let rc = wantWrite(dentry.d_sb)
  if (rc === 0 && upperOf(dentry) === null) rc = copyUp(machine, c)
  if (rc === 0 && !hasUpperAlias(dentry)) rc = linkUp(machine, c)
  const lacksData = opensForWriting(flags) && !testInodeFlag(c.inode, OVL_UPPERDATA)
  return rc === 0 && lacksData ? copyUpData(machine, c) : rc
}
