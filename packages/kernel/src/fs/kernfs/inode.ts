/** Inodes of kernfs nodes (fs/kernfs/inode.c, dir.c, symlink.c). */
import {
  ATTR_ATIME, ATTR_CTIME, ATTR_GID, ATTR_MODE, ATTR_MTIME, ATTR_UID, EINVAL, EISDIR, ENODEV, ENOMEM, EPERM, S_IFDIR,
  S_IFLNK, S_IFMT,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, File, Iattr, Inode, MntIdmap, Path, SuperBlock } from '@lsmkit/core'
import { empty_dir_inode_operations } from '../../vfs/empty-dir.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { dtType, emitDots } from '../../vfs/readdir.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import { fileOperations, inodeOperations } from '../../state/vfs/driver.ts'
import type { InodeOperations, DirContext } from '../../state/vfs/driver.ts'
import { kernfsNode, file_fops } from './file.ts'
import { wayFrom } from '../../state/kernfs/node.ts'
import type { KernfsNode } from '../../state/kernfs/node.ts'
import type { KernfsInstance, KernfsOperations } from './instance.ts'
import { bound } from '../../state/bound.ts'

const END_OF_DIR = 0x7fffffff

/** The text of the link `from` to the node `to` (kernfs_get_target_path). */
const linkText = (from: KernfsNode, to: KernfsNode): string => {
  const { up, down } = wayFrom(from.parent!, to)
  return [...Array<string>(up).fill('..'), ...down].join('/')
}

/** As `kernfs_refresh_inode`: copies the node's attributes into the inode. */
const refresh = (kn: KernfsNode, inode: Inode): void => {
  inode.i_mode = kn.mode
  if (kn.isDir) inode.i_nlink = kn.subdirs + 2
  const { iattr } = kn
  if (iattr === null) return
  inode.i_uid = iattr.uid
  inode.i_gid = iattr.gid
  ;[inode.i_atime_sec, inode.i_atime_nsec] = [iattr.atime.sec, iattr.atime.nsec]
  ;[inode.i_mtime_sec, inode.i_mtime_nsec] = [iattr.mtime.sec, iattr.mtime.nsec]
  ;[inode.i_ctime_sec, inode.i_ctime_nsec] = [iattr.ctime.sec, iattr.ctime.nsec]
}

const iterate_shared = (file: File, ctx: DirContext): number => {
  if (!emitDots(file, ctx)) return 0
  // the root has number 1, so no other node has the position of `.` or `..`
  for (const kn of kernfsNode(file.f_inode).childrenFrom(ctx.pos)) {
    ctx.pos = kn.id
    if (!ctx.emit(kn.name, kn.id, dtType(kn.mode))) return 0
  }
  ctx.pos = END_OF_DIR
  return 0
}

const dir_fops = fileOperations({
  read: () => -EISDIR,
  llseek: (file, offset, whence) => generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, 0),
  iterate_shared,
})

/** The inode of a node, which outlives its names; null if an LSM refuses it. */
export const kernfs_get_inode = (own: KernfsInstance, sb: SuperBlock, kn: KernfsNode): Inode | null => {
  const known = kn.inodes.get(sb)
  if (known !== undefined) return known
  const type = kn.mode & S_IFMT
  const { dir, file, link } = own.operations
  const i_op = kn.isEmptyDir ? empty_dir_inode_operations : type === S_IFDIR ? dir : type === S_IFLNK ? link : file
  const fops = type === S_IFDIR ? dir_fops : file_fops
  const inode = own.machine.vfs.new_inode(sb, kn.mode, i_op, fops, kn)
  if (inode === null) return null
  inode.i_ino = kn.id
  inode.i_size = kn.size
  refresh(kn, inode)
  kn.addInode(inode)
  return inode
}

const lookup = (own: KernfsInstance, dir: Inode, dentry: Dentry): number => {
  const kn = kernfsNode(dir).children!.get(dentry.d_name.name) ?? null
  const inode = kn === null ? null : kernfs_get_inode(own, dir.i_sb, kn)
  if (kn !== null && inode === null) return -ENOMEM
  own.machine.vfs.d_add(dentry, inode)
  return 0
}

const permission = ({ machine }: KernfsInstance, inode: Inode, mask: number): number => {
  refresh(kernfsNode(inode), inode)
  return machine.vfs.generic_permission(nop_mnt_idmap, inode, mask)
}

const getattr = (path: Path, stat: Kstat): number => {
  const inode = path.dentry.d_inode!
  refresh(kernfsNode(inode), inode)
  generic_fillattr(nop_mnt_idmap, inode, stat)
  return 0
}

/** A change of the size is ignored. */
const setattr = (own: KernfsInstance, _idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const inode = dentry.d_inode!
  const rc = own.machine.vfs.setattr_prepare(nop_mnt_idmap, dentry, attr)
  if (rc !== 0) return rc
  const kn = kernfsNode(inode)
  const iattr = own.root.iattrs(kn)
  own.machine.vfs.setattr_copy(nop_mnt_idmap, inode, attr)
  const { ia_valid } = attr
  if ((ia_valid & ATTR_UID) !== 0) iattr.uid = inode.i_uid
  if ((ia_valid & ATTR_GID) !== 0) iattr.gid = inode.i_gid
  if ((ia_valid & ATTR_ATIME) !== 0) iattr.atime = { sec: inode.i_atime_sec, nsec: inode.i_atime_nsec }
  if ((ia_valid & ATTR_MTIME) !== 0) iattr.mtime = { sec: inode.i_mtime_sec, nsec: inode.i_mtime_nsec }
  if ((ia_valid & ATTR_CTIME) !== 0) iattr.ctime = { sec: inode.i_ctime_sec, nsec: inode.i_ctime_nsec }
  if ((ia_valid & ATTR_MODE) !== 0) kn.mode = inode.i_mode
  return 0
}

const listxattr = (own: KernfsInstance, dentry: Dentry): readonly string[] | number =>
  own.machine.vfs.simple_xattr_list(dentry.d_inode!, kernfsNode(dentry.d_inode!).xattrNames())

const mkdir = (own: KernfsInstance, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
  if (own.root.rules.mkdir === undefined) return -EPERM
  const parent = kernfsNode(dir)
  return parent.active ? own.root.rules.mkdir(parent, dentry.d_name.name, mode) : -ENODEV
}

const rmdir = (own: KernfsInstance, _dir: Inode, dentry: Dentry): number => {
  if (own.root.rules.rmdir === undefined) return -EPERM
  const kn = kernfsNode(dentry.d_inode!)
  return kn.active ? own.root.rules.rmdir(kn) : -ENODEV
}

/** No tree here allows renames. */
const rename: InodeOperations['rename'] = (_idmap, _oldDir, _oldDentry, _newDir, _newDentry, flags) =>
  flags !== 0 ? -EINVAL : -EPERM

const get_link = (_dentry: Dentry, inode: Inode): string => {
  const kn = kernfsNode(inode)
  return linkText(kn, kn.target!)
}

export const inodesOf = (own: KernfsInstance): Pick<KernfsOperations, 'dir' | 'file' | 'link'> => {
  // asked at every step of a walk: a closure is quicker than a bound function
  const mayAccess = (inode: Inode, mask: number): number => permission(own, inode, mask)
  const common = { ...bound(own, { setattr, listxattr }), permission: mayAccess, getattr }
  return {
    dir: inodeOperations({ ...bound(own, { lookup, mkdir, rmdir }), rename, ...common }),
    file: inodeOperations(common),
    link: inodeOperations({ ...common, get_link }),
  }
}
