/** chattr's flags of real files, and those that an attribute keeps instead (fs/overlayfs/inode.c, util.c). */
import {
  ENODATA, ENOIOCTLCMD, ENOTTY, EOPNOTSUPP, EPERM, FS_APPEND_FL, FS_IMMUTABLE_FL, FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR,
  FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_XFLAG_APPEND, FS_XFLAG_IMMUTABLE, O_LARGEFILE, O_RDONLY, S_APPEND, S_IMMUTABLE,
} from '@lsmkit/abi'
import type { Dentry, Inode, Path } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileAttr } from '../../state/vfs/driver.ts'
import { PROT_I_FLAGS } from './inodes.ts'
import { ovlFs } from './node.ts'
import { bytesOf, checkSetOwn, removeOwn } from './real.ts'

/** The hook wants an open file, so one is opened for it. */
const askIoctl = (machine: Machine, path: Path, cmd: number): number => {
  const file = machine.vfs.dentry_open(path, O_RDONLY | O_LARGEFILE, machine.current.task.cred)
  if (typeof file === 'number') return file
  const rc = machine.lsm.file_ioctl.ask(file, cmd, 0)
  machine.vfs.fput(file)
  return rc
}

export const getFlags = (machine: Machine, path: Path, fsx = false): FileAttr | number => {
  const rc = askIoctl(machine, path, fsx ? FS_IOC_FSGETXATTR : FS_IOC_GETFLAGS)
  if (rc !== 0) return rc
  const fa = machine.vfs.vfs_fileattr_get(path.dentry)
  return fa === -ENOIOCTLCMD ? -ENOTTY : fa
}

export const setFlags = (machine: Machine, path: Path, fa: FileAttr): number => {
  const rc = askIoctl(machine, path, fa.fsx ? FS_IOC_FSSETXATTR : FS_IOC_SETFLAGS)
  return rc !== 0 ? rc : machine.vfs.vfs_fileattr_set(path.mnt.mnt_idmap, path.dentry, fa)
}

/** Append-only and immutable go from `fa` into an attribute of `upper`: the real file must stay changeable. */
export const setProtattr = (machine: Machine, inode: Inode, upper: Dentry, fa: FileAttr): number => {
  const ofs = ovlFs(inode.i_sb)
  const append = (fa.flags & FS_APPEND_FL) !== 0
  const immutable = (fa.flags & FS_IMMUTABLE_FL) !== 0
  let rc = 0
  if (append || immutable) {
    rc = checkSetOwn(machine, ofs, upper, 'protattr', bytesOf(`${append ? 'a' : ''}${immutable ? 'i' : ''}`), -EPERM)
  } else if ((inode.i_flags & PROT_I_FLAGS) !== 0) {
    rc = removeOwn(machine, ofs, upper, 'protattr')
    if (rc === -EOPNOTSUPP || rc === -ENODATA) rc = 0
  }
  if (rc !== 0) return rc
  inode.i_flags = (inode.i_flags & ~PROT_I_FLAGS) | (append ? S_APPEND : 0) | (immutable ? S_IMMUTABLE : 0)
  fa.flags &= ~(FS_APPEND_FL | FS_IMMUTABLE_FL)
  fa.fsx_xflags &= ~(FS_XFLAG_APPEND | FS_XFLAG_IMMUTABLE)
  return 0
}
