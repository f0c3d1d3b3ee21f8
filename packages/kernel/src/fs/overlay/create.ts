/** New names in an overlay (fs/overlayfs/dir.c). */
import {
  ATTR_MODE, EIO, ENOMEM, EOPNOTSUPP, EPERM, EROFS, ESTALE, O_NOATIME, RENAME_EXCHANGE, S_IFCHR, S_IFLNK, S_IFMT,
  S_IFREG, S_IFDIR, XATTR_NAME_POSIX_ACL_ACCESS, XATTR_NAME_POSIX_ACL_DEFAULT,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Cred, Dentry, File, Inode, MntIdmap } from '@lsmkit/core'
import type { NewAcls } from '../../interfaces/vfs-contents.ts'
import type { Machine } from '../../machine.ts'
import { AttrChange } from '../../state/vfs/iattr.ts'
import { fileState } from '../../state/vfs/state.ts'
import { allowOfflineChanges } from './config.ts'
import {
  hasOrigin, isDirDentry, isDirMode, isMerge, isMetacopy, isWhiteoutName, ovlFs, OVL_UPPERDATA, parentOf, setInodeFlag,
  setUpperAlias, upperOf, upperPath,
} from './node.ts'
import type { OvlFs } from './node.ts'
import {
  WHITEOUT_DEV, createReal, lookupUpper, cleanupReal, notifyChange, setRealAcl, renameReal, isWhiteout, upperPlace,
  createTemp, asMounter, wantWrite,
} from './real.ts'
import type { NewFile } from './real.ts'
import { areApart } from './whiteout.ts'
import { getInode, newInode } from './inodes.ts'
import { initRevalidate } from './lookup.ts'
import { markOpaque, dirModified, setImpure } from './upper-marks.ts'
import { copyUpFor } from './copy-up.ts'
import { nlinkStart, nlinkEnd } from './nlink.ts'
import { setRedirect } from './redirect.ts'
import { openTmpfile } from './backing.ts'

/** The upper file is made: the overlay's name leads to it. */
const instantiate = (
  machine: Machine, dentry: Dentry, inode: Inode, upper: Dentry, hardlink: boolean, file: File | null,
): number => {
  setUpperAlias(dentry)
  let own = inode
  if (hardlink) inode.i_nlink++
  else {
    const found = getInode(machine, dentry.d_sb, {
      newinode: inode, upper, lower: [], index: false, redirect: null, lowerdata_redirect: null,
    })
    if (typeof found === 'number') return found
    own = found
    if (own === inode) setInodeFlag(inode, OVL_UPPERDATA)
  }
  if (file !== null) {
    own.i_nlink = 0
    machine.vfs.d_tmpfile(dentry, own)
  } else machine.vfs.d_instantiate(dentry, own)
  initRevalidate(dentry, upper, [])
  // the next look-up finds the lower file of another hard link
  if (hardlink) machine.vfs.d_drop(dentry)
  return 0
}

const createUpper = (machine: Machine, ofs: OvlFs, dentry: Dentry, inode: Inode, file: NewFile): number => {
  const parent = parentOf(dentry)
  const upperdir = upperOf(parent) as Dentry
  const made = createReal(machine, ofs, upperdir, lookupUpper(machine, ofs, dentry.d_name.name, upperdir), file)
  if (typeof made === 'number') return made
  // only an optimisation, which may fail
  if (isMerge(parent) && isDirDentry(made) && !allowOfflineChanges(ofs.config)) markOpaque(machine, dentry, made)
  dirModified(parent, false)
  const rc = instantiate(machine, dentry, inode, made, file.hardlink !== undefined, null)
  if (rc !== 0) cleanupReal(machine, ofs, upperdir, made)
  return rc
}

