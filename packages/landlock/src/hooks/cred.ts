/** A domain goes along with the credentials of its task: to children, through exec and changes of ids. */
import type { Cred, HookTable } from '@lsmkit/core'
import type { Landlock } from '../state.ts'

const inherit = (landlock: Landlock, next: Cred, old: Cred): void => {
  const [to, from] = [landlock.blobs.cred(next), landlock.blobs.cred(old)]
  if (from.domain !== null) to.domain = from.domain.get()
  to.domainExec = from.domainExec
  to.subdomainsOff = from.subdomainsOff
}

export const credHooks: HookTable<Landlock> = {
  cred_prepare(landlock, next, old) {
    inherit(landlock, next, old)
    return 0
  },
  cred_transfer: inherit,
  cred_free(landlock, cred) {
    const state = landlock.blobs.cred(cred)
    state.domain?.put()
    state.domain = null
  },
}

/** From ABI 7 on, audit distinguishes a program's own restrictions from those that it was started with. */
export const execHooks: HookTable<Landlock> = {
  bprm_creds_for_exec(landlock, bprm) {
    landlock.blobs.cred(bprm.cred).domainExec = 0
    return 0
  },
}
