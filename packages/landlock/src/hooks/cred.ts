/** A domain goes along with the credentials of its task: to children, through exec and changes of ids. */
import type { Cred, HookGroup } from '@lsmkit/core'
import type { Landlock } from '../state.ts'

export const credHooks = ({ blobs, abi }: Landlock): HookGroup => {
  const inherit = (next: Cred, old: Cred): void => {
    const [to, from] = [blobs.cred(next), blobs.cred(old)]
    if (from.domain !== null) to.domain = from.domain.get()
    to.domainExec = from.domainExec
    to.subdomainsOff = from.subdomainsOff
  }
  return {
    cred_prepare(next, old) {
      inherit(next, old)
      return 0
    },
    cred_transfer: inherit,
    cred_free(cred) {
      const state = blobs.cred(cred)
      state.domain?.put()
      state.domain = null
    },
    // from ABI 7 audit tells a program's own restrictions from those it was started with
    bprm_creds_for_exec: abi < 7 ? undefined : (bprm) => {
      blobs.cred(bprm.cred).domainExec = 0
      return 0
    },
  }
}
