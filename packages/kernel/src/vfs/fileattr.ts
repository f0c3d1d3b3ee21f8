/** Inode flags as chattr(1) sees them: FS_IOC_GETFLAGS and FS_IOC_FSGETXATTR (fs/ioctl.c). */
import {
  CAP_LINUX_IMMUTABLE, EINVAL, ENOIOCTLCMD, EPERM, FS_APPEND_FL, FS_DAX_FL, FS_IMMUTABLE_FL, FS_NOATIME_FL,
  FS_NODUMP_FL, FS_PROJINHERIT_FL, FS_SYNC_FL, FS_XFLAG_APPEND, FS_XFLAG_COWEXTSIZE, FS_XFLAG_DAX, FS_XFLAG_EXTSIZE,
  FS_XFLAG_EXTSZINHERIT, FS_XFLAG_IMMUTABLE, FS_XFLAG_NOATIME, FS_XFLAG_NODUMP, FS_XFLAG_PROJINHERIT, FS_XFLAG_SYNC,
  S_IFDIR, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Dentry, FileKattr, Inode, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { FileAttr } from '../state/vfs/driver.ts'
import { inodeState } from '../state/vfs/state.ts'
import { inode_owner_or_capable } from './path/permission.ts'

const COMMON: readonly (readonly [number, number])[] = [
  [FS_SYNC_FL, FS_XFLAG_SYNC], [FS_IMMUTABLE_FL, FS_XFLAG_IMMUTABLE], [FS_APPEND_FL, FS_XFLAG_APPEND],
  [FS_NODUMP_FL, FS_XFLAG_NODUMP],
  [FS_NOATIME_FL, FS_XFLAG_NOATIME], [FS_DAX_FL, FS_XFLAG_DAX], [FS_PROJINHERIT_FL, FS_XFLAG_PROJINHERIT],
]
const FS_COMMON_FL = COMMON.reduce((mask, [flag]) => mask | flag, 0)
export const FS_XFLAG_COMMON = COMMON.reduce((mask, [, xflag]) => mask | xflag, 0)

export const fileattr_of_flags = (flags: number): FileAttr => {
  let fsx_xflags = 0
  for (const [flag, xflag] of COMMON) if ((flags & flag) !== 0) fsx_xflags |= xflag
  return { flags, fsx: false, fsx_xflags, fsx_extsize: 0, fsx_projid: 0, fsx_cowextsize: 0 }
}

export const flags_of_xflags = (xflags: number): number => {
  let flags = 0
  for (const [flag, xflag] of COMMON) if ((xflags & xflag) !== 0) flags |= flag
  return flags
}

/** Whether the extent hints are valid: for files, or for directories whose files inherit them. */
const hintsFit = ({ i_mode }: Inode, xflags: number): boolean => {
  const isFile = (i_mode & S_IFMT) === S_IFREG
  const isDir = (i_mode & S_IFMT) === S_IFDIR
  if ((xflags & FS_XFLAG_EXTSIZE) !== 0 && !isFile) return false
  if ((xflags & FS_XFLAG_EXTSZINHERIT) !== 0 && !isDir) return false
  return (xflags & (FS_XFLAG_COWEXTSIZE | FS_XFLAG_DAX)) === 0 || isFile || isDir
}

/** As hooks have it. */
const kattrOf = ({ flags, fsx_xflags, fsx_extsize, fsx_projid, fsx_cowextsize }: FileAttr): FileKattr =>
  ({ flags, fsx_xflags, fsx_extsize, fsx_nextents: 0, fsx_projid, fsx_cowextsize })

/** Since 6.17 LSMs are asked about it. */
export const vfs_fileattr_get = (machine: Machine, dentry: Dentry): FileAttr | number => {
  const { fileattr_get } = inodeState(dentry.d_inode as Inode).i_op
  if (fileattr_get === null) return -ENOIOCTLCMD
  const rc = machine.lsm.inode_file_getattr?.ask(dentry, kattrOf(fileattr_of_flags(0))) ?? 0
  return rc !== 0 ? rc : fileattr_get(dentry)
}

const prepare = (machine: Machine, inode: Inode, old: FileAttr, fa: FileAttr): number => {
  const isGuarded = ((fa.flags ^ old.flags) & (FS_APPEND_FL | FS_IMMUTABLE_FL)) !== 0
  if (isGuarded && !capable(machine.lsm, machine.current, CAP_LINUX_IMMUTABLE)) return -EPERM
  if (machine.current.task.cred.user_ns !== machine.init_user_ns) {
    const changed = old.fsx_xflags ^ fa.fsx_xflags
    if (old.fsx_projid !== fa.fsx_projid || (changed & FS_XFLAG_PROJINHERIT) !== 0) return -EINVAL
  }
  if (!hintsFit(inode, fa.fsx_xflags)) return -EINVAL
  if (fa.fsx_extsize === 0) fa.fsx_xflags &= ~(FS_XFLAG_EXTSIZE | FS_XFLAG_EXTSZINHERIT)
  if (fa.fsx_cowextsize === 0) fa.fsx_xflags &= ~FS_XFLAG_COWEXTSIZE
  return 0
}

/** Fills in the fields that the caller's ioctl does not carry. */
const fillIn = (fa: FileAttr, old: FileAttr): void => {
  if (fa.fsx) {
    fa.flags |= old.flags & ~FS_COMMON_FL
    return
  }
  fa.fsx_xflags |= old.fsx_xflags & ~FS_XFLAG_COMMON
  fa.fsx_extsize = old.fsx_extsize
  fa.fsx_projid = old.fsx_projid
  fa.fsx_cowextsize = old.fsx_cowextsize
}

export const vfs_fileattr_set = (machine: Machine, idmap: MntIdmap, dentry: Dentry, fa: FileAttr): number => {
  const inode = dentry.d_inode as Inode
  const { fileattr_set } = inodeState(inode).i_op
  if (fileattr_set === null) return -ENOIOCTLCMD
  if (!inode_owner_or_capable(machine, idmap, inode)) return -EPERM
  const old = vfs_fileattr_get(machine, dentry)
  if (typeof old === 'number') return old
  fillIn(fa, old)
  const refused = prepare(machine, inode, old, fa)
  const rc = refused !== 0 ? refused : (machine.lsm.inode_file_setattr?.ask(dentry, kattrOf(fa)) ?? 0)
  return rc !== 0 ? rc : fileattr_set(dentry, fa)
}
