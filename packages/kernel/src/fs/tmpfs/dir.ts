/** Reading directories of file systems that live in the dentry cache, by the cookies of their names. */
import { DT_DIR, DT_UNKNOWN, EINVAL, EISDIR, ENOENT, S_DEAD, SEEK_CUR, SEEK_SET } from '@lsmkit/abi'
import type { Dentry, File, Inode } from '@lsmkit/core'
import { fileOperations } from '../driver.ts'
import type { DirContext, FileOperations } from '../driver.ts'
import type { Machine } from '../../machine.ts'
import { LinkedList } from '../../vfs/linked-list.ts'
import type { ListNode } from '../../vfs/linked-list.ts'
import { tmpfsNode } from './node.ts'
import type { DirPlace } from './node.ts'

/** Positions that no name has: where the names begin, and where they have all been told. */
const FIRST_ENTRY = 2
const END_OF_DIR = 0x7fffffff

/** DT_* of a mode. */
export const dtType = (mode: number): number => (mode >> 12) & 15

const placeOf = (dentry: Dentry): ListNode<DirPlace> | null => dentry.d_fsdata as ListNode<DirPlace> | null

/** Gives a new name the directory's next cookie. */
export const offsetAdd = (dir: Inode, dentry: Dentry): void => {
  const node = tmpfsNode(dir)
  dentry.d_fsdata = (node.offsets ??= new LinkedList()).add({ dentry, offset: node.nextOffset++ })
}
export const offsetRemove = (dir: Inode, dentry: Dentry): void => {
  const place = placeOf(dentry)
  if (place === null) return
  tmpfsNode(dir).offsets?.remove(place)
  dentry.d_fsdata = null
}
/** An exchange keeps each cookie with its place. */
export const offsetSwap = (x: Dentry, y: Dentry): void => {
  const [a, b] = [placeOf(x)!, placeOf(y)!]
  a.value.dentry = y
  b.value.dentry = x
  x.d_fsdata = b
  y.d_fsdata = a
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
    for (const { dentry, offset } of tmpfsNode(file.f_inode).offsets?.newestFirst() ?? []) {
      if (ctx.pos !== FIRST_ENTRY && offset > ctx.pos) continue
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
