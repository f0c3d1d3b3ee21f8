/** Reading directories of file systems that live in the dentry cache, by the cookies of their names. */
import { DT_UNKNOWN, EISDIR, ENOENT, S_DEAD } from '@lsmkit/abi'
import type { Dentry, File, Inode } from '@lsmkit/core'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { DirContext } from '../../state/vfs/driver.ts'
import type { ListNode } from '../../state/vfs/linked-list.ts'
import { dtType, emitDots } from '../../vfs/readdir.ts'
import { endless_llseek } from '../../vfs/rw.ts'
import { DirNames, DirPlace, tmpfsNode } from './node.ts'

/** Bytes that each name adds to the size of a directory. */
export const BOGO_DIRENT_SIZE = 20

/** Positions that no name has: before the first name, and after the last one. */
const FIRST_ENTRY = 2
const END_OF_DIR = 0x7fffffff

const placeOf = (dentry: Dentry): ListNode<DirPlace> | null => dentry.d_fsdata as ListNode<DirPlace> | null

/** Gives a new name the directory's next cookie. */
export const offsetAdd = (dir: Inode, dentry: Dentry): void => offsetPut(dir, dentry, tmpfsNode(dir).nextOffset++)
const offsetPut = (dir: Inode, dentry: Dentry, offset: number): void => {
  dentry.d_fsdata = (tmpfsNode(dir).names ??= new DirNames()).add(new DirPlace(dentry, offset))
}
export const offsetRemove = (dir: Inode, dentry: Dentry): void => {
  const place = placeOf(dentry)
  if (place === null) return
  tmpfsNode(dir).names?.remove(place)
  dentry.d_fsdata = null
}
/** A name that moves is the newest of its directory, and has the cookie of the one that it replaces, if any. */
export const offsetMove = (from: Inode, dentry: Dentry, to: Inode, target: Dentry): void => {
  const replaced = placeOf(target)
  offsetRemove(to, target)
  offsetRemove(from, dentry)
  if (replaced === null) offsetAdd(to, dentry)
  else offsetPut(to, dentry, replaced.value.offset)
}
/** An exchange leaves each cookie in its place; both names are the newest, the first more so. */
export const offsetSwap = (a: Inode, x: Dentry, b: Inode, y: Dentry): void => {
  const [atX, atY] = [placeOf(x)!.value.offset, placeOf(y)!.value.offset]
  offsetRemove(a, x)
  offsetRemove(b, y)
  offsetPut(a, y, atX)
  offsetPut(b, x, atY)
}

/**
 * Lists the newest names first, so that names made meanwhile are not listed; the end is a position of its own. Reading
 * goes on at the highest cookie that is not beyond the position.
 */
const iterate_shared = (file: File, ctx: DirContext): number => {
  if ((file.f_inode.i_flags & S_DEAD) !== 0) return -ENOENT
  if (!emitDots(file, ctx) || ctx.pos === END_OF_DIR) return 0
  const { names } = tmpfsNode(file.f_inode)
  const from = ctx.pos === FIRST_ENTRY ? undefined : (names?.atOrBelow(ctx.pos) ?? null)
  for (const { dentry, offset } of names?.inOrder.newestFirst(from) ?? []) {
    const inode = dentry.d_inode
    ctx.pos = offset
    if (!ctx.emit(dentry.d_name.name, inode?.i_ino ?? 0, inode === null ? DT_UNKNOWN : dtType(inode.i_mode))) return 0
  }
  ctx.pos = END_OF_DIR
  return 0
}

export const tmpfsDirs = fileOperations({ iterate_shared, llseek: endless_llseek, read: () => -EISDIR, fsync: () => 0 })
