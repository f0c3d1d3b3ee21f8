/**
 * Operations of an overlay on its layers: functions of the VFS, called with the mounter's credentials
 * (fs/overlayfs/overlayfs.h, util.c).
 */
import {
  EIO, EOPNOTSUPP, EPERM, ESTALE, MAY_OPEN, MAY_READ, MAY_WRITE, O_ACCMODE, O_LARGEFILE, O_NOATIME, O_RDONLY, O_WRONLY,
  S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Dentry, File, Iattr, Inode, MntIdmap, Path, PosixAcl, SuperBlock, VfsMount } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { mnt_want_write } from '../../state/vfs/mount.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { isDirDentry, ovlFs } from './node.ts'
import type { OvlFs } from './node.ts'

/** A character device 0:0 stands for a name that is gone. */
export const WHITEOUT_DEV = 0

/** Attributes of the overlay's own on its layers; `userxattr` puts them where anybody may write. */
export type OvlXattr =
  'opaque' | 'redirect' | 'origin' | 'impure' | 'nlink' | 'upper' | 'uuid' | 'metacopy' | 'protattr' | 'whiteout' |
  'note'

/** Attributes of a file to be made (struct ovl_cattr). */
export interface NewFile {
  readonly mode: number
  readonly rdev?: number
  readonly link?: string
  readonly hardlink?: Dentry
}

const ascii = new TextEncoder()
export const bytesOf = (text: string): Uint8Array => ascii.encode(text)

export const isWhiteoutInode = (inode: Inode | null): boolean =>
  inode !== null && (inode.i_mode & S_IFMT) === S_IFCHR && inode.i_rdev === WHITEOUT_DEV

/** Runs with the mounter's credentials. */
export const asMounter = <T>(machine: Machine, sb: SuperBlock, run: () => T): T => {
  const old = machine.creds.override_creds(ovlFs(sb).creator_cred)
  try {
    return run()
  } finally {
    machine.creds.revert_creds(old)
  }
}

export const holdReal = (machine: Machine, dentry: Dentry | null): void => {
  if (dentry !== null && dentry.d_inode !== null) machine.vfs.ihold(dentry.d_inode)
}

export const releaseReal = (machine: Machine, dentry: Dentry | null): void => {
  if (dentry !== null && dentry.d_inode !== null) machine.vfs.iput(dentry.d_inode)
}

export const upperMnt = (ofs: OvlFs): VfsMount => ofs.upperMnt as VfsMount

export const upperIdmap = (ofs: OvlFs): MntIdmap => upperMnt(ofs).mnt_idmap

export const upperPlace = (ofs: OvlFs, dentry: Dentry): Path => ({ mnt: upperMnt(ofs), dentry })

/** 0, or -EROFS when the upper layer has become read-only. */
export const wantWrite = (sb: SuperBlock): number => mnt_want_write(upperMnt(ovlFs(sb)))

const xattrName = (ofs: OvlFs, name: OvlXattr): string =>
  `${ofs.config.userxattr ? 'user' : 'trusted'}.overlay.${name}`

export const getRealXattr = (machine: Machine, path: Path, name: string): Uint8Array | number =>
  machine.vfs.vfs_getxattr(path.mnt.mnt_idmap, path.dentry, name, true)

export const getOwn = (
  machine: Machine, ofs: OvlFs, path: Path, name: OvlXattr,
): Uint8Array | number => getRealXattr(machine, path, xattrName(ofs, name))

export const setRealXattr = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, name: string, value: Uint8Array, flags: number,
): number =>
  machine.vfs.vfs_setxattr(upperIdmap(ofs), dentry, name, value, flags)

export const setOwn = (machine: Machine, ofs: OvlFs, dentry: Dentry, name: OvlXattr, value: Uint8Array): number =>
  setRealXattr(machine, ofs, dentry, xattrName(ofs, name), value, 0)

export const removeRealXattr = (machine: Machine, ofs: OvlFs, dentry: Dentry, name: string): number =>
  machine.vfs.vfs_removexattr(upperIdmap(ofs), dentry, name)

export const removeOwn = (machine: Machine, ofs: OvlFs, dentry: Dentry, name: OvlXattr): number =>
  removeRealXattr(machine, ofs, dentry, xattrName(ofs, name))

/** As setOwn; `xerr` where the upper layer keeps no attributes. */
export const checkSetOwn = (
  machine: Machine, ofs: OvlFs, dentry: Dentry, name: OvlXattr, value: Uint8Array, xerr: number,
): number => {
  if (ofs.noxattr) return xerr
  const rc = setOwn(machine, ofs, dentry, name, value)
  if (rc !== -EOPNOTSUPP) return rc
  ofs.noxattr = true
  return xerr
}

/** The one byte of an attribute of a directory, or ''. */
export const dirXattr = (machine: Machine, ofs: OvlFs, path: Path, name: OvlXattr): string => {
  if (!isDirDentry(path.dentry)) return ''
  const value = getOwn(machine, ofs, path, name)
  return typeof value !== 'number' && value.length === 1 ? String.fromCharCode(value[0] as number) : ''
}

/** A whiteout of either kind: the device, or an empty file with the attribute. */
export const isWhiteout = (machine: Machine, ofs: OvlFs, path: Path): boolean => {
  const inode = path.dentry.d_inode
  if (isWhiteoutInode(inode)) return true
  if (inode === null || (inode.i_mode & S_IFMT) !== S_IFREG || inode.i_size !== 0) return false
  return typeof getOwn(machine, ofs, path, 'whiteout') !== 'number'
}

export const lookupUpper = (machine: Machine, ofs: OvlFs, name: string, base: Dentry): Dentry | number =>
  machine.vfs.lookup_one(upperIdmap(ofs), name, base)

