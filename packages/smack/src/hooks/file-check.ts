/** A check of an open file: by the running task, or by the cred it was opened with. */
import type { Cred, File } from '@lsmkit/core'
import { taskAccess } from '../access.ts'
import { record } from '../audit.ts'
import { noteFile } from '../bringup.ts'
import { errnoOf } from '../checks.ts'
import type { Smack } from '../state.ts'
import { isAllowedWithoutRecord, isRemembered, MOST } from './without-record.ts'

export const currentFileCheck = (smack: Smack, file: File, request: number, fn: string): number =>
  credCheck(smack, smack.ctx.current.task.cred, file, request, fn)

/** The privilege that may override is the running task's nonetheless. */
export const credFileCheck = (smack: Smack, file: File, request: number, fn: string): number =>
  credCheck(smack, file.f_cred, file, request, fn)

const credCheck = (smack: Smack, cred: Cred, file: File, request: number, fn: string): number => {
  const isKnown =
    request <= MOST && isRemembered(smack, smack.blobs.cred(cred), smack.blobs.inode(file.f_inode), request)
  return isKnown ? 0 : judge(smack, cred, file, request, fn)
}

const judge = (smack: Smack, cred: Cred, file: File, request: number, fn: string): number => {
  const subject = smack.blobs.cred(cred)
  const state = smack.blobs.inode(file.f_inode)
  if (isAllowedWithoutRecord(smack, subject, state, request)) return 0
  const object = state.label
  const decision = taskAccess(smack.policy, subject, object, request, smack.current)
  record(smack, { fn, subject: subject.label, object, request }, decision, 'path', file.f_path)
  noteFile(smack, file, cred, request, decision)
  return errnoOf(smack, decision, subject.label, object, request)
}
