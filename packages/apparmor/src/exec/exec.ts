/** An execve(2) from its start to the new program (`apparmor_bprm_*`). */
import {
  EPERM, LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, O_RDWR, PER_CLEAR_ON_SETID,
} from '@lsmkit/abi'
import type { Binprm, File } from '@lsmkit/core'
import { nullPath } from '../apparmorfs/null-device.ts'
import { auditFile } from '../audit/file.ts'
import { isUnconfinedSubset } from '../domain/label-set.ts'
import { newest } from '../domain/label.ts'
import type { Label } from '../domain/objects.ts'
import { noPerms } from '../domain/perm-table.ts'
import { changeRlimits } from '../mediate/rlimit.ts'
import { AA_MAY_EXEC } from '../perms.ts'
import { filePermission, permsOfFile } from '../path/file-perm.ts'
import { condOf } from '../path/path-perm.ts'
import { currentState, forEachProfile } from '../state.ts'
import type { Apparmor } from '../state.ts'
import { buildLabel } from './build-label.ts'
import { onexecTransition } from './onexec.ts'
import { mayChangeTraced } from './ptraced.ts'
import { profileTransition } from './transition.ts'
import type { Execution } from './transition.ts'

/** As `apparmor_bprm_creds_for_exec`: 0 or -errno. */
export const prepareExec = (aa: Apparmor, bprm: Binprm): number => {
  const credentials = aa.blobs.cred(bprm.cred)
  const label = newest(credentials.label)
  const state = currentState(aa)
  const noNewPrivs = (bprm.unsafe & LSM_UNSAFE_NO_NEW_PRIVS) !== 0
  if (noNewPrivs && !label.unconfined) state.nnp ??= label
  const { mnt, dentry } = bprm.file.f_path
  const exec: Execution = { bprm, cond: condOf(mnt, dentry), secure: false }
  const next = state.onexec === null
    ? buildLabel(label, (profile) => profileTransition(aa, profile, exec))
    : onexecTransition(aa, label, state.onexec, state.token !== 0n, exec)
  if (typeof next === 'number') return next
  if (noNewPrivs && !label.unconfined && !isUnconfinedSubset(next, state.nnp!)) {
    return refuse(aa, label, next, exec, 'no new privs', -EPERM)
  }
  const rc = (bprm.unsafe & LSM_UNSAFE_PTRACE) === 0 ? 0 : mayChangeTraced(aa, next)
  if (rc !== 0) return refuse(aa, label, next, exec, 'ptrace prevents transition', rc)
  if (exec.secure) bprm.secureexec = true
  if (label.proxy !== next.proxy) bprm.per_clear |= PER_CLEAR_ON_SETID
  credentials.label = next
  return 0
}

/** A record for each profile, and what the last one answers. */
const refuse = (aa: Apparmor, label: Label, next: Label, exec: Execution, info: string, error: number): number =>
  forEachProfile(label, (profile) => auditFile(aa, profile, noPerms, {
    operation: 'exec', request: AA_MAY_EXEC, name: exec.bprm.filename, label: next, ouid: exec.cond.uid, info, error,
  }))

/** As `apparmor_bprm_committing_creds`: under a new profile descriptors and limits are looked at again. */
export const commitExec = (aa: Apparmor, bprm: Binprm): void => {
  const { task } = aa.ctx.current
  const old = aa.blobs.cred(task.cred).label
  const next = aa.blobs.cred(bprm.cred).label
  if (next.proxy === old.proxy || next.unconfined) return
  inheritFiles(aa, bprm)
  task.pdeath_signal = 0
  changeRlimits(aa, old, next)
}

/** As `aa_inherit_files`: what the new label may not use gives way to a file that answers EACCES. */
const inheritFiles = (aa: Apparmor, { cred }: Binprm): void => {
  const { host, current: { task } } = aa.ctx
  const label = newest(aa.blobs.cred(cred).label)
  const refused: number[] = []
  let opened: File | number | null | undefined = null
  for (const [fd, file] of (task.files?.fd ?? []).entries()) {
    if (file === null || filePermission(aa, 'file_inherit', label, file, permsOfFile(file)) === 0) continue
    // the stand-in is opened, with records of its own, before the next descriptor is looked at
    if (refused.push(fd) > 1) continue
    const path = nullPath(aa)
    opened = path === null ? null : host.dentry_open?.(path, O_RDWR, cred)
  }
  if (refused.length > 0) host.replace_fds?.(refused, typeof opened === 'object' ? opened : null)
}
