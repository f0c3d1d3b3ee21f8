/** SIDs and contexts for other parts of the kernel. */
import { XATTR_SELINUX_SUFFIX } from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import type { Selinux } from '../state.ts'

export const secidHooks: HookTable<Selinux> = {
  ismaclabel: (_selinux, name) => (name === XATTR_SELINUX_SUFFIX ? 1 : 0),

  /** The length counts the NUL. */
  secid_to_secctx(selinux, secid, secdata, seclen) {
    const text = selinux.server.sidToContext(secid)
    if (typeof text === 'number') return text
    secdata.value = text
    seclen.value = text.length + 1
    return 0
  },

  secctx_to_secid(selinux, secdata, _seclen, secid) {
    const sid = selinux.server.contextToSid(secdata.replace(/\0.*$/s, ''))
    if (sid < 0) return sid
    secid.value = sid
    return 0
  },

  release_secctx() {},
}
