/** Attributes of tmpfs inodes, for stat, chmod, chattr and truncate (mm/shmem.c). */
import {
  ATTR_MODE, ATTR_SIZE, EOPNOTSUPP, EPERM, F_SEAL_EXEC, F_SEAL_GROW, F_SEAL_SHRINK, FS_APPEND_FL, FS_IMMUTABLE_FL,
  FS_NOATIME_FL, FS_NODUMP_FL, S_APPEND, S_IFMT, S_IFREG, S_IMMUTABLE, S_NOATIME, STATX_ATTR_APPEND,
  STATX_ATTR_IMMUTABLE, STATX_ATTR_NODUMP, STATX_BTIME, XATTR_NAME_POSIX_ACL_ACCESS,
} from '@lsmkit/abi'
import type { Dentry, Iattr, Inode, MntIdmap, Path, PosixAcl } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { fileattr_of_flags, FS_XFLAG_COMMON } from '../../vfs/fileattr.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { posix_acl_equiv_mode } from '../../vfs/posix-acl.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import type { FileAttr } from '../../state/vfs/driver.ts'
import { account_pages } from './blocks.ts'
import { tmpfsNode } from './node.ts'
import type { Pages } from './pages.ts'

/** Flags that a new file inherits from its directory. */
export const INHERITED = FS_NODUMP_FL | FS_NOATIME_FL
/** Flags that chattr may change. */
const MODIFIABLE = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL
const S_FLAGS: readonly (readonly [number, number])[] = [
  [FS_NOATIME_FL, S_NOATIME], [FS_APPEND_FL, S_APPEND], [FS_IMMUTABLE_FL, S_IMMUTABLE],
]

export const setFlags = (inode: Inode, fsflags: number): void => {
  tmpfsNode(inode).fsflags = fsflags
  for (const [flag, bit] of S_FLAGS) {
    inode.i_flags = (fsflags & flag) !== 0 ? inode.i_flags | bit : inode.i_flags & ~bit
  }
}

/** A seal forbids this change of size or mode. */
const sealed = (inode: Inode, attr: Iattr): boolean => {
  const { seals } = tmpfsNode(inode)
  if (
    (attr.ia_valid & ATTR_MODE) !== 0 &&
    (seals & F_SEAL_EXEC) !== 0 &&
    ((inode.i_mode ^ attr.ia_mode) & 0o111) !== 0
  ) {
    return true
  }
  if ((attr.ia_valid & ATTR_SIZE) === 0) return false
  return (
    (attr.ia_size < inode.i_size && (seals & F_SEAL_SHRINK) !== 0) ||
    (attr.ia_size > inode.i_size && (seals & F_SEAL_GROW) !== 0)
  )
}

export const getattr = (path: Path, stat: Kstat): number => {
  const inode = path.dentry.d_inode as Inode
  const node = tmpfsNode(inode)
  stat.attributes_mask |= STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP
  if ((node.fsflags & FS_APPEND_FL) !== 0) stat.attributes |= STATX_ATTR_APPEND
  if ((node.fsflags & FS_IMMUTABLE_FL) !== 0) stat.attributes |= STATX_ATTR_IMMUTABLE
  if ((node.fsflags & FS_NODUMP_FL) !== 0) stat.attributes |= STATX_ATTR_NODUMP
  generic_fillattr(path.mnt.mnt_idmap, inode, stat)
  stat.btime_sec = node.crtime_sec
  stat.btime_nsec = node.crtime_nsec
  stat.result_mask |= STATX_BTIME
  return 0
}

export const fileattr_get = (dentry: Dentry): FileAttr => fileattr_of_flags(tmpfsNode(dentry.d_inode as Inode).fsflags)

const resize = (machine: Machine, inode: Inode, size: number): void => {
  const pages = tmpfsNode(inode).pages as Pages
  const { count, bytes } = pages
  if (size <= inode.i_size) pages.truncate(size)
  inode.i_size = size
  account_pages(machine, inode, count, bytes)
}

export const setattr = (machine: Machine, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const inode = dentry.d_inode as Inode
  const rc = machine.vfs.setattr_prepare(idmap, dentry, attr)
  if (rc !== 0) return rc
  const sizes = (attr.ia_valid & ATTR_SIZE) !== 0 && (inode.i_mode & S_IFMT) === S_IFREG
  if (sealed(inode, attr)) return -EPERM
  const before = inode.i_size
  if (sizes) resize(machine, inode, attr.ia_size)
  const error = machine.vfs.dquot_transfer(idmap, inode, attr, inode.i_blocks * 512)
  if (error !== 0) return error
  machine.vfs.setattr_copy(idmap, inode, attr)
  if (!sizes) machine.vfs.touchChanged(inode)
  else if (before !== attr.ia_size || tmpfsNode(inode).pages?.count !== 0) machine.vfs.touchModified(inode)
  return (attr.ia_valid & ATTR_MODE) !== 0 ? machine.vfs.posix_acl_chmod(idmap, dentry) : 0
}

export const listxattr = (machine: Machine, dentry: Dentry): readonly string[] | number => {
  const inode = dentry.d_inode as Inode
  return machine.vfs.simple_xattr_list(inode, tmpfsNode(inode).xattrs?.names() ?? [])
}

/** As `shmem_fileattr_set`: project ids and extent hints are not kept. */
export const fileattr_set = (machine: Machine, dentry: Dentry, fa: FileAttr): number => {
  const inode = dentry.d_inode as Inode
  const beyond = (fa.fsx_xflags & ~FS_XFLAG_COMMON) !== 0 || fa.fsx_extsize !== 0 || fa.fsx_projid !== 0
  if (fa.fsx && (beyond || fa.fsx_cowextsize !== 0)) return -EOPNOTSUPP
  if ((fa.flags & ~MODIFIABLE) !== 0) return -EOPNOTSUPP
  setFlags(inode, fa.flags)
  machine.vfs.touchChanged(inode)
  return 0
}

export const set_acl = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string,
): number =>
  machine.vfs.simple_set_acl(idmap, dentry.d_inode as Inode, acl, name)

/** As `shmem_set_acl`: the mode of a sealed file cannot be changed through its ACL either. */
export const setFileAcl = (
  machine: Machine, idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string,
): number => {
  const { i_mode } = dentry.d_inode as Inode
  const isSealed = (tmpfsNode(dentry.d_inode as Inode).seals & F_SEAL_EXEC) !== 0
  const mode = acl !== null && name === XATTR_NAME_POSIX_ACL_ACCESS ? posix_acl_equiv_mode(acl).mode : i_mode
  return isSealed && ((mode ^ i_mode) & 0o111) !== 0 ? -EPERM : set_acl(machine, idmap, dentry, acl, name)
}
