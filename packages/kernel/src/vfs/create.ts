/** Making names: files, directories, device nodes, symbolic and hard links (fs/namei.c). */
import {
  AT_EMPTY_PATH, AT_SYMLINK_FOLLOW, CAP_MKNOD, EACCES, EEXIST, EINVAL, ENOENT, EOVERFLOW, EPERM, EXDEV, IN_ATTRIB,
  IN_CREATE, MAY_READ, MAY_WRITE, S_APPEND, S_IALLUGO, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK,
  S_IMMUTABLE, S_IRWXUGO, S_ISGID, S_ISUID, S_ISVTX, S_IXGRP,
} from '@lsmkit/abi'
import { capable, nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, MntIdmap } from '@lsmkit/core'
import type { NewName } from '../interfaces/vfs-names.ts'
import type { Machine } from '../machine.ts'
import { audit_inode } from '../state/audit-names.ts'
import {
  LAST_NORM, LOOKUP_CREATE, LOOKUP_DIRECTORY, LOOKUP_EMPTY, LOOKUP_EXCL, LOOKUP_FOLLOW, LOOKUP_LINKAT_EMPTY,
} from '../state/vfs/lookup-flags.ts'
import { mnt_want_write } from '../state/vfs/mount.ts'
import { getname } from '../state/vfs/names.ts'
import { inodeState } from '../state/vfs/state.ts'
import { may_create, vfs_prepare_mode, mode_strip_umask } from './create-checks.ts'
import { new_decode_dev } from './devnum.ts'
import { filename_parentat, lookup_one_qstr_excl, filename_lookup } from './path/lookup.ts'
import { hasUnmappedId, inode_permission, inode_owner_or_capable } from './path/permission.ts'

/** A character device 0:0 marks a removed name (overlayfs). Making one needs no capability. */
const WHITEOUT_DEV = 0

/** As `may_mknod`: 0 or -errno for the file type in `mode`. */
const mayMknod = (mode: number): number => {
  const type = mode & S_IFMT
  if (type === 0 || type === S_IFREG || type === S_IFCHR || type === S_IFBLK || type === S_IFIFO || type === S_IFSOCK)
    return 0
  return type === S_IFDIR ? -EPERM : -EINVAL
}

/** Files that protected_hardlinks guards: special files and set-id files. */
const isRiskyLinkSource = (mode: number): boolean =>
  (mode & S_IFMT) !== S_IFREG || (mode & S_ISUID) !== 0 || (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)

/** As `filename_create`: the place for a new name, or -errno. -EROFS comes after all other errors. */
export const filename_create = (
  machine: Machine, dfd: number, name: unknown, lookup_flags: number,
): NewName | number => {
  const path = getname(name)
  if (typeof path === 'number') return path
  const nd = filename_parentat(machine, dfd, path, 0)
  if (typeof nd === 'number') return nd
  if (nd.last_type !== LAST_NORM) return -EEXIST
  const parent = nd.path()
  const writable = mnt_want_write(parent.mnt)
  const isMisnamed = nd.trailing && (lookup_flags & LOOKUP_DIRECTORY) === 0
  const dentry = lookup_one_qstr_excl(machine, nd.last, parent.dentry, isMisnamed ? 0 : LOOKUP_CREATE | LOOKUP_EXCL)
  if (typeof dentry === 'number') return dentry
  if (dentry.d_inode !== null) return -EEXIST
  if (isMisnamed) return -ENOENT
  return writable !== 0 ? writable : { parent, dentry }
}

/** Notifies watchers of a new name if `rc` is 0. Returns `rc`. */
const made = (machine: Machine, rc: number, dir: Inode, dentry: Dentry): number => {
  if (rc === 0) audit_inode(machine, dentry.d_inode)
  if (rc === 0) machine.fsnotify.name(IN_CREATE, dir, dentry.d_inode, dentry.d_name.name)
  return rc
}

