/** Parts of readdir that all directories share (linux/fs.h, linux/fs_types.h). */
import { DT_DIR } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { DirContext } from '../state/vfs/driver.ts'

/** DT_* of a mode. */
export const dtType = (mode: number): number => (mode >> 12) & 15

/** As `dir_emit_dots`: `.` at position 0 and `..` at 1. False if the buffer is full. */
export const emitDots = (file: File, ctx: DirContext): boolean => {
  const { dentry } = file.f_path
  if (ctx.pos === 0) {
    if (!ctx.emit('.', file.f_inode.i_ino, DT_DIR)) return false
    ctx.pos = 1
  }
  if (ctx.pos === 1) {
    const parent = (dentry.d_parent ?? dentry).d_inode
    if (!ctx.emit('..', parent?.i_ino ?? 0, DT_DIR)) return false
    ctx.pos = 2
  }
  return true
}
