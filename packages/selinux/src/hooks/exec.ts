/** execve: the domain of the program, and what it inherits of the old one. */
import {
  EACCES, EPERM, LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, LSM_UNSAFE_SHARE, O_RDWR, PER_CLEAR_ON_SETID,
} from '@lsmkit/abi'
import type { Binprm, HookTable, Task } from '@lsmkit/core'
import type { CredState } from '../blobs.ts'
import { fileHas, inodeState } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_DEVNULL, SECINITSID_INIT, SECSID_NULL } from '../initial-sids.ts'
import { filePerms } from '../mode-class.ts'
import { currentState } from '../state.ts'
import type { Selinux } from '../state.ts'
import { ptracerSid } from './attributes.ts'

const { process, process2, file: fileAv } = AV

/**
 * As `check_nnp_nosuid`: where no privilege may be gained, the new domain must be granted by name or be bounded by the
 * old one.
 */
const checkNoNewPrivs = (selinux: Selinux, bprm: Binprm, old: CredState, next: CredState): number => {
  const nnp = (bprm.unsafe & LSM_UNSAFE_NO_NEW_PRIVS) !== 0
  const nosuid = !selinux.ctx.host.mnt_may_suid(bprm.file.f_path.mnt)
  if ((!nnp && !nosuid) || next.sid === old.sid) return 0
  if (selinux.server.policyCap('nnp_nosuid_transition')) {
    const perms = (nnp ? process2.nnp_transition : 0) | (nosuid ? process2.nosuid_transition : 0)
    if (selinux.avc.hasPerm(old.sid, next.sid, SECCLASS.process2, perms, 'nothing', null) === 0) return 0
  }
  if (selinux.server.boundedTransition(old.sid, next.sid) === 0) return 0
  return nnp ? -EPERM : -EACCES
}

/** The new domain, before anybody has been asked: 0 or -errno. */
const chooseDomain = (selinux: Selinux, bprm: Binprm, old: CredState, next: CredState, fileSid: number): number => {
  if (old.exec_sid !== SECSID_NULL) {
    next.sid = old.exec_sid
    next.exec_sid = SECSID_NULL
    return checkNoNewPrivs(selinux, bprm, old, next)
  }
  const sid = selinux.server.transitionSid(old.sid, fileSid, SECCLASS.process)
  if (sid < 0) return sid
  next.sid = sid
  // what nobody asked for by name is quietly left out
  if (checkNoNewPrivs(selinux, bprm, old, next) !== 0) next.sid = old.sid
  return 0
}

/** The old domain's right to enter the new one through this file. */
const enterDomain = (selinux: Selinux, bprm: Binprm, old: CredState, next: CredState, fileSid: number): number => {
  const { avc } = selinux
  const { file } = bprm
  const transition = avc.hasPerm(old.sid, next.sid, SECCLASS.process, process.transition, 'file', file)
  if (transition !== 0) return transition
  const entry = avc.hasPerm(next.sid, fileSid, SECCLASS.file, fileAv.entrypoint, 'file', file)
  if (entry !== 0) return entry
  const { share, ptrace, noatsecure } = process
  if ((bprm.unsafe & LSM_UNSAFE_SHARE) !== 0) {
    if (avc.hasPerm(old.sid, next.sid, SECCLASS.process, share, 'nothing', null) !== 0) return -EPERM
  }
  if ((bprm.unsafe & LSM_UNSAFE_PTRACE) !== 0) {
    const tracer = ptracerSid(selinux)
    const rc = tracer === SECSID_NULL
      ? 0
      : avc.hasPerm(tracer, next.sid, SECCLASS.process, ptrace, 'nothing', null)
    if (rc !== 0) return -EPERM
  }
  bprm.per_clear |= PER_CLEAR_ON_SETID
  if (avc.hasPerm(old.sid, next.sid, SECCLASS.process, noatsecure, 'nothing', null) !== 0) bprm.secureexec = true
  return 0
}

/** As `flush_unauthorized_files`: what the new domain may not use is closed, and the null device put in its place. */
const flushFiles = (selinux: Selinux, { cred }: Binprm, { files }: Task): void => {
  const { host } = selinux.ctx
  const refused = (files?.fd ?? []).flatMap((file, fd) =>
    file !== null && fileHas(selinux, cred, file, filePerms(file)) !== 0 ? [fd] : [],
  )
  if (refused.length === 0) return
  const path = host.null_device?.() ?? null
  if (path !== null) selinux.blobs.inode(path.dentry.d_inode!).label(SECINITSID_DEVNULL, SECCLASS.chr_file)
  const opened = path === null ? null : host.dentry_open?.(path, O_RDWR, cred)
  host.replace_fds?.(refused, typeof opened === 'object' ? opened : null)
}

export const execHooks: HookTable<Selinux> = {
  bprm_creds_for_exec(selinux, bprm) {
    const old = currentState(selinux)
    const next = selinux.blobs.cred(bprm.cred)
    const { sid: fileSid } = inodeState(selinux, bprm.file.f_inode)
    next.sid = old.sid
    next.osid = old.sid
    next.create_sid = next.keycreate_sid = next.sockcreate_sid = SECSID_NULL
    if (!selinux.server.loaded) {
      next.sid = SECINITSID_INIT
      next.exec_sid = SECSID_NULL
      return 0
    }
    const rc = chooseDomain(selinux, bprm, old, next, fileSid)
    if (rc !== 0) return rc
    if (next.sid !== old.sid) return enterDomain(selinux, bprm, old, next, fileSid)
    return selinux.avc.hasPerm(old.sid, fileSid, SECCLASS.file, fileAv.execute_no_trans, 'file', bprm.file)
  },

  bprm_committing_creds(selinux, bprm) {
    const { osid, sid } = selinux.blobs.cred(bprm.cred)
    if (osid === sid) return
    const { task } = selinux.ctx.current
    flushFiles(selinux, bprm, task)
    task.pdeath_signal = 0
    const { signal } = task
    if (signal === null) return
    if (selinux.avc.hasPerm(osid, sid, SECCLASS.process, process.rlimitinh, 'nothing', null) === 0) return
    // back to what the first process has
    const first = selinux.ctx.host.init_rlimits?.() ?? []
    signal.rlim = signal.rlim.map(({ rlim_max }, resource) =>
      ({ rlim_cur: Math.min(rlim_max, first[resource]?.rlim_cur ?? rlim_max), rlim_max }))
  },

  bprm_committed_creds(selinux) {
    const { osid, sid } = currentState(selinux)
    if (osid === sid) return
    const { task } = selinux.ctx.current
    if (selinux.avc.hasPerm(osid, sid, SECCLASS.process, process.siginh, 'nothing', null) !== 0) {
      selinux.ctx.host.flush_inherited_signals?.(task)
    }
  },
}