export const vfs_create = (machine: Machine, idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
  let rc = may_create(machine, idmap, dir, dentry)
  if (rc !== 0) return rc
  const { create } = inodeState(dir).i_op
  if (create === null) return -EACCES
  mode = vfs_prepare_mode(machine, idmap, dir, mode, S_IALLUGO, S_IFREG)
  rc = machine.lsm.inode_create.ask(dir, dentry, mode)
  return rc !== 0 ? rc : made(machine, create(idmap, dir, dentry, mode), dir, dentry)
}

/** As `vfs_mkobj`: calls `make` to give the dentry an inode, after the checks of a new regular file. */
export const vfs_mkobj = (machine: Machine, dentry: Dentry, mode: number, make: () => number): number => {
  const dir = dentry.d_parent!.d_inode as Inode
  let rc = may_create(machine, nop_mnt_idmap, dir, dentry)
  if (rc !== 0) return rc
  rc = machine.lsm.inode_create.ask(dir, dentry, (mode & S_IALLUGO) | S_IFREG)
  return rc !== 0 ? rc : made(machine, make(), dir, dentry)
}

export const vfs_mknod = (
  machine: Machine, idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number,
): number => {
  let rc = may_create(machine, idmap, dir, dentry)
  if (rc !== 0) return rc
  const type = mode & S_IFMT
  const isDevice = type === S_IFBLK || (type === S_IFCHR && dev !== WHITEOUT_DEV)
  if (isDevice && !capable(machine.lsm, machine.current, CAP_MKNOD)) return -EPERM
  const { mknod } = inodeState(dir).i_op
  if (mknod === null) return -EPERM
  mode = vfs_prepare_mode(machine, idmap, dir, mode, mode, mode)
  rc = machine.lsm.inode_mknod.ask(dir, dentry, mode, dev)
  return rc !== 0 ? rc : made(machine, mknod(idmap, dir, dentry, mode, dev), dir, dentry)
}

export const do_mknodat = (machine: Machine, dfd: number, name: unknown, mode: number, dev: number): number => {
  let rc = mayMknod(mode)
  if (rc !== 0) return rc
  const at = filename_create(machine, dfd, name, 0)
  if (typeof at === 'number') return at
  const dir = at.parent.dentry.d_inode as Inode
  const { mnt_idmap } = at.parent.mnt
  rc = machine.lsm.path_mknod.ask(at.parent, at.dentry, mode_strip_umask(machine, dir, mode), dev)
  if (rc !== 0) return rc
  const type = mode & S_IFMT
  const isDevice = type === S_IFCHR || type === S_IFBLK
  if (isDevice || type === S_IFIFO || type === S_IFSOCK) {
    return machine.vfs.vfs_mknod(mnt_idmap, dir, at.dentry, mode, isDevice ? new_decode_dev(dev) : 0)
  }
  rc = machine.vfs.vfs_create(mnt_idmap, dir, at.dentry, mode)
  if (rc === 0) machine.lsm.path_post_mknod.tell(mnt_idmap, at.dentry)
  return rc
}

export const vfs_mkdir = (machine: Machine, idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
  let rc = may_create(machine, idmap, dir, dentry)
  if (rc !== 0) return rc
  const { mkdir } = inodeState(dir).i_op
  if (mkdir === null) return -EPERM
  mode = vfs_prepare_mode(machine, idmap, dir, mode, S_IRWXUGO | S_ISVTX, 0)
  rc = machine.lsm.inode_mkdir.ask(dir, dentry, mode)
  return rc !== 0 ? rc : made(machine, mkdir(idmap, dir, dentry, mode), dir, dentry)
}

export const do_mkdirat = (machine: Machine, dfd: number, name: unknown, mode: number): number => {
  const at = filename_create(machine, dfd, name, LOOKUP_DIRECTORY)
  if (typeof at === 'number') return at
  const dir = at.parent.dentry.d_inode as Inode
  const rc = machine.lsm.path_mkdir.ask(at.parent, at.dentry, mode_strip_umask(machine, dir, mode))
  return rc !== 0 ? rc : machine.vfs.vfs_mkdir(at.parent.mnt.mnt_idmap, dir, at.dentry, mode)
}

