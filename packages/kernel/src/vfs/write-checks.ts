/** Checks of a file system before it writes (generic_write_checks, file_modified). */
import { EFBIG, RLIMIT_FSIZE, SIGXFSZ } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { touchModified } from './inode.ts'
import { file_remove_privs } from './privs.ts'

/**
 * How many of `len` bytes may be written at `pos`, 0, or -errno. If positive, set-id bits and file capabilities have
 * been removed and the times updated.
 */
export const prepare_write = (machine: Machine, file: File, pos: number, len: number): number => {
  if (len === 0) return 0
  const limit = machine.current.task.signal?.rlim[RLIMIT_FSIZE]?.rlim_cur ?? Infinity
  if (pos >= limit) {
    machine.sendSignal(machine.current.task, SIGXFSZ)
    return -EFBIG
  }
  const inode = file.f_inode
  const max = Math.min(limit, inode.i_sb.s_maxbytes)
  if (pos >= max) return -EFBIG
  const rc = file_remove_privs(machine, file)
  if (rc !== 0) return rc
  touchModified(machine, inode)
  return len > max - pos ? max - pos : len
}

/** As `file_modified`: updates times and removes set-id bits, after fallocate. 0 or -errno. */
export const file_modified = (machine: Machine, file: File): number => {
  const rc = file_remove_privs(machine, file)
  if (rc === 0) touchModified(machine, file.f_inode)
  return rc
}
