/** A check of an inode by the running task. */
import type { Dentry, Inode } from '@lsmkit/core'
import { access, taskAccess } from '../access.ts'
import { isPlain, record } from '../audit.ts'
import type { Kind, Source } from '../audit.ts'
import { SMK_INODE_IMPURE } from '../blobs.ts'
import type { CredState } from '../blobs.ts'
import { noteInode } from '../bringup.ts'
import { errnoOf } from '../checks.ts'
import type { Label } from '../label.ts'
import { currentState } from '../state.ts'
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
  const { label: object, flags } = smack.blobs.inode(inode)
  const subject = currentState(smack)
  // Nearly always the labels or a rule allow it and there is nothing to tell: that way is kept short.
  if (subject.rules === null && (flags & SMK_INODE_IMPURE) === 0) {
    if (isPlain(smack, access(smack.policy, subject.label, object, request))) return 0
  }
  return slowly(smack, subject, inode, object, request, fn, kind, source)
}

const slowly = <K extends Kind>(
  smack: Smack, subject: CredState, inode: Inode, object: Label, request: number, fn: string, kind: K,
  source: Source<K>,
): number => {
  const decision = taskAccess(smack.policy, subject, object, request, smack.current)
  record(smack, { fn, subject: subject.label, object, request }, decision, kind, source)
  noteInode(smack, inode, request, decision)
  return errnoOf(smack, decision, subject.label, object, request)
}

/** The inode of a name. */
export const currentDentryCheck = (smack: Smack, dentry: Dentry, request: number, fn: string): number =>
  currentInodeCheck(smack, dentry.d_inode!, request, fn, 'dentry', dentry)