/** Restores mode bits that the umask took, and ACLs, which the work directory does not pass on. */
const completeNew = (machine: Machine, ofs: OvlFs, made: Dentry, { mode, acl, default_acl }: NewAcls): number => {
  let rc = 0
  if ((mode & S_IFMT) !== S_IFLNK && (made.d_inode as Inode).i_mode !== mode) {
    const attr = new AttrChange(ATTR_MODE)
    attr.ia_mode = mode
    rc = notifyChange(machine, ofs, made, attr)
  }
  if (rc === 0 && acl !== null) rc = setRealAcl(machine, ofs, made, XATTR_NAME_POSIX_ACL_ACCESS, acl)
  if (rc === 0 && default_acl !== null) rc = setRealAcl(machine, ofs, made, XATTR_NAME_POSIX_ACL_DEFAULT, default_acl)
  return rc
}

/** From the work directory onto the whiteout; a directory changes places with it. */
const replaceWhiteout = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, whiteout: Dentry, made: Dentry, acls: NewAcls | null,
): number => {
  const workdir = ofs.workdir as Dentry
  const upperdir = upperOf(parentOf(dentry)) as Dentry
  let rc = acls === null ? 0 : completeNew(machine, ofs, made, acls)
  if (rc !== 0) return rc
  if (acls === null || !isDirMode(acls.mode)) return renameReal(machine, ofs, workdir, made, upperdir, whiteout, 0)
  rc = markOpaque(machine, dentry, made)
  if (rc === 0) rc = renameReal(machine, ofs, workdir, made, upperdir, whiteout, RENAME_EXCHANGE)
  if (rc === 0) cleanupReal(machine, ofs, workdir, whiteout)
  return rc
}

const createOverWhiteout = (machine: Machine, ofs: OvlFs, dentry: Dentry, inode: Inode, file: NewFile): number => {
  const parent = parentOf(dentry)
  const { workdir } = ofs
  const upperdir = upperOf(parent) as Dentry
  if (workdir === null) return -EROFS
  const hardlink = file.hardlink !== undefined
  const acls = hardlink ? null : machine.vfs.posix_acl_create(parent.d_inode as Inode, file.mode)
  if (typeof acls === 'number') return acls
  if (!areApart(workdir, upperdir)) return -EIO
  const whiteout = lookupUpper(machine, ofs, dentry.d_name.name, upperdir)
  if (typeof whiteout === 'number') return whiteout
  if (whiteout.d_inode === null || !isWhiteout(machine, ofs, upperPlace(ofs, whiteout))) return -ESTALE
  const made = createTemp(machine, ofs, workdir, acls === null ? file : { ...file, mode: acls.mode })
  if (typeof made === 'number') return made
  let rc = replaceWhiteout(machine, ofs, dentry, whiteout, made, acls)
  if (rc !== 0) {
    cleanupReal(machine, ofs, workdir, made)
    return rc
  }
  dirModified(parent, false)
  rc = instantiate(machine, dentry, inode, made, hardlink, null)
  if (rc !== 0) cleanupReal(machine, ofs, upperdir, made)
  return rc
}

/** Runs with the mounter's credentials, but with the new file's owner, and the label that an LSM wants for it. */
const asCreator = (
  machine: Machine, dentry: Dentry, inode: Inode, mode: number, caller: Cred, run: () => number,
): number => {
  const next = machine.creds.prepare_creds()
  if (next === null) return -ENOMEM
  next.fsuid = inode.i_uid
  next.fsgid = inode.i_gid
  const rc = machine.lsm.dentry_create_files_as.ask(dentry, mode, dentry.d_name, caller, next)
  if (rc !== 0) {
    machine.creds.put_cred(next)
    return rc
  }
  const old = machine.creds.override_creds(next)
  try {
    return run()
  } finally {
    machine.creds.revert_creds(old)
    machine.creds.put_cred(next)
  }
}

const createOrLink = (machine: Machine, dentry: Dentry, inode: Inode, file: NewFile, origin: boolean): number => {
  const ofs = ovlFs(dentry.d_sb)
  const caller = machine.current.task.cred
  return asMounter(machine, dentry.d_sb, () => {
    const parent = parentOf(dentry)
    if (origin) {
      const rc = setImpure(machine, parent, upperOf(parent) as Dentry)
      if (rc !== 0) return rc
    }
    const make = (): number =>
      isWhiteoutName(dentry) ? createOverWhiteout(machine, ofs, dentry, inode, file) : createUpper(
        machine, ofs, dentry, inode, file,
      )
    return file.hardlink === undefined ? asCreator(machine, dentry, inode, file.mode, caller, make) : make()
  })
}

