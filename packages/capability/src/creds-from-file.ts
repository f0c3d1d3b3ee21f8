/** The hook behind execve: reads the program's capabilities, computes, and writes the result into `bprm`. */
import {
  AUDIT_BPRM_FCAPS, capAssign, CAP_SETUID, EINVAL, ENODATA, PER_CLEAR_ON_SETID, XATTR_NAME_CAPS,
} from '@lsmkit/abi'
import { get_vfs_caps_from_disk, in_userns, make_kuid, ns_capable, ptracer_capable } from '@lsmkit/core'
import type { Binprm, CpuVfsCapData, Cred, File, HookGroup, LsmContext } from '@lsmkit/core'
import { bprmFcapsText } from './audit-record.ts'
import { execBranches } from './exec-branch.ts'
import type { ExecBranch } from './exec-branch.ts'
import { execCaps } from './exec.ts'
import type { ExecAnswer } from './exec.ts'
import { rulesOf } from './profile.ts'
import type { Rules } from './profile.ts'

export const execHooks = (ctx: LsmContext, rules: Rules = rulesOf(ctx.profile)): HookGroup => ({
  bprm_creds_from_file(bprm: Binprm, file: File): number {
    const { task } = ctx.current
    const old = task.cred
    const next = bprm.cred
    const found = fileCaps(ctx, file)
    if (found === -EINVAL) return ctx.audit.deny(found, execBranches['file-caps-malformed'], { file: bprm.filename })
    if (typeof found === 'number' && found !== -ENODATA) return found
    const caps = typeof found === 'number' ? null : found
    const answer = execCaps({
      rules,
      old,
      euid: next.euid,
      egid: next.egid,
      root: make_kuid(next.user_ns, 0),
      fileCaps: caps,
      unsafe: bprm.unsafe,
      tracerCapable: () => ptracer_capable(ctx.lsm, task, next.user_ns),
      setuidCapable: () => ns_capable(ctx.lsm, ctx.current, next.user_ns, CAP_SETUID),
    })
    if (answer.rc !== 0) return ctx.audit.deny(answer.rc, lastReason(answer.branches), { file: bprm.filename })
    apply(bprm, answer)
    if (answer.raised) emitFcaps(ctx, caps, old, next)
    return 0
  },
})

/** As `get_file_caps` up to the arithmetic: what counts, or -ENODATA for nothing. */
const fileCaps = (ctx: LsmContext, file: File): CpuVfsCapData | number => {
  const { mnt } = file.f_path
  const ns = ctx.current.task.cred.user_ns
  const fs_ns = mnt.mnt_sb.s_user_ns
  if (!ctx.host.file_caps_enabled || !ctx.host.mnt_may_suid(mnt) || !in_userns(fs_ns, ns)) return -ENODATA
  return get_vfs_caps_from_disk(mnt.mnt_idmap, fs_ns, ctx.host.__vfs_getxattr(file.f_inode, XATTR_NAME_CAPS), ns)
}

const emitFcaps = (ctx: LsmContext, caps: CpuVfsCapData | null, old: Cred, next: Cred): void =>
  ctx.audit.emit({ kind: 'text', type: AUDIT_BPRM_FCAPS, text: bprmFcapsText(caps, old, next) })

const lastReason = (branches: readonly ExecBranch[]): string => execBranches[branches.at(-1)!]

const apply = (bprm: Binprm, answer: ExecAnswer): void => {
  const next: Cred = bprm.cred
  next.euid = next.suid = next.fsuid = answer.euid
  next.egid = next.sgid = next.fsgid = answer.egid
  capAssign(next.cap_permitted, answer.permitted)
  capAssign(next.cap_effective, answer.effective)
  capAssign(next.cap_ambient, answer.ambient)
  next.securebits = answer.securebits
  if (answer.gained) bprm.per_clear |= PER_CLEAR_ON_SETID
  if (answer.secureexec) bprm.secureexec = true
}