export const vfs_symlink = (machine: Machine, idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
  let rc = may_create(machine, idmap, dir, dentry)
  if (rc !== 0) return rc
  const { symlink } = inodeState(dir).i_op
  if (symlink === null) return -EPERM
  rc = machine.lsm.inode_symlink.ask(dir, dentry, target)
  return rc !== 0 ? rc : made(machine, symlink(idmap, dir, dentry, target), dir, dentry)
}

export const do_symlinkat = (machine: Machine, target: unknown, dfd: number, name: unknown): number => {
  const text = getname(target)
  if (typeof text === 'number') return text
  const at = filename_create(machine, dfd, name, 0)
  if (typeof at === 'number') return at
  const rc = machine.lsm.path_symlink.ask(at.parent, at.dentry, text)
  if (rc !== 0) return rc
  return machine.vfs.vfs_symlink(at.parent.mnt.mnt_idmap, at.parent.dentry.d_inode as Inode, at.dentry, text)
}

/** As `may_linkat`: protected_hardlinks allows links to files that the caller owns, or may read and write. */
const may_linkat = (machine: Machine, idmap: MntIdmap, source: Inode): number => {
  if (hasUnmappedId(idmap, source)) return -EOVERFLOW
  if (machine.sysctl.protected_hardlinks === 0) return 0
  const isRisky = isRiskyLinkSource(source.i_mode)
  if (!isRisky && inode_permission(machine, idmap, source, MAY_READ | MAY_WRITE) === 0) return 0
  return inode_owner_or_capable(machine, idmap, source) ? 0 : -EPERM
}

export const vfs_link = (
  machine: Machine, old_dentry: Dentry, idmap: MntIdmap, dir: Inode, new_dentry: Dentry,
): number => {
  const inode = old_dentry.d_inode
  if (inode === null) return -ENOENT
  let rc = may_create(machine, idmap, dir, new_dentry)
  if (rc !== 0) return rc
  if (dir.i_sb !== inode.i_sb) return -EXDEV
  if ((inode.i_flags & (S_APPEND | S_IMMUTABLE)) !== 0 || hasUnmappedId(idmap, inode)) return -EPERM
  const { link } = inodeState(dir).i_op
  if (link === null || (inode.i_mode & S_IFMT) === S_IFDIR) return -EPERM
  rc = machine.lsm.inode_link.ask(old_dentry, dir, new_dentry)
  if (rc !== 0) return rc
  const state = inodeState(inode)
  if (inode.i_nlink === 0 && state.rare?.linkable !== true) return -ENOENT
  rc = link(old_dentry, dir, new_dentry)
  if (rc !== 0) return rc
  if (state.rare !== null) state.rare.linkable = false
  machine.fsnotify.inode(IN_ATTRIB, inode)
  return made(machine, 0, dir, new_dentry)
}

export const do_linkat = (
  machine: Machine, olddfd: number, oldname: unknown, newdfd: number, newname: unknown, flags: number,
): number => {
  if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL
  const empty = (flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0
  const how = (empty !== 0 ? LOOKUP_LINKAT_EMPTY : 0) | ((flags & AT_SYMLINK_FOLLOW) !== 0 ? LOOKUP_FOLLOW : 0)
  const name = getname(oldname, empty)
  if (typeof name === 'number') return name
  const old = filename_lookup(machine, olddfd, name, how, null)
  if (typeof old === 'number') return old
  const at = filename_create(machine, newdfd, newname, 0)
  if (typeof at === 'number') return at
  if (old.mnt !== at.parent.mnt) return -EXDEV
  const { mnt_idmap } = at.parent.mnt
  let rc = may_linkat(machine, mnt_idmap, old.dentry.d_inode as Inode)
  if (rc !== 0) return rc
  rc = machine.lsm.path_link.ask(old.dentry, at.parent, at.dentry)
  return rc !== 0 ? rc : machine.vfs.vfs_link(old.dentry, mnt_idmap, at.parent.dentry.d_inode as Inode, at.dentry)
}
