/** Labelled IPsec: policies and states have contexts, flows must match them. */
import { EACCES, EINVAL, ESRCH } from '@lsmkit/abi'
import type { HookGroup, XfrmSecCtx, XfrmUserSecCtx } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_UNLABELED, SECSID_NULL } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'

/** Whose contexts these are. */
const XFRM_SC_DOI_LSM = 1
const XFRM_SC_ALG_SELINUX = 1

const { association } = AV

const isOurs = ({ ctx_doi, ctx_alg }: { readonly ctx_doi: number; readonly ctx_alg: number }): boolean =>
  ctx_doi === XFRM_SC_DOI_LSM && ctx_alg === XFRM_SC_ALG_SELINUX

export const xfrmHooks = (selinux: Selinux): HookGroup => {
  const { server, avc } = selinux
  const may = (sid: number): number => currentHas(selinux, sid, SECCLASS.association, association.setcontext)

  /** As `selinux_xfrm_alloc_user`: a context from user space, or -errno. */
  const fromUser = (given: XfrmUserSecCtx): XfrmSecCtx | number => {
    if (!isOurs(given)) return -EINVAL
    const sid = server.contextToSid(given.ctx_str)
    if (sid < 0) return sid
    const rc = may(sid)
    if (rc !== 0) return rc
    return { ctx_doi: XFRM_SC_DOI_LSM, ctx_alg: XFRM_SC_ALG_SELINUX, ctx_sid: sid, ctx_str: given.ctx_str }
  }

  return {
    xfrm_policy_alloc_security(out, given) {
      const ctx = fromUser(given)
      if (typeof ctx === 'number') return ctx
      out.value = ctx
      return 0
    },
    xfrm_policy_clone_security(old, out) {
      out.value = old === null ? null : { ...old }
      return 0
    },
    xfrm_policy_free_security() {},
    xfrm_policy_delete_security: (ctx) => (ctx === null ? 0 : may(ctx.ctx_sid)),

    xfrm_state_alloc(x, given) {
      const ctx = fromUser(given)
      if (typeof ctx === 'number') return ctx
      x.security = ctx
      return 0
    },

    /** A state made by the kernel for a flow. */
    xfrm_state_alloc_acquire(x, polsec, secid) {
      if (polsec === null) return 0
      if (secid === SECSID_NULL) return -EINVAL
      const text = server.sidToContext(secid)
      if (typeof text === 'number') return text
      x.security = { ctx_doi: XFRM_SC_DOI_LSM, ctx_alg: XFRM_SC_ALG_SELINUX, ctx_sid: secid, ctx_str: text }
      return 0
    },
    xfrm_state_free_security(x) {
      x.security = null
    },
    xfrm_state_delete_security: ({ security }) => (security === null ? 0 : may(security.ctx_sid)),

    /** A policy that does not match is not there. */
    xfrm_policy_lookup(ctx, flow) {
      const label = ctx === null ? SECINITSID_UNLABELED : ctx.ctx_sid
      const rc = avc.hasPerm(flow, label, SECCLASS.association, association.polmatch, 'nothing', null)
      return rc === -EACCES ? -ESRCH : rc
    },

    xfrm_state_pol_flow_match(x, xp, { flowic_secid: flow }) {
      if (xp.security === null) return x.security === null ? 1 : 0
      if (x.security === null || !isOurs(x.security)) return 0
      const { ctx_sid: state } = x.security
      if (flow !== state) return 0
      return avc.hasPerm(flow, state, SECCLASS.association, association.sendto, 'nothing', null) === 0 ? 1 : 0
    },

    /** No packet of this host has come through IPsec. */
    xfrm_decode_session(_skb, secid) {
      secid.value = SECSID_NULL
      return 0
    },
  }
}
