/** Copying up: a file that is about to change gets its place in the upper layer (fs/overlayfs/copy_up.c). */
import {
  EEXIST, EIO, EOPNOTSUPP, EOVERFLOW, EROFS, FMODE_WRITE, O_LARGEFILE, O_TRUNC, O_WRONLY, S_IFBLK, S_IFCHR, S_IFDIR,
  S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, XATTR_NAME_CAPS,
} from '@lsmkit/abi'
import { kgid_has_mapping, kuid_has_mapping, ref } from '@lsmkit/core'
import type { Cred, Dentry, File, Inode, Path } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { openFmode } from '../../vfs/file.ts'
import { Kstat } from '../../vfs/kstat.ts'
import { d_ancestor, DCACHE_OP_REVALIDATE } from '../../vfs/dcache.ts'
import type { FileCopies } from './copy-data.ts'
import type { IndexDirectory } from './index-dir.ts'
import { COPY_I_FLAGS } from './inodes.ts'
import type { OverlayInodes } from './inodes.ts'
import type { Lookups } from './lookup.ts'
import {
  clearInodeFlag, hasUpperAlias, hasUpperdata, isRegMode, lowerOf, lowerPath, ovlFs, OVL_HAS_DIGEST, OVL_INDEX,
  OVL_UPPERDATA, OVL_WHITEOUTS, parentOf, setInodeFlag, setUpperAlias, testInodeFlag, upperOf, upperPath,
} from './node.ts'
import type { OvlFs } from './node.ts'

import type { Origins } from './origin.ts'
import type { RealOperations } from './real.ts'
import type { UpperMarks } from './upper-marks.ts'

const SPECIAL: ReadonlySet<number> = new Set([S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK])
const NOTHING = new Uint8Array()

/** An open for writing, or one that truncates. */
const opensForWriting = (flags: number): boolean =>
  flags !== 0 && ((openFmode(flags) & FMODE_WRITE) !== 0 || (flags & O_TRUNC) !== 0)

/** One file on its way (struct ovl_copy_up_ctx). */
interface Copying {
  readonly ofs: OvlFs
  readonly dentry: Dentry
  readonly inode: Inode
  readonly parent: Dentry
  readonly lower: Path
  readonly stat: Kstat
  /** Of the upper directory, whose times stay as they were. */
  readonly pstat: Kstat
  readonly link: string | undefined
  readonly metacopy: boolean
  /** fsync=strict: once, after everything is there. */
  readonly lateSync: boolean
  workdir: Dentry
  destdir: Dentry
  destname: string
  /** Null: nothing is said about where it came from. */
  origin: Uint8Array | null
  indexed: boolean
}

