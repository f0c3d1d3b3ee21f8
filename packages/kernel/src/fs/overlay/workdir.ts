/** The work directory of an overlay, the features of its file system, and the index (fs/overlayfs/super.c). */
import {
  ATTR_MODE, EINVAL, ENODATA, ENOTDIR, EOPNOTSUPP, RENAME_WHITEOUT, S_IFDIR, S_IFREG, XATTR_NAME_POSIX_ACL_ACCESS,
  XATTR_NAME_POSIX_ACL_DEFAULT, O_LARGEFILE, O_RDONLY,
} from '@lsmkit/abi'
import type { Dentry, Inode, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { AttrChange } from '../../state/vfs/iattr.ts'
import { redirectFollow, hasFsid } from './config.ts'
import { tryReading } from './dir-cache.ts'
import { isDirDentry, ovlFs } from './node.ts'
import type { OvlFs, OvlPath } from './node.ts'
import {
  bytesOf, removeRealAcl, notifyChange, lookupUpper, createReal, tmpfileReal, createTemp, lookupTemp, renameReal,
  isWhiteout, upperPlace, cleanupReal, wantWrite, openReal, setOwn, removeOwn, holdReal,
} from './real.ts'
import { areApart, cleanupWorkdir, cleanupIndex } from './whiteout.ts'
import { setLayerTrap, lockInUse, reportInUse, dropLayerTrap } from './layers.ts'
import { canDecode, hasOriginXattr, verifyReal, originHandle, verifyOrSet } from './origin.ts'

const WORKDIR = 'work'
const INDEXDIR = 'index'
/** Name that a volatile mount leaves in the work directory. */
const VOLATILE = ['incompat', 'volatile', 'dirty'] as const

/** Only the kernel can enter it. */
const closeToAll = (machine: Machine, ofs: OvlFs, work: Dentry): number => {
  for (const name of [XATTR_NAME_POSIX_ACL_DEFAULT, XATTR_NAME_POSIX_ACL_ACCESS]) {
    const rc = removeRealAcl(machine, ofs, work, name)
    if (rc !== 0 && rc !== -ENODATA && rc !== -EOPNOTSUPP) return rc
  }
  const attr = new AttrChange(ATTR_MODE)
  attr.ia_mode = S_IFDIR
  return notifyChange(machine, ofs, work, attr)
}

/** A directory below the one of `workdir=`: -EINVAL, or null when it cannot be had and all is read-only. */
const createWorkdir = (machine: Machine, ofs: OvlFs, name: string, persist: boolean): Dentry | number | null => {
  const base = ofs.workbasedir as Dentry
  for (let retried = false; ; retried = true) {
    const found = lookupUpper(machine, ofs, name, base)
    if (typeof found === 'number') return null
    if (found.d_inode === null) {
      const made = createReal(machine, ofs, base, found, { mode: S_IFDIR })
      return typeof made === 'number' || closeToAll(machine, ofs, made) !== 0 ? null : made
    }
    if (retried) return null
    if (persist) return found
    if (cleanupWorkdir(machine, ofs, base, found, 0) === -EINVAL) return -EINVAL
  }
}

const lookupOrCreate = (
  machine: Machine, ofs: OvlFs, parent: Dentry, name: string, isDir: boolean,
): Dentry | number => {
  const child = lookupUpper(machine, ofs, name, parent)
  if (typeof child === 'number') return child
  if (child.d_inode === null) return createReal(machine, ofs, parent, child, { mode: isDir ? S_IFDIR : S_IFREG })
  return isDir && !isDirDentry(child) ? -ENOTDIR : child
}

/** Marks the upper directory, so that the next mount knows that it may be incomplete. */
const markVolatile = (machine: Machine, ofs: OvlFs): number => {
  let at: Dentry | number = lookupOrCreate(machine, ofs, ofs.workbasedir as Dentry, WORKDIR, true)
  for (const name of VOLATILE) {
    if (typeof at === 'number') return at
    at = lookupOrCreate(machine, ofs, at, name, name !== 'dirty')
  }
  return typeof at === 'number' ? at : 0
}

const hasTmpfile = (machine: Machine, ofs: OvlFs, workdir: Dentry): boolean => {
  const file = tmpfileReal(machine, ofs, workdir, S_IFREG)
  if (typeof file === 'number') return false
  machine.vfs.fput(file)
  return true
}

/** RENAME_WHITEOUT is tried on a file made for it. */
const tryRenameWhiteout = (machine: Machine, ofs: OvlFs, workdir: Dentry): number => {
  const temp = createTemp(machine, ofs, workdir, { mode: S_IFREG })
  if (typeof temp === 'number') return temp
  const dest = lookupTemp(machine, ofs, workdir)
  if (typeof dest === 'number') return dest
  const { name } = temp.d_name
  let rc = renameReal(machine, ofs, workdir, temp, workdir, dest, RENAME_WHITEOUT)
  if (rc === 0) {
    const whiteout = lookupUpper(machine, ofs, name, workdir)
    if (typeof whiteout === 'number') rc = whiteout
    else if (isWhiteout(machine, ofs, upperPlace(ofs, whiteout))) cleanupReal(machine, ofs, workdir, whiteout)
  } else if (rc === -EINVAL) rc = 0
  cleanupReal(machine, ofs, workdir, temp)
  return rc
}

/** Without attributes most features have nowhere to write. */
const withoutXattrs = (ofs: OvlFs): void => {
  const { config } = ofs
  ofs.noxattr = true
  if (redirectFollow(config)) config.redirect_mode = 'nofollow'
  config.metacopy = config.index = false
  if (hasFsid(config)) config.uuid = 'null'
  if (config.xino === 'auto') config.xino = 'off'
}

const makeWorkdir = (machine: Machine, sb: SuperBlock, base: Path): number => {
  const ofs = ovlFs(sb)
  let rc = wantWrite(sb)
  if (rc !== 0) return rc
  const workdir = createWorkdir(machine, ofs, WORKDIR, false)
  if (workdir === null || typeof workdir === 'number') return workdir ?? 0
  ofs.workdir = workdir
  const trapped = setLayerTrap(machine, ofs, sb, workdir)
  if (typeof trapped === 'number') return trapped
  ofs.workdir_trap = trapped
  // do listings have the types of names?
  rc = tryReading(machine.vfs, openReal(machine, base, O_RDONLY | O_LARGEFILE))
  if (rc < 0) return rc
  ofs.tmpfile = hasTmpfile(machine, ofs, workdir)
  rc = tryRenameWhiteout(machine, ofs, workdir)
  if (rc < 0) return rc
  if (setOwn(machine, ofs, workdir, 'opaque', bytesOf('0')) !== 0) withoutXattrs(ofs)
  else removeOwn(machine, ofs, workdir, 'opaque')
  if (ofs.config.fsync === 'volatile') {
    rc = markVolatile(machine, ofs)
    if (rc < 0) return rc
  }
  const handles = canDecode(machine, workdir.d_sb)
  if (!handles) ofs.config.index = false
  ofs.nofh ||= !handles
  if (!ofs.config.index) ofs.config.nfs_export = false
  return 0
}

export const getWorkdir = (machine: Machine, sb: SuperBlock, upper: Path, work: Path): number => {
  const ofs = ovlFs(sb)
  if (upper.mnt !== work.mnt || !areApart(work.dentry, upper.dentry)) return -EINVAL
  ofs.workbasedir = work.dentry
  holdReal(machine, work.dentry)
  if (lockInUse(machine, work.dentry)) ofs.workdir_locked = true
  else {
    const rc = reportInUse(ofs)
    if (rc !== 0) return rc
  }
  const trapped = setLayerTrap(machine, ofs, sb, work.dentry)
  return typeof trapped === 'number' ? trapped : makeWorkdir(machine, sb, work)
}

const verifyIndexdir = (machine: Machine, ofs: OvlFs, indexdir: Dentry, upper: Dentry): number => {
  if (hasOriginXattr(machine, ofs, indexdir)) {
    const rc = verifyReal(machine, ofs, indexdir, 'origin', upper, true, false)
    if (rc !== 0) return rc
  }
  const rc = verifyReal(machine, ofs, indexdir, 'upper', upper, true, true)
  return rc !== 0 ? rc : cleanupIndex(machine, ofs)
}

/** The index takes the place of the work directory. It belongs to these lower and upper roots alone. */
export const getIndexdir = (machine: Machine, sb: SuperBlock, stack: readonly OvlPath[], upper: Path): number => {
  const ofs = ovlFs(sb)
  const fh = originHandle(machine, ofs, stack[0]?.dentry as Dentry)
  if (typeof fh === 'number') return fh
  let rc = wantWrite(sb)
  if (rc === 0) rc = verifyOrSet(machine, ofs, upper.dentry, 'origin', fh, true)
  if (rc !== 0) return rc
  dropLayerTrap(machine, ofs, ofs.workdir_trap as Inode)
  ofs.workdir = null
  const indexdir = createWorkdir(machine, ofs, INDEXDIR, true)
  if (indexdir === null || typeof indexdir === 'number') return indexdir ?? 0
  ofs.workdir = indexdir
  const trapped = setLayerTrap(machine, ofs, sb, indexdir)
  rc = typeof trapped === 'number' ? trapped : 0
  return rc !== 0 ? rc : verifyIndexdir(machine, ofs, indexdir, upper.dentry)
}
