/** Old calls on files, and advice that has no effect here (fs/utimes.c, fs/sync.c). */
import {
  AT_FDCWD, EBADF, EINVAL, ESPIPE, FMODE_READ, S_IFBLK, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { utimensat } from './attrs.ts'
import type { Timeval } from '../state/timespec.ts'

/** `struct utimbuf`, in seconds. */
export interface Utimbuf {
  readonly actime: number
  readonly modtime: number
}

/** SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER. */
const SYNC_FLAGS = 7
const MICROSECONDS = 1_000_000

const futimesat = (machine: Machine, dfd: number, filename: unknown, times: readonly Timeval[] | null): number => {
  if (times === null) return utimensat(machine, dfd, filename, null, 0)
  if (!times.every(({ tv_usec }) => tv_usec >= 0 && tv_usec < MICROSECONDS)) return -EINVAL
  return utimensat(machine, dfd, filename, times.map(({ tv_sec, tv_usec }) => ({ tv_sec, tv_nsec: tv_usec * 1000 })), 0)
}

const utimes = (
  machine: Machine, filename: unknown, times: readonly Timeval[] | null,
): number => futimesat(machine, AT_FDCWD, filename, times)

const utime = (machine: Machine, filename: unknown, times: Utimbuf | null): number => {
  const both = times === null ? null : [times.actime, times.modtime].map((tv_sec) => ({ tv_sec, tv_nsec: 0 }))
  return utimensat(machine, AT_FDCWD, filename, both, 0)
}

const typeOf = (mode: number): number => mode & S_IFMT

const sync_file_range = (machine: Machine, fd: number, offset: number, nbytes: number, flags: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if ((flags & ~SYNC_FLAGS) !== 0 || offset < 0 || nbytes < 0) return -EINVAL
  return [S_IFREG, S_IFBLK, S_IFDIR, S_IFLNK].includes(typeOf(file.f_inode.i_mode)) ? 0 : -ESPIPE
}

const readahead = (machine: Machine, fd: number, _offset: number, _count: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null || (file.f_mode & FMODE_READ) === 0) return -EBADF
  return [S_IFREG, S_IFBLK].includes(typeOf(file.f_inode.i_mode)) ? 0 : -EINVAL
}

export const oldFileSyscalls = { futimesat, utimes, utime, sync_file_range, readahead }
