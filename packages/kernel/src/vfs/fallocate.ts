/** fallocate(2): allocates or frees a range of a file (fs/open.c). */
import {
  EBADF, EFBIG, EINVAL, EISDIR, ENODEV, EOPNOTSUPP, EPERM, ESPIPE, ETXTBSY, FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_ZERO_RANGE,
  FMODE_WRITE, IN_MODIFY, MAY_WRITE, S_APPEND, S_IFBLK, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IMMUTABLE, S_SWAPFILE,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fileState } from '../state/vfs/state.ts'

const EXCLUSIVE_MODES =
  FALLOC_FL_PUNCH_HOLE |
  FALLOC_FL_UNSHARE_RANGE |
  FALLOC_FL_ZERO_RANGE |
  FALLOC_FL_COLLAPSE_RANGE |
  FALLOC_FL_INSERT_RANGE

/** Whether the mode is valid: one operation at most; a hole keeps the size, a shift does not. */
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

export const vfs_fallocate = (machine: Machine, file: File, mode: number, offset: number, len: number): number => {
  if (offset < 0 || len <= 0) return -EINVAL
  if (!allocationMode(mode)) return -EOPNOTSUPP
  if ((file.f_mode & FMODE_WRITE) === 0) return -EBADF
  const inode = file.f_inode
  if ((mode & ~FALLOC_FL_KEEP_SIZE) !== 0 && (inode.i_flags & S_APPEND) !== 0) return -EPERM
  if ((inode.i_flags & S_IMMUTABLE) !== 0) return -EPERM
  if ((inode.i_flags & S_SWAPFILE) !== 0) return -ETXTBSY
  const rc = machine.lsm.file_permission.ask(file, MAY_WRITE)
  if (rc !== 0) return rc
  const type = inode.i_mode & S_IFMT
  if (type === S_IFIFO) return -ESPIPE
  if (type === S_IFDIR) return -EISDIR
  if (type !== S_IFREG && type !== S_IFBLK) return -ENODEV
  if (offset + len > inode.i_sb.s_maxbytes) return -EFBIG
  const done = fileState(file).f_op.fallocate?.(file, mode, offset, len) ?? -EOPNOTSUPP
  if (done === 0) machine.fsnotify.file(IN_MODIFY, file)
  return done
}
