/** Copies between two open files inside the kernel (vfs_copy_file_range, do_splice_direct). */
import {
  EBADF, EFBIG, EINVAL, EISDIR, EOVERFLOW, EPERM, ETXTBSY, EXDEV, FMODE_READ, FMODE_WRITE, IN_MODIFY, MAX_RW_COUNT,
  MAY_READ, MAY_WRITE, O_APPEND, PAGE_SIZE, RLIMIT_FSIZE, S_IFDIR, S_IFMT, S_IFREG, S_IMMUTABLE, S_SWAPFILE, SIGXFSZ,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { fileState } from '../state/vfs/state.ts'
import { rw_verify_area } from './rw.ts'

/** Bytes that one round of a copy moves. */
const ROUND = 16 * PAGE_SIZE

/**
 * As `do_splice_direct`: copies until `len` bytes are copied, the input ends, or an error occurs. Returns the bytes
 * copied, or the error if there are none.
 */
export const splice_direct = (input: File, from: number, output: File, to: number, len: number): number => {
  const { read, splice: reads } = fileState(input).f_op
  const { write, splice: writes } = fileState(output).f_op
  if (read === null || write === null || !reads || !writes) return -EINVAL
  const buf = new Uint8Array(Math.min(len, ROUND))
  let done = 0
  while (done < len) {
    const n = read(input, buf, 0, Math.min(buf.length, len - done), from + done)
    if (n <= 0) return done === 0 ? n : done
    const written = write(output, buf, 0, n, to + done)
    if (written <= 0) return done === 0 ? written : done
    done += written
    if (written < n) return done
  }
  return done
}

/** As `generic_file_rw_checks`: 0 or -errno. */
const copyable = (input: File, output: File): number => {
  const [a, b] = [input.f_inode.i_mode & S_IFMT, output.f_inode.i_mode & S_IFMT]
  if (a === S_IFDIR || b === S_IFDIR) return -EISDIR
  if (a !== S_IFREG || b !== S_IFREG) return -EINVAL
  const allowed = (input.f_mode & FMODE_READ) !== 0 && (output.f_mode & FMODE_WRITE) !== 0
  return allowed && (output.f_flags & O_APPEND) === 0 ? 0 : -EBADF
}

/** The file system's own way to copy between the two; null: splice; -EXDEV: there is no way. */
const copier = (input: File, output: File): FileOperations['copy_file_range'] | number => {
  const own = fileState(output).f_op.copy_file_range
  if (own !== null) return fileState(input).f_op.copy_file_range === own ? own : -EXDEV
  return input.f_inode.i_sb === output.f_inode.i_sb ? null : -EXDEV
}

/** As `generic_copy_file_checks`: how many bytes may be copied, or -errno. */
const copyLength = (machine: Machine, input: File, from: number, output: File, to: number, len: number): number => {
  const [a, b] = [input.f_inode, output.f_inode]
  if ((b.i_flags & S_IMMUTABLE) !== 0) return -EPERM
  if (((a.i_flags | b.i_flags) & S_SWAPFILE) !== 0) return -ETXTBSY
  // negative positions are the upper half of an unsigned number
  if ((from < 0 && from + len >= 0) || (to < 0 && to + len >= 0)) return -EOVERFLOW
  let count = from >= a.i_size ? 0 : Math.min(len, a.i_size - from)
  if (count > 0) {
    const limit = Math.min(machine.current.task.signal?.rlim[RLIMIT_FSIZE]?.rlim_cur ?? Infinity, b.i_sb.s_maxbytes)
    if (to >= limit) {
      machine.sendSignal(machine.current.task, SIGXFSZ)
      return -EFBIG
    }
    count = Math.min(count, limit - to)
  }
  return a === b && to + count > from && to < from + count ? -EINVAL : count
}

export const vfs_copy_file_range = (
  machine: Machine, input: File, from: number, output: File, to: number, len: number,
): number => {
  const fits = copyable(input, output)
  if (fits !== 0) return fits
  const copy = copier(input, output)
  if (typeof copy === 'number') return copy
  const count = copyLength(machine, input, from, output, to, len)
  if (count < 0) return count
  let rc = rw_verify_area(machine, input, MAY_READ, from, count)
  if (rc === 0) rc = rw_verify_area(machine, output, MAY_WRITE, to, count)
  if (rc !== 0 || count === 0) return rc
  const done = copy === null
    ? splice_direct(input, from, output, to, Math.min(count, MAX_RW_COUNT))
    : copy(input, from, output, to, count)
  if (done > 0) {
    machine.fsnotify.access(input)
    machine.fsnotify.file(IN_MODIFY, output)
  }
  return done
}