export const notifyChange = (machine: Machine, ofs: OvlFs, dentry: Dentry, attr: Iattr): number =>
  machine.vfs.notify_change(upperIdmap(ofs), dentry, attr)

export const setRealAcl = (machine: Machine, ofs: OvlFs, dentry: Dentry, name: string, acl: PosixAcl): number =>
  machine.vfs.vfs_set_acl(upperIdmap(ofs), dentry, name, acl)

export const removeRealAcl = (machine: Machine, ofs: OvlFs, dentry: Dentry, name: string): number =>
  machine.vfs.do_remove_acl(upperIdmap(ofs), dentry, name)

const dirOf = (dentry: Dentry): Inode => dentry.d_inode as Inode

/** A name that goes keeps its inode until the end of the operation. */
const keeping = (machine: Machine, dentry: Dentry, run: () => number): number => {
  holdReal(machine, dentry)
  const rc = run()
  releaseReal(machine, dentry)
  return rc
}

export const unlinkReal = (machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry): number =>
  keeping(machine, dentry, () => machine.vfs.vfs_unlink(upperIdmap(ofs), dirOf(dir), dentry))

export const rmdirReal = (machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry): number =>
  keeping(machine, dentry, () => machine.vfs.vfs_rmdir(upperIdmap(ofs), dirOf(dir), dentry))

export const renameReal = (
  machine: Machine, ofs: OvlFs, from: Dentry, old: Dentry, to: Dentry, next: Dentry, flags: number,
): number =>
  keeping(machine, next, () =>
    machine.vfs.vfs_rename({
      idmap: upperIdmap(ofs), old_dir: dirOf(from), old_dentry: old, new_dir: dirOf(to), new_dentry: next, flags,
    }))

export const linkReal = (machine: Machine, ofs: OvlFs, old: Dentry, dir: Dentry, dentry: Dentry): number =>
  machine.vfs.vfs_link(old, upperIdmap(ofs), dirOf(dir), dentry)

/** Removes leftovers; a failure is ignored. */
export const cleanupReal = (machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry): number =>
  isDirDentry(dentry) ? rmdirReal(machine, ofs, dir, dentry) : unlinkReal(machine, ofs, dir, dentry)

/** Makes something under a name that is free. */
export const makeReal = (machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry, file: NewFile): number => {
  const idmap = upperIdmap(ofs)
  const inode = dirOf(dir)
  if (file.hardlink !== undefined) return linkReal(machine, ofs, file.hardlink, dir, dentry)
  switch (file.mode & S_IFMT) {
    case S_IFREG:
      return machine.vfs.vfs_create(idmap, inode, dentry, file.mode)
    case S_IFDIR:
      return machine.vfs.vfs_mkdir(idmap, inode, dentry, file.mode)
    case S_IFLNK:
      return machine.vfs.vfs_symlink(idmap, inode, dentry, file.link ?? '')
    default:
      return machine.vfs.vfs_mknod(idmap, inode, dentry, file.mode, file.rdev ?? 0)
  }
}

/** The dentry of the new file; `dentry` may be the error of its look-up. */
export const createReal = (
  machine: Machine, ofs: OvlFs, dir: Dentry, dentry: Dentry | number, file: NewFile,
): Dentry | number => {
  if (typeof dentry === 'number') return dentry
  if (dentry.d_inode !== null) return -ESTALE
  const rc = makeReal(machine, ofs, dir, dentry, file)
  if (rc !== 0) return rc
  return dentry.d_inode === null ? -EIO : dentry
}

/** A name of the work directory that nothing has. */
export const lookupTemp = (machine: Machine, ofs: OvlFs, workdir: Dentry): Dentry | number => {
  const temp = lookupUpper(machine, ofs, `#${(++machine.overlayTable.lastTemp).toString(16)}`, workdir)
  return typeof temp !== 'number' && temp.d_inode !== null ? -EIO : temp
}

export const createTemp = (machine: Machine, ofs: OvlFs, workdir: Dentry, file: NewFile): Dentry | number =>
  createReal(machine, ofs, workdir, lookupTemp(machine, ofs, workdir), file)

/** Opens a real file for the overlay's own use; the mounter is asked for. */
export const openReal = (machine: Machine, path: Path, flags: number): File | number => {
  const inode = path.dentry.d_inode as Inode
  const access = (flags & O_ACCMODE) === O_RDONLY ? MAY_READ : MAY_WRITE
  const rc = machine.vfs.inode_permission(path.mnt.mnt_idmap, inode, access | MAY_OPEN)
  if (rc !== 0) return rc
  const noatime = machine.vfs.inode_owner_or_capable(path.mnt.mnt_idmap, inode) ? O_NOATIME : 0
  return machine.vfs.dentry_open(path, flags | noatime, machine.current.task.cred)
}

/** A file without a name in the work directory. */
export const tmpfileReal = (machine: Machine, ofs: OvlFs, dir: Dentry, mode: number): File | number =>
  machine.vfs.kernel_tmpfile_open(upperPlace(ofs, dir), mode, O_LARGEFILE | O_WRONLY, machine.current.task.cred)

/** The text of a real symbolic link (vfs_get_link). */
export const getLink = (machine: Machine, dentry: Dentry): string | number => {
  const inode = dentry.d_inode as Inode
  const { rare, i_op } = inodeState(inode)
  const rc = machine.lsm.inode_readlink.ask(dentry)
  if (rc !== 0) return rc
  const body = rare?.i_link ?? i_op.get_link?.(dentry, inode) ?? -EPERM
  return typeof body === 'object' ? -EPERM : body
}
