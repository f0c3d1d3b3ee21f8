/** What a file system does before it stores bytes (generic_write_checks, file_modified of mm and fs). */
import { EFBIG, RLIMIT_FSIZE, SIGXFSZ } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Inodes } from './inode.ts'
import type { Privileges } from './privs.ts'

export const writeChecks = (
  machine: Machine,
  { file_remove_privs }: Privileges,
  { touchModified }: Inodes,
) => {
  const { current } = machine

  /**
   * How many of `len` bytes may be written at `pos`; 0 or -errno when none. Set-id bits and file capabilities are
   * gone and the times are new when the answer is positive.
   */
  const prepare_write = (file: File, pos: number, len: number): number => {
    if (len === 0) return 0
    const limit = current.task.signal?.rlim[RLIMIT_FSIZE]?.rlim_cur ?? Infinity
    if (pos >= limit) {
      machine.sendSignal(current.task, SIGXFSZ)
      return -EFBIG
    }
    const inode = file.f_inode
    const max = Math.min(limit, inode.i_sb.s_maxbytes)
    if (pos >= max) return -EFBIG
    const rc = file_remove_privs(file)
    if (rc !== 0) return rc
    touchModified(inode)
    return len > max - pos ? max - pos : len
  }

  /** As `file_modified`: after fallocate. */
  const file_modified = (file: File): number => {
    const rc = file_remove_privs(file)
    if (rc === 0) touchModified(file.f_inode)
    return rc
  }

  return { prepare_write, file_modified }
}

export type WriteChecks = ReturnType<typeof writeChecks>
