/** A check of an open file: by the running task, or by the cred it was opened with. */
import type { File } from '@lsmkit/core'
import { noteFile } from '../bringup.ts'
import { currentCheck, errnoOf, taskCheck } from '../checks.ts'
import { currentLabel } from '../state.ts'
import type { Smack } from '../state.ts'

export const currentFileCheck = (smack: Smack, file: File, request: number, fn: string): number => {
  const object = smack.blobs.inode(file.f_inode).label
  const decision = currentCheck(smack, object, request, fn, 'path', file.f_path)
  noteFile(smack, file, smack.ctx.current.task.cred, request, decision)
  return errnoOf(smack, decision, currentLabel(smack), object, request)
}

/** The privilege that may override is the running task's nonetheless. */
export const credFileCheck = (smack: Smack, file: File, request: number, fn: string): number => {
  const subject = smack.blobs.cred(file.f_cred)
  const object = smack.blobs.inode(file.f_inode).label
  const decision = taskCheck(smack, subject, object, request, fn, 'path', file.f_path)
  noteFile(smack, file, file.f_cred, request, decision)
  return errnoOf(smack, decision, subject.label, object, request)
}