export const copyUps = (
  machine: Machine,
  real: RealOperations,
  { originHandle, setOrigin }: Origins,
  { indexName, setNlink, createDirIndex }: IndexDirectory,
  { updateUpper }: OverlayInodes,
  { verifyLowerdata }: Lookups,
  { setImpure }: UpperMarks,
  { copyData, copyXattrs, copyFlags, setSize, setTimes, setAttrs, valueReader, fsync }: FileCopies,
) => {
  const { vfs, creds, lsm, current } = machine
  const { asMounter, lookupUpper, createTemp, openReal, tmpfile, link, rename, cleanup, checkSetOwn } = real

  /** Lower files of several names have an entry in the index; with nfs_export all have. */
  const needsIndex = (dentry: Dentry): boolean => {
    const ofs = ovlFs(dentry.d_sb)
    const inode = lowerOf(dentry)?.d_inode ?? null
    if (inode === null || ofs.indexdir === null) return false
    return ofs.indexAll || ((inode.i_mode & S_IFMT) !== S_IFDIR && inode.i_nlink > 1)
  }

  const alreadyCopiedUp = (dentry: Dentry, flags: number): boolean =>
    upperOf(dentry) !== null && hasUpperAlias(dentry) &&
    !(opensForWriting(flags) && !hasUpperdata(dentry.d_inode as Inode))

  /** Makes something with the credentials that an LSM wants it made with. */
  const asLsmSays = <T>(dentry: Dentry, run: () => T): T | number => {
    const next = ref<Cred | null>(null)
    const rc = lsm.inode_copy_up.ask(dentry, next)
    if (rc < 0) return rc
    if (next.value === null) return run()
    const old = creds.override_creds(next.value)
    try {
      return run()
    } finally {
      creds.revert_creds(old)
      creds.put_cred(next.value)
    }
  }

  const copyMetadata = (c: Copying, temp: Dentry): number => {
    const { ofs, inode, stat } = c
    const upper = real.upperPlace(ofs, temp)
    const type = stat.mode & S_IFMT
    let rc = copyXattrs(c.dentry.d_sb, c.lower, temp)
    if (rc !== 0) return rc
    if ((inode.i_flags & COPY_I_FLAGS) !== 0 && (type === S_IFREG || type === S_IFDIR)) {
      rc = copyFlags(inode, c.lower, upper)
      if (rc !== 0) return rc
    }
    if (c.origin !== null) rc = setOrigin(ofs, c.origin, temp)
    if (rc === 0 && c.metacopy) rc = setMetacopy(c, temp)
    if (rc === 0 && type === S_IFREG) rc = setSize(ofs, temp, stat)
    if (rc === 0) rc = setAttrs(ofs, temp, stat)
    return rc === 0 && c.lateSync ? syncReal(upper) : rc
  }
  /** Without fs-verity the attribute is empty; a digest that is required cannot be had. */
  const setMetacopy = ({ ofs }: Copying, temp: Dentry): number =>
    ofs.config.verity === 'require' ? -EIO : checkSetOwn(ofs, temp, 'metacopy', NOTHING, -EOPNOTSUPP)
  const syncReal = (path: Path): number => {
    const file = openReal(path, O_LARGEFILE)
    if (typeof file === 'number') return file
    const rc = fsync(file)
    vfs.fput(file)
    return rc
  }

  /** The upper file is in its place: from now on the inode is that one. */
  const installed = ({ inode, metacopy }: Copying, upper: Dentry): number => {
    clearInodeFlag(inode, OVL_HAS_DIGEST)
    if (!metacopy) setInodeFlag(inode, OVL_UPPERDATA)
    if ((inode.i_mode & S_IFMT) === S_IFDIR) setInodeFlag(inode, OVL_WHITEOUTS)
    updateUpper(inode, upper)
    return 0
  }

  const copyDataInto = (c: Copying, path: Path): number => {
    if (!isRegMode(c.stat.mode) || c.metacopy || c.stat.size === 0) return 0
    const file = openReal(path, O_LARGEFILE | O_WRONLY)
    if (typeof file === 'number') return file
    const rc = copyData(c.ofs, c.dentry, file, c.stat.size, !c.lateSync)
    vfs.fput(file)
    return rc
  }

  /** By way of a name in the work directory that is moved at the end. */
  const throughWorkdir = (c: Copying): number => {
    const { ofs, stat, workdir } = c
    const file = { mode: stat.mode & S_IFMT, rdev: stat.rdev, ...(c.link !== undefined && { link: c.link }) }
    const temp = asLsmSays(c.dentry, () => createTemp(ofs, workdir, file))
    if (typeof temp === 'number') return temp
    let rc = copyDataInto(c, real.upperPlace(ofs, temp))
    const trapped = workdir !== c.destdir &&
      (d_ancestor(workdir, c.destdir) !== null || d_ancestor(c.destdir, workdir) !== null)
    if (trapped || temp.d_parent !== workdir) return -EIO
    if (rc === 0) rc = copyMetadata(c, temp)
    const isDir = (stat.mode & S_IFMT) === S_IFDIR
    if (rc === 0 && isDir && c.indexed) rc = createDirIndex(ofs, c.origin as Uint8Array, temp)
    if (rc === 0) rc = moveInto(c, temp)
    if (rc === 0) return installed(c, temp)
    cleanup(ofs, workdir, temp)
    return rc
  }
  const moveInto = ({ ofs, workdir, destdir, destname }: Copying, temp: Dentry): number => {
    const upper = lookupUpper(ofs, destname, destdir)
    if (typeof upper === 'number') return upper
    return upper.d_inode !== null ? -EEXIST : rename(ofs, workdir, temp, destdir, upper, 0)
  }

  /** By way of a file without a name that gets one at the end. */
  const throughTmpfile = (c: Copying): number => {
    const file = asLsmSays(c.dentry, () => tmpfile(c.ofs, c.workdir, c.stat.mode))
    if (typeof file === 'number') return file
    const rc = fillTmpfile(c, file)
    vfs.fput(file)
    return rc
  }
  const fillTmpfile = (c: Copying, file: File): number => {
    const { ofs, stat, destdir } = c
    const temp = file.f_path.dentry
    let rc = 0
    if (!c.metacopy && stat.size > 0) rc = copyData(ofs, c.dentry, file, stat.size, !c.lateSync)
    if (rc === 0) rc = copyMetadata(c, temp)
    if (rc !== 0) return rc
    const upper = lookupUpper(ofs, c.destname, destdir)
    if (typeof upper === 'number') return upper
    rc = link(ofs, temp, destdir, upper)
    return rc !== 0 ? rc : installed(c, upper)
  }

  /** Where it goes: to its name, or into the index from where it gets one. */
  const chooseDestination = (c: Copying): number => {
    const { ofs, stat } = c
    const isDir = (stat.mode & S_IFMT) === S_IFDIR
    c.indexed = needsIndex(c.dentry)
    const toIndex = c.indexed && !isDir
    if (c.indexed && isDir) c.workdir = ofs.indexdir as Dentry
    if (isDir || stat.nlink === 1 || toIndex) {
      const fh = originHandle(ofs, c.lower.dentry)
      if (typeof fh === 'number') return fh
      c.origin = fh
    }
    if (!toIndex) return setImpure(c.parent, c.destdir)
    const name = indexName(ofs, c.lower.dentry)
    if (typeof name === 'number') return name
    c.destdir = ofs.indexdir as Dentry
    c.destname = name
    return 0
  }

  const copyUp = (c: Copying): number => {
    const { ofs, inode, dentry } = c
    let rc = chooseDestination(c)
    if (rc !== 0) return rc
    const toIndex = c.destdir !== upperOf(c.parent)
    rc = isRegMode(c.stat.mode) && ofs.tmpfile ? throughTmpfile(c) : throughWorkdir(c)
    if (rc !== 0) return rc
    const upper = upperOf(dentry) as Dentry
    if (c.indexed) setInodeFlag(inode, OVL_INDEX)
    if (toIndex) return setNlink(ofs, inode, upper, upper, 'U')
    setTimes(ofs, c.destdir, c.pstat)
    setUpperAlias(dentry)
    askLikeReal(dentry, upper)
    return 0
  }
  const askLikeReal = (dentry: Dentry, upper: Dentry): void => {
    dentry.d_flags |= upper.d_flags & DCACHE_OP_REVALIDATE
  }

  /** A further name of a file that has been copied up under another one. */
  const linkUp = ({ ofs, inode, dentry, parent, pstat }: Copying): number => {
    const upperdir = upperOf(parent) as Dentry
    const own = upperOf(dentry) as Dentry
    let rc = setImpure(parent, upperdir)
    if (rc === 0) rc = setNlink(ofs, inode, own, lowerOf(dentry) as Dentry, 'L')
    if (rc !== 0) return rc
    const upper = lookupUpper(ofs, dentry.d_name.name, upperdir)
    if (typeof upper === 'number') return upper
    rc = link(ofs, own, upperdir, upper)
    if (rc !== 0) return rc
    setTimes(ofs, upperdir, pstat)
    setUpperAlias(dentry)
    askLikeReal(dentry, upper)
    return setNlink(ofs, inode, own, own, 'U')
  }

  /** The bytes of a file whose attributes were copied up before; file capabilities, which a write takes, return. */
  const copyUpData = (c: Copying): number => {
    const { ofs, dentry, inode } = c
    const upper = upperPath(dentry)
    const caps = c.stat.size > 0 ? valueReader(upper)(XATTR_NAME_CAPS) : NOTHING
    let rc = copyDataInto(c, upper)
    if (rc === 0 && typeof caps !== 'number' && caps.length > 0) {
      rc = real.setxattr(ofs, upper.dentry, XATTR_NAME_CAPS, caps, 0)
    }
    if (rc === 0) rc = real.removeOwn(ofs, upper.dentry, 'metacopy')
    if (rc !== 0) return rc
    clearInodeFlag(inode, OVL_HAS_DIGEST)
    setInodeFlag(inode, OVL_UPPERDATA)
    return 0
  }

  /** Attributes alone are enough, for now. */
  const needsMetaOnly = (ofs: OvlFs, mode: number, flags: number): boolean =>
    ofs.config.metacopy && isRegMode(mode) && !opensForWriting(flags) && ofs.config.verity !== 'require'

  const begin = (parent: Dentry, dentry: Dentry, flags: number): Copying | number => {
    const ofs = ovlFs(dentry.d_sb)
    if (ofs.workdir === null) return -EROFS
    const lower = lowerPath(dentry)
    const stat = new Kstat()
    const pstat = new Kstat()
    let rc = vfs.vfs_getattr(lower, stat)
    if (rc !== 0) return rc
    const { user_ns } = current.task.cred
    if (!kuid_has_mapping(user_ns, stat.uid) || !kgid_has_mapping(user_ns, stat.gid)) return -EOVERFLOW
    rc = vfs.vfs_getattr(upperPath(parent), pstat)
    if (rc !== 0) return rc
    const type = stat.mode & S_IFMT
    const metacopy = needsMetaOnly(ofs, stat.mode, flags)
    if ((flags & O_TRUNC) !== 0) stat.size = 0
    const text = type === S_IFLNK ? real.getLink(lower.dentry) : undefined
    if (typeof text === 'number') return text
    return {
      ofs, dentry, inode: dentry.d_inode as Inode, parent, lower, stat, pstat, link: text, metacopy,
      lateSync: ofs.config.fsync === 'strict' && (type === S_IFREG || type === S_IFDIR),
      workdir: ofs.workdir, destdir: upperOf(parent) as Dentry, destname: dentry.d_name.name, origin: null,
      indexed: false,
    }
  }

  const copyUpOne = (parent: Dentry, dentry: Dentry, flags: number): number => {
    const c = begin(parent, dentry, flags)
    if (typeof c === 'number') return c
    let rc = real.wantWrite(dentry.d_sb)
    if (rc === 0 && upperOf(dentry) === null) rc = copyUp(c)
    if (rc === 0 && !hasUpperAlias(dentry)) rc = linkUp(c)
    const lacksData = opensForWriting(flags) && !testInodeFlag(c.inode, OVL_UPPERDATA)
    return rc === 0 && lacksData ? copyUpData(c) : rc
  }

  /** The topmost directory first; the way is short, since the root is always there. */
  const copyUpFlags = (dentry: Dentry, flags: number): number => {
    const rc = verifyLowerdata(dentry)
    if (rc !== 0) return rc
    return asMounter(dentry.d_sb, () => {
      while (!alreadyCopiedUp(dentry, flags)) {
        let next = dentry
        while (upperOf(parentOf(next)) === null) {
          if (next.d_parent === null) return -EROFS
          next = next.d_parent
        }
        const answer = copyUpOne(parentOf(next), next, flags)
        if (answer !== 0) return answer
      }
      return 0
    })
  }

  /** Attributes only, where metacopy allows it. */
  const copyUpFor = (dentry: Dentry): number => copyUpFlags(dentry, 0)
  const copyUpWithData = (dentry: Dentry): number => copyUpFlags(dentry, O_WRONLY)
  /** Before an open: what is only read stays where it is, and so does what is no file. */
  const maybeCopyUp = (dentry: Dentry, flags: number): number => {
    if (alreadyCopiedUp(dentry, flags) || SPECIAL.has((dentry.d_inode as Inode).i_mode & S_IFMT)) return 0
    return opensForWriting(flags) ? copyUpFlags(dentry, flags) : 0
  }

  return { needsIndex, copyUpFor, copyUpWithData, maybeCopyUp }
}
export type CopyUps = ReturnType<typeof copyUps>
