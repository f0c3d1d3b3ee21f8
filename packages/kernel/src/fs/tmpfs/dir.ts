/** Reading directories of file systems that live in the dentry cache, by the cookies of their names. */
import { DT_DIR, DT_UNKNOWN, EINVAL, EISDIR, ENOENT, S_DEAD, SEEK_CUR, SEEK_SET } from '@lsmkit/abi'
import type { Dentry, File, Inode } from '@lsmkit/core'
import { fileOperations } from '../driver.ts'
import type { DirContext, FileOperations } from '../driver.ts'
import type { Machine } from '../../machine.ts'
import { tmpfsNode } from './node.ts'

/** Positions that no name has: where the names begin, and where they have all been told. */
const FIRST_ENTRY = 2
const END_OF_DIR = 0x7fffffff

/** DT_* of a mode. */
export const dtType = (mode: number): number => (mode >> 12) & 15

/** Gives a new name the directory's next cookie. */
export const offsetAdd = (dir: Inode, dentry: Dentry): void => {
  const node = tmpfsNode(dir)
  ;(node.offsets ??= new Map()).set(dentry, node.nextOffset++)
}
export const offsetRemove = (dir: Inode, dentry: Dentry): void => {
  tmpfsNode(dir).offsets?.delete(dentry)
}
/** An exchange keeps each cookie with its place; a directory's map stays sorted by cookie. */
export const offsetSwap = (a: Inode, x: Dentry, b: Inode, y: Dentry): void => {
  const replace = (dir: Inode, from: Dentry, to: Dentry): void => {
    const node = tmpfsNode(dir)
    const offsets = [...(node.offsets ?? [])]
    node.offsets = new Map(
      offsets.map(([entry, offset]) => [entry === from ? to : entry === to ? from : entry, offset]),
    )
  }
  replace(a, x, y)
  if (a !== b) replace(b, y, x)
}

/** `.` at cookie 0 and `..` at 1 (dir_emit_dots); false when the receiver is full. */
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

export const tmpfsDirs = (machine: Machine): FileOperations => {
  const { file_accessed } = machine.vfs

  /** Newest first, so that names made meanwhile are never met; the end is a position of its own. */
  const iterate_shared = (file: File, ctx: DirContext): number => {
    if ((file.f_inode.i_flags & S_DEAD) !== 0) return -ENOENT
    if (!emitDots(file, ctx) || ctx.pos === END_OF_DIR) return 0
    for (const [entry, offset] of [...(tmpfsNode(file.f_inode).offsets ?? [])].reverse()) {
      if (ctx.pos !== FIRST_ENTRY && offset > ctx.pos) continue
      const dentry = entry as Dentry
      const inode = dentry.d_inode
      ctx.pos = offset
      if (!ctx.emit(dentry.d_name.name, inode?.i_ino ?? 0, inode === null ? DT_UNKNOWN : dtType(inode.i_mode))) return 0
    }
    ctx.pos = END_OF_DIR
    file_accessed(file)
    return 0
  }

  const llseek = (file: File, offset: number, whence: number): number => {
    const pos = whence === SEEK_SET ? offset : whence === SEEK_CUR ? file.f_pos + offset : -1
    if (pos < 0) return -EINVAL
    file.f_pos = pos
    return pos
  }

  return fileOperations({ iterate_shared, llseek, read: () => -EISDIR, fsync: () => 0 })
}
