/** execve(2). */
import type { HookGroup } from '@lsmkit/core'
import { commitExec, prepareExec } from '../exec/exec.ts'
import { clearTransition, currentState } from '../state.ts'
import type { Apparmor } from '../state.ts'

export const execHooks = (aa: Apparmor): HookGroup => ({
  bprm_creds_for_exec: (bprm) => prepareExec(aa, bprm),
  bprm_committing_creds: (bprm) => commitExec(aa, bprm),
  bprm_committed_creds: () => clearTransition(currentState(aa)),
})
