/** stat(2) of inodes and statfs(2) of file systems (fs/stat.c, fs/statfs.c). */
import {
  ENOSYS, SB_NOATIME, STATX_ATIME, STATX_ATTR_AUTOMOUNT, STATX_ATTR_DAX, STATX_ATTR_VERITY, STATX_BASIC_STATS,
} from '@lsmkit/abi'
import { i_gid_into_vfsgid, i_uid_into_vfsuid } from '@lsmkit/core'
import type { Dentry, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Kstat, Kstatfs } from '../state/vfs/kstat.ts'
import { asMount } from '../state/vfs/mount.ts'
import { inodeState, superState } from '../state/vfs/state.ts'

/** As `generic_fillattr`. Ids are in the initial user namespace; the system call maps them for its caller. */
export const generic_fillattr = (idmap: MntIdmap, inode: Inode, stat: Kstat): void => {
  stat.dev = inode.i_sb.s_dev
  stat.ino = inode.i_ino
  stat.mode = inode.i_mode
  stat.nlink = inode.i_nlink
  stat.uid = i_uid_into_vfsuid(idmap, inode)
  stat.gid = i_gid_into_vfsgid(idmap, inode)
  stat.rdev = inode.i_rdev
  stat.size = inode.i_size
  stat.atime_sec = inode.i_atime_sec
  stat.atime_nsec = inode.i_atime_nsec
  stat.mtime_sec = inode.i_mtime_sec
  stat.mtime_nsec = inode.i_mtime_nsec
  stat.ctime_sec = inode.i_ctime_sec
  stat.ctime_nsec = inode.i_ctime_nsec
  stat.blksize = inode.i_sb.s_blocksize
  stat.blocks = inode.i_blocks
}

/** As `vfs_getattr_nosec`: 0 or -errno. Asks no hook. */
export const getattr_nosec = (path: Path, stat: Kstat): number => {
  const inode = path.dentry.d_inode as Inode
  stat.result_mask = STATX_BASIC_STATS
  // a file system without access times invents them
  if ((inode.i_sb.s_flags & SB_NOATIME) !== 0) stat.result_mask &= ~STATX_ATIME
  stat.attributes = 0
  stat.attributes_mask = STATX_ATTR_AUTOMOUNT | STATX_ATTR_DAX | STATX_ATTR_VERITY
  stat.btime_sec = stat.btime_nsec = 0
  stat.mnt_id = asMount(path.mnt).mnt_id
  const { getattr } = inodeState(inode).i_op
  if (getattr !== null) return getattr(path, stat)
  generic_fillattr(path.mnt.mnt_idmap, inode, stat)
  return 0
}

export const vfs_getattr = (machine: Machine, path: Path, stat: Kstat): number => {
  const rc = machine.lsm.inode_getattr.ask(path)
  return rc !== 0 ? rc : getattr_nosec(path, stat)
}

/** As `statfs_by_dentry`: asks the hook, then the file system. */
export const statfs_by_dentry = (machine: Machine, dentry: Dentry, buf: Kstatfs): number => {
  const { s_op } = superState(dentry.d_sb)
  if (s_op.statfs === null) return -ENOSYS
  const rc = machine.lsm.sb_statfs.ask(dentry)
  if (rc !== 0) return rc
  const answer = s_op.statfs(dentry, buf)
  if (answer === 0 && buf.f_frsize === 0) buf.f_frsize = buf.f_bsize
  return answer
}
