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
import { bytesOf } from './real.ts'
import type { RealOperations } from './real.ts'

export const realFlags = ({ vfs, lsm, current }: Machine, { checkSetOwn, removeOwn }: RealOperations) => {
  /** The hook wants an open file, so one is opened for it. */
  const askIoctl = (path: Path, cmd: number): number => {
    const file = vfs.dentry_open(path, O_RDONLY | O_LARGEFILE, current.task.cred)
    if (typeof file === 'number') return file
    const rc = lsm.file_ioctl.ask(file, cmd, 0)
    vfs.fput(file)
    return rc
  }

  const getFlags = (path: Path, fsx = false): FileAttr | number => {
    const rc = askIoctl(path, fsx ? FS_IOC_FSGETXATTR : FS_IOC_GETFLAGS)
    if (rc !== 0) return rc
    const fa = vfs.vfs_fileattr_get(path.dentry)
    return fa === -ENOIOCTLCMD ? -ENOTTY : fa
  }
  const setFlags = (path: Path, fa: FileAttr): number => {
    const rc = askIoctl(path, fa.fsx ? FS_IOC_FSSETXATTR : FS_IOC_SETFLAGS)
    return rc !== 0 ? rc : vfs.vfs_fileattr_set(path.mnt.mnt_idmap, path.dentry, fa)
  }

  /** Append-only and immutable go from `fa` into an attribute of `upper`: the real file must stay changeable. */
  const setProtattr = (inode: Inode, upper: Dentry, fa: FileAttr): number => {
    const ofs = ovlFs(inode.i_sb)
    const append = (fa.flags & FS_APPEND_FL) !== 0
    const immutable = (fa.flags & FS_IMMUTABLE_FL) !== 0
    let rc = 0
    if (append || immutable) {
      rc = checkSetOwn(ofs, upper, 'protattr', bytesOf(`${append ? 'a' : ''}${immutable ? 'i' : ''}`), -EPERM)
    } else if ((inode.i_flags & PROT_I_FLAGS) !== 0) {
      rc = removeOwn(ofs, upper, 'protattr')
      if (rc === -EOPNOTSUPP || rc === -ENODATA) rc = 0
    }
    if (rc !== 0) return rc
    inode.i_flags = (inode.i_flags & ~PROT_I_FLAGS) | (append ? S_APPEND : 0) | (immutable ? S_IMMUTABLE : 0)
    fa.flags &= ~(FS_APPEND_FL | FS_IMMUTABLE_FL)
    fa.fsx_xflags &= ~(FS_XFLAG_APPEND | FS_XFLAG_IMMUTABLE)
    return 0
  }

  return { getFlags, setFlags, setProtattr }
}
export type RealFlags = ReturnType<typeof realFlags>
