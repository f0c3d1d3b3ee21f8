/** A check of an inode by the running task. */
import type { Dentry, Inode } from '@lsmkit/core'
import { taskAccess } from '../access.ts'
import { record } from '../audit.ts'
import type { Kind, Source } from '../audit.ts'
import { noteInode } from '../bringup.ts'
import { errnoOf } from '../checks.ts'
import { currentState } from '../state.ts'
import type { Smack } from '../state.ts'
import { isQuietlyAllowed } from './quietly.ts'

/** `kind` and `source` are what a record shall tell: the inode itself, or the name or path it was reached by. */
export const currentInodeCheck = <K extends Kind>(
  smack: Smack,
  inode: Inode,
  request: number,
  fn: string,
  kind: K,
  source: Source<K>,
): number => {
  const subject = currentState(smack)
  const state = smack.blobs.inode(inode)
  if (isQuietlyAllowed(smack, subject, state, request)) return 0
  const object = state.label
  const decision = taskAccess(smack.policy, subject, object, request, smack.current)
  record(smack, { fn, subject: subject.label, object, request }, decision, kind, source)
  noteInode(smack, inode, request, decision)
  return errnoOf(smack, decision, subject.label, object, request)
}

/** The inode of a name. */
export const currentDentryCheck = (smack: Smack, dentry: Dentry, request: number, fn: string): number =>
  currentInodeCheck(smack, dentry.d_inode!, request, fn, 'dentry', dentry)
