/** Reading, writing and seeking in open files, and reading directories (fs/read_write.c, fs/readdir.c). */
import {
  EBADF, EINVAL, ENOENT, ENOTDIR, ENXIO, FAN_ACCESS_PERM, FMODE_CAN_READ, FMODE_CAN_WRITE, FMODE_READ, FMODE_WRITE,
  IN_MODIFY, MAX_RW_COUNT, MAY_READ, MAY_WRITE, O_APPEND, S_DEAD, S_IFMT, S_IFREG, SEEK_CUR, SEEK_DATA, SEEK_END,
  SEEK_HOLE, SEEK_SET,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { DirContext } from '../state/vfs/driver.ts'
import { fileState } from '../state/vfs/state.ts'
import { file_accessed } from './atime.ts'

/** As `rw_verify_area`, before each transfer: 0 or -errno. Checks the range, then asks file_permission. */
export const rw_verify_area = (machine: Machine, file: File, mask: number, pos: number, count: number): number => {
  if (count < 0 || pos < 0) return -EINVAL
  const rc = machine.lsm.file_permission.ask(file, mask)
  return rc !== 0 || (mask & MAY_READ) === 0 ? rc : machine.fsnotify.file(FAN_ACCESS_PERM, file)
}

/** Reads at most `len` bytes from `pos` into `buf` at `off`. The caller updates f_pos. */
export const vfs_read = (
  machine: Machine, file: File, buf: GuestBytes, off: number, len: number, pos: number,
): number => {
  if ((file.f_mode & FMODE_READ) === 0) return -EBADF
  if ((file.f_mode & FMODE_CAN_READ) === 0) return -EINVAL
  const rc = rw_verify_area(machine, file, MAY_READ, pos, len)
  if (rc !== 0) return rc
  const { read } = fileState(file).f_op
  const done = read === null ? -EINVAL : read(file, buf, off, len > MAX_RW_COUNT ? MAX_RW_COUNT : len, pos)
  if (done > 0) machine.fsnotify.access(file)
  return done
}

/** Where a write starts: the end of the file for O_APPEND, else `pos`. */
export const writePos = (file: File, pos: number): number =>
  (file.f_flags & O_APPEND) !== 0 && (file.f_inode.i_mode & S_IFMT) === S_IFREG ? file.f_inode.i_size : pos

/** Writes at most `len` bytes from `buf` at `off` to `pos`, which comes from `writePos`. The caller updates f_pos. */
export const vfs_write = (
  machine: Machine, file: File, buf: GuestBytes, off: number, len: number, pos: number,
): number => {
  if ((file.f_mode & FMODE_WRITE) === 0) return -EBADF
  if ((file.f_mode & FMODE_CAN_WRITE) === 0) return -EINVAL
  const rc = rw_verify_area(machine, file, MAY_WRITE, pos, len)
  if (rc !== 0) return rc
  const { write } = fileState(file).f_op
  const done = write === null ? -EINVAL : write(file, buf, off, len > MAX_RW_COUNT ? MAX_RW_COUNT : len, pos)
  if (done > 0) machine.fsnotify.file(IN_MODIFY, file)
  return done
}

export const iterate_dir = (machine: Machine, file: File, ctx: DirContext): number => {
  const { iterate_shared } = fileState(file).f_op
  if (iterate_shared === null) return -ENOTDIR
  const rc = machine.lsm.file_permission.ask(file, MAY_READ) || machine.fsnotify.file(FAN_ACCESS_PERM, file)
  if (rc !== 0) return rc
  if ((file.f_inode.i_flags & S_DEAD) !== 0) return -ENOENT
  ctx.pos = file.f_pos
  const answer = iterate_shared(file, ctx)
  file.f_pos = ctx.pos
  machine.fsnotify.access(file)
  file_accessed(machine, file)
  return answer
}

/** lseek(2) for files without an end: SEEK_SET and SEEK_CUR only. */
export const endless_llseek = (file: File, offset: number, whence: number): number => {
  const pos = whence === SEEK_SET ? offset : whence === SEEK_CUR ? file.f_pos + offset : -1
  if (pos < 0) return -EINVAL
  file.f_pos = pos
  return pos
}

/** As `generic_file_llseek_size`: the new position in a file of `size` bytes that may grow to `max`, or -errno. */
export const generic_file_llseek = (file: File, offset: number, whence: number, max: number, size: number): number => {
  let pos: number
  if (whence === SEEK_SET) pos = offset
  else if (whence === SEEK_CUR) pos = file.f_pos + offset
  else if (whence === SEEK_END) pos = size + offset
  // a file without holes is all data; its only hole is at its end
  else if (whence === SEEK_DATA) pos = offset >= 0 && offset < size ? offset : -1
  else if (whence === SEEK_HOLE) pos = offset >= 0 && offset < size ? size : -1
  else return -EINVAL
  if (pos < 0 || pos > max) return whence === SEEK_DATA || whence === SEEK_HOLE ? -ENXIO : -EINVAL
  file.f_pos = pos
  return pos
}