const createObject = (
  machine: Machine, dir: Inode, dentry: Dentry, mode: number, rdev: number, link?: string,
): number => {
  let rc = copyUpFor(machine, parentOf(dentry))
  if (rc === 0) rc = wantWrite(dentry.d_sb)
  if (rc !== 0) return rc
  const inode = newInode(machine, dentry.d_sb, mode, rdev)
  if (inode === null) return -ENOMEM
  machine.vfs.inode_init_owner(nop_mnt_idmap, inode, dir, mode)
  rc = createOrLink(machine, dentry, inode, { mode: inode.i_mode, rdev, ...(link !== undefined && { link }) }, false)
  if (inode !== dentry.d_inode) machine.vfs.evictIfUnused(inode)
  return rc
}

export const createFile = (machine: Machine, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number =>
  createObject(machine, dir, dentry, (mode & 0o7777) | S_IFREG, 0)

export const makeDir = (machine: Machine, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number =>
  createObject(machine, dir, dentry, (mode & 0o7777) | S_IFDIR, 0)

export const makeLink = (machine: Machine, _idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number =>
  createObject(machine, dir, dentry, S_IFLNK, 0, target)

export const makeNode = (
  machine: Machine, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, rdev: number,
): number =>
  (mode & S_IFMT) === S_IFCHR && rdev === WHITEOUT_DEV ? -EPERM : createObject(machine, dir, dentry, mode, rdev)

export const linkEntry = (machine: Machine, old: Dentry, _dir: Inode, dentry: Dentry): number => {
  let rc = copyUpFor(machine, old)
  if (rc === 0) rc = copyUpFor(machine, parentOf(dentry))
  if (rc === 0) rc = nlinkStart(machine, old)
  if (rc !== 0) return rc
  if (isMetacopy(old)) rc = asMounter(machine, old.d_sb, () => setRedirect(machine, old, false))
  const inode = old.d_inode as Inode
  const file = { mode: inode.i_mode, hardlink: upperOf(old) as Dentry }
  if (rc === 0) rc = createOrLink(machine, dentry, inode, file, hasOrigin(old))
  nlinkEnd(machine, old)
  return rc
}

const createTmpfile = (machine: Machine, file: File, dentry: Dentry, inode: Inode): number => {
  const caller = machine.current.task.cred
  return asMounter(machine, dentry.d_sb, () =>
    asCreator(machine, dentry, inode, inode.i_mode, caller, () => {
      const parent = upperPath(parentOf(dentry))
      const backing = openTmpfile(machine, file, file.f_flags | O_NOATIME, parent, inode.i_mode)
      if (typeof backing === 'number') return backing
      const rc = instantiate(machine, dentry, inode, backing.f_path.dentry, false, file)
      if (rc !== 0) {
        machine.vfs.fput(backing)
        return rc
      }
      fileState(file).data = backing
      fileState(backing).makeRare().user_inode = inode
      machine.vfs.ihold(inode)
      return 0
    }))
}

/** The real one is open already when the overlay's own is opened. */
export const makeTmpfile = (machine: Machine, _idmap: MntIdmap, dir: Inode, file: File, mode: number): number => {
  const { dentry } = file.f_path
  if (!ovlFs(dentry.d_sb).tmpfile) return -EOPNOTSUPP
  let rc = copyUpFor(machine, parentOf(dentry))
  if (rc === 0) rc = wantWrite(dentry.d_sb)
  if (rc !== 0) return rc
  const inode = newInode(machine, dentry.d_sb, mode, 0)
  if (inode === null) return -ENOMEM
  machine.vfs.inode_init_owner(nop_mnt_idmap, inode, dir, mode)
  rc = createTmpfile(machine, file, dentry, inode)
  if (rc !== 0) machine.vfs.evictIfUnused(inode)
  return rc
}
