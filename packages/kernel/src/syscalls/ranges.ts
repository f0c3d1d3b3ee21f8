/** Position, size and durability of open files (fs/read_write.c, fs/open.c, fs/sync.c, mm/fadvise.c). */
import {
  AT_FDCWD, EBADF, EFBIG, EINVAL, EISDIR, ENODEV, EOPNOTSUPP, EPERM, ESPIPE, ETXTBSY, FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_ZERO_RANGE,
  FMODE_LSEEK, FMODE_WRITE, MAY_WRITE, S_APPEND, S_IFBLK, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IMMUTABLE, S_SWAPFILE,
  SEEK_MAX,
} from '@lsmkit/abi'
import type { File, KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../vfs/fdtable.ts'
import { LOOKUP_FOLLOW } from '../vfs/lookup-flags.ts'
import { fileState, superState } from '../vfs/state.ts'

const EXCLUSIVE_MODES =
  FALLOC_FL_PUNCH_HOLE |
  FALLOC_FL_UNSHARE_RANGE |
  FALLOC_FL_ZERO_RANGE |
  FALLOC_FL_COLLAPSE_RANGE |
  FALLOC_FL_INSERT_RANGE

/** Modes exclude one another; a hole keeps the size, a shift never does. */
const allocationMode = (mode: number): boolean => {
  if ((mode & ~(EXCLUSIVE_MODES | FALLOC_FL_KEEP_SIZE)) !== 0) return false
  const keeps = (mode & FALLOC_FL_KEEP_SIZE) !== 0
  switch (mode & EXCLUSIVE_MODES) {
    case 0:
    case FALLOC_FL_UNSHARE_RANGE:
    case FALLOC_FL_ZERO_RANGE:
      return true
    case FALLOC_FL_PUNCH_HOLE:
      return keeps
    case FALLOC_FL_COLLAPSE_RANGE:
    case FALLOC_FL_INSERT_RANGE:
      return !keeps
    default:
      return false
  }
}

export const rangeSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { user_path_at, vfs_truncate, do_ftruncate } = machine.vfs

  const lseek = (fd: number, offset: number, whence: number): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (whence < 0 || whence > SEEK_MAX) return -EINVAL
    const { llseek } = fileState(file).f_op
    return (file.f_mode & FMODE_LSEEK) === 0 || llseek === null ? -ESPIPE : llseek(file, offset, whence)
  }

  const truncate = (path: unknown, length: number): number => {
    if (length < 0) return -EINVAL
    const at = user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW)
    return typeof at === 'number' ? at : vfs_truncate(at, length)
  }

  const ftruncate = (fd: number, length: number): number => {
    if (length < 0) return -EINVAL
    const file = fget(current.task, fd)
    return file === null ? -EBADF : do_ftruncate(file, length)
  }

  /** As `vfs_fallocate`. */
  const allocate = (file: File, mode: number, offset: number, len: number): number => {
    if (offset < 0 || len <= 0) return -EINVAL
    if (!allocationMode(mode)) return -EOPNOTSUPP
    if ((file.f_mode & FMODE_WRITE) === 0) return -EBADF
    const inode = file.f_inode
    if ((mode & ~FALLOC_FL_KEEP_SIZE) !== 0 && (inode.i_flags & S_APPEND) !== 0) return -EPERM
    if ((inode.i_flags & S_IMMUTABLE) !== 0) return -EPERM
    if ((inode.i_flags & S_SWAPFILE) !== 0) return -ETXTBSY
    const rc = lsm.file_permission.ask(file, MAY_WRITE)
    if (rc !== 0) return rc
    const type = inode.i_mode & S_IFMT
    if (type === S_IFIFO) return -ESPIPE
    if (type === S_IFDIR) return -EISDIR
    if (type !== S_IFREG && type !== S_IFBLK) return -ENODEV
    if (offset + len > inode.i_sb.s_maxbytes) return -EFBIG
    return fileState(file).f_op.fallocate?.(file, mode, offset, len) ?? -EOPNOTSUPP
  }

  const fallocate = (fd: number, mode: number, offset: number, len: number): number => {
    const file = fget(current.task, fd)
    return file === null ? -EBADF : allocate(file, mode, offset, len)
  }

  const sync = (fd: number, datasync: boolean): number => {
    const file = fget(current.task, fd)
    return file === null ? -EBADF : (fileState(file).f_op.fsync?.(file, datasync) ?? -EINVAL)
  }

  const fsync = (fd: number): number => sync(fd, false)
  const fdatasync = (fd: number): number => sync(fd, true)

  const syncfs = (fd: number): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    const { i_sb } = file.f_inode
    return superState(i_sb).s_op.sync_fs?.(i_sb) ?? 0
  }

  /** Advice, readahead and partial syncs change nothing here; their arguments are judged all the same. */
  const fadvise64 = (fd: number, _offset: number, len: number, advice: number): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if ((file.f_inode.i_mode & S_IFMT) === S_IFIFO) return -ESPIPE
    return len < 0 || advice < 0 || advice > 5 ? -EINVAL : 0
  }

  return {
    lseek, truncate, ftruncate, fallocate, fsync, fdatasync, syncfs, fadvise64, sync: (): number => 0,
  }
}
