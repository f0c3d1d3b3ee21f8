/** A check of an inode by the running task. */
import type { Dentry, Inode } from '@lsmkit/core'
import { taskAccess } from '../access.ts'
import { record } from '../audit.ts'
import type { Kind, Source } from '../audit.ts'
import type { CredState, InodeState } from '../blobs.ts'
import { noteInode } from '../bringup.ts'
import { errnoOf } from '../checks.ts'
import { currentState } from '../state.ts'
import type { Smack } from '../state.ts'
import { isAllowedWithoutRecord, isRemembered } from './without-record.ts'

/** The usual end of a check: the inode has granted the running task this before. Requests are of `rwxa`, as below. */
export const isKnown = (smack: Smack, inode: Inode, request: number): boolean =>
  isRemembered(smack, currentState(smack), smack.blobs.inode(inode), request)

/** `kind` and `source` describe the object in a record: the inode itself, or the name or path it was reached by. */
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
  if (isRemembered(smack, subject, state, request)) return 0
  return judge(smack, subject, state, inode, request, fn, kind, source)
}

const judge = <K extends Kind>(
  smack: Smack,
  subject: CredState,
  state: InodeState,
  inode: Inode,
  request: number,
  fn: string,
  kind: K,
  source: Source<K>,
): number => {
  if (isAllowedWithoutRecord(smack, subject, state, request)) return 0
  const object = state.label
  const decision = taskAccess(smack.policy, subject, object, request, smack.current)
  record(smack, { fn, subject: subject.label, object, request }, decision, kind, source)
  noteInode(smack, inode, request, decision)
  return errnoOf(smack, decision, subject.label, object, request)
}

/** The inode of a name. */
export const currentDentryCheck = (smack: Smack, dentry: Dentry, request: number, fn: string): number =>
  currentInodeCheck(smack, dentry.d_inode!, request, fn, 'dentry', dentry)
