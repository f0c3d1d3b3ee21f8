/** SIDs and contexts for other parts of the kernel. */
import { XATTR_SELINUX_SUFFIX } from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import type { Selinux } from '../state.ts'

export const secidHooks = ({ server }: Selinux): HookGroup => ({
  ismaclabel: (name) => (name === XATTR_SELINUX_SUFFIX ? 1 : 0),

  /** The length counts the NUL. */
  secid_to_secctx(secid, secdata, seclen) {
    const text = server.sidToContext(secid)
    if (typeof text === 'number') return text
    secdata.value = text
    seclen.value = text.length + 1
    return 0
  },

  secctx_to_secid(secdata, _seclen, secid) {
    const sid = server.contextToSid(secdata.replace(/\0.*$/s, ''))
    if (sid < 0) return sid
    secid.value = sid
    return 0
  },

  release_secctx() {},
})
