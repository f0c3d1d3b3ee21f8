/** Position, size and durability of open files (fs/read_write.c, fs/open.c, fs/sync.c, mm/fadvise.c). */
import { AT_FDCWD, EBADF, EINVAL, ESPIPE, FMODE_LSEEK, S_IFIFO, S_IFMT, SEEK_MAX } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { fileState, superState } from '../state/vfs/state.ts'

/** The largest advice. */
const POSIX_FADV_NOREUSE = 5

const lseek = (machine: Machine, fd: number, offset: number, whence: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (whence < 0 || whence > SEEK_MAX) return -EINVAL
  const { llseek } = fileState(file).f_op
  return (file.f_mode & FMODE_LSEEK) === 0 || llseek === null ? -ESPIPE : llseek(file, offset, whence)
}

const truncate = (machine: Machine, path: unknown, length: number): number => {
  if (length < 0) return -EINVAL
  const at = machine.vfs.user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW)
  return typeof at === 'number' ? at : machine.vfs.vfs_truncate(at, length)
}

const ftruncate = (machine: Machine, fd: number, length: number): number => {
  if (length < 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  return file === null ? -EBADF : machine.vfs.do_ftruncate(file, length)
}

const fallocate = (machine: Machine, fd: number, mode: number, offset: number, len: number): number => {
  const file = fget(machine.current.task, fd)
  return file === null ? -EBADF : machine.vfs.vfs_fallocate(file, mode, offset, len)
}

const syncFile = (machine: Machine, fd: number, datasync: boolean): number => {
  const file = fget(machine.current.task, fd)
  return file === null ? -EBADF : (fileState(file).f_op.fsync?.(file, datasync) ?? -EINVAL)
}

const fsync = (machine: Machine, fd: number): number => syncFile(machine, fd, false)

const fdatasync = (machine: Machine, fd: number): number => syncFile(machine, fd, true)

const syncfs = (machine: Machine, fd: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const { i_sb } = file.f_inode
  return superState(i_sb).s_op.sync_fs?.(i_sb) ?? 0
}

/** Advice has no effect, but its arguments are checked. */
const fadvise64 = (machine: Machine, fd: number, _offset: number, len: number, advice: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if ((file.f_inode.i_mode & S_IFMT) === S_IFIFO) return -ESPIPE
  return len < 0 || advice < 0 || advice > POSIX_FADV_NOREUSE ? -EINVAL : 0
}

/** Files are in memory: nothing is left to write. */
const sync = (): number => 0

export const rangeSyscalls = {
  lseek, truncate, ftruncate, fallocate, fsync, fdatasync, syncfs, fadvise64, sync,
}
