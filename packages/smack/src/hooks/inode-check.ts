/** A check of an inode by the running task. */
import type { Dentry, Inode } from '@lsmkit/core'
import type { Kind, Source } from '../audit.ts'
import { noteInode } from '../bringup.ts'
import { currentCheck, errnoOf } from '../checks.ts'
import { currentLabel } from '../state.ts'
import type { Smack } from '../state.ts'

/** `kind` and `source` are what a record shall tell: the inode itself, or the name or path it was reached by. */
export const currentInodeCheck = <K extends Kind>(
  smack: Smack,
  inode: Inode,
  request: number,
  fn: string,
  kind: K,
  source: Source<K>,
): number => {
  const object = smack.blobs.inode(inode).label
  const decision = currentCheck(smack, object, request, fn, kind, source)
  noteInode(smack, inode, request, decision)
  return errnoOf(smack, decision, currentLabel(smack), object, request)
}

/** The inode of a name. */
export const currentDentryCheck = (smack: Smack, dentry: Dentry, request: number, fn: string): number =>
  currentInodeCheck(smack, dentry.d_inode!, request, fn, 'dentry', dentry)
