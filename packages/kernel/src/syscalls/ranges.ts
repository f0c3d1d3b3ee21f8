/** Position, size and durability of open files (fs/read_write.c, fs/open.c, fs/sync.c, mm/fadvise.c). */
import { AT_FDCWD, EBADF, EINVAL, ESPIPE, FMODE_LSEEK, S_IFIFO, S_IFMT, SEEK_MAX } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { fileState, superState } from '../state/vfs/state.ts'

export const rangeSyscalls = (machine: Machine) => {
  const { current } = machine
  const { user_path_at, vfs_truncate, do_ftruncate, vfs_fallocate } = machine.vfs

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

  const fallocate = (fd: number, mode: number, offset: number, len: number): number => {
    const file = fget(current.task, fd)
    return file === null ? -EBADF : vfs_fallocate(file, mode, offset, len)
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
