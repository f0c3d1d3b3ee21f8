/** Executing a file that has a label for those who do (SMACK64EXEC). */
import { EPERM, LSM_UNSAFE_PTRACE, PER_CLEAR_ON_SETID, PTRACE_MODE_ATTACH } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { SMK_SB_UNTRUSTED } from '../blobs.ts'
import type { Smack } from '../state.ts'
import { ptraceCheck } from './ptrace.ts'

export const execHooks: HookTable<Smack> = {
  /**
   * The change needs no rule. Under no_new_privs, or with a shared fs, it fails where capabilities would be left out.
   */
  bprm_creds_for_exec(smack, bprm) {
    const inode = bprm.file.f_inode
    const { exec } = smack.blobs.inode(inode)
    const state = smack.blobs.cred(bprm.cred)
    if (exec === 0 || exec === state.label) return 0
    const sb = smack.blobs.superblock(inode.i_sb)
    if ((sb.flags & SMK_SB_UNTRUSTED) !== 0 && exec !== sb.root) return 0
    if ((bprm.unsafe & LSM_UNSAFE_PTRACE) !== 0) {
      const tracer = tracerOf(smack)
      const rc = tracer === null ? 0 : ptraceCheck(smack, tracer, exec, PTRACE_MODE_ATTACH, 'smack_bprm_creds_for_exec')
      if (rc !== 0) return rc
    }
    if ((bprm.unsafe & ~LSM_UNSAFE_PTRACE) !== 0) {
      return smack.ctx.audit.deny(-EPERM, 'the label cannot change under no_new_privs or with a shared fs')
    }
    state.label = exec
    bprm.per_clear |= PER_CLEAR_ON_SETID
    if (state.label !== state.forked) bprm.secureexec = true
    return 0
  },
}

/** As `ptrace_parent(current)`: while a task is traced its parent is the tracer. */
const tracerOf = ({ ctx: { current } }: Smack) => (current.task.ptrace !== 0 ? current.task.parent : null)
