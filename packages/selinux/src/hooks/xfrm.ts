/** Labelled IPsec: policies and states have contexts, flows must match them. */
import { EACCES, EINVAL, ESRCH } from '@lsmkit/abi'
import type { HookTable, XfrmSecCtx, XfrmUserSecCtx } from '@lsmkit/core'
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

const may = (selinux: Selinux, sid: number): number =>
  currentHas(selinux, sid, SECCLASS.association, association.setcontext)

/** As `selinux_xfrm_alloc_user`: a context from user space, or -errno. */
const fromUser = (selinux: Selinux, given: XfrmUserSecCtx): XfrmSecCtx | number => {
  if (!isOurs(given)) return -EINVAL
  const sid = selinux.server.contextToSid(given.ctx_str)
  if (sid < 0) return sid
  const rc = may(selinux, sid)
  if (rc !== 0) return rc
  return { ctx_doi: XFRM_SC_DOI_LSM, ctx_alg: XFRM_SC_ALG_SELINUX, ctx_sid: sid, ctx_str: given.ctx_str }
}

export const xfrmHooks: HookTable<Selinux> = {
  xfrm_policy_alloc_security(selinux, out, given) {
    const ctx = fromUser(selinux, given)
    if (typeof ctx === 'number') return ctx
    out.value = ctx
    return 0
  },
  xfrm_policy_clone_security(_selinux, old, out) {
    out.value = old === null ? null : { ...old }
    return 0
  },
  xfrm_policy_free_security() {},
  xfrm_policy_delete_security: (selinux, ctx) => (ctx === null ? 0 : may(selinux, ctx.ctx_sid)),

  xfrm_state_alloc(selinux, x, given) {
    const ctx = fromUser(selinux, given)
    if (typeof ctx === 'number') return ctx
    x.security = ctx
    return 0
  },

  /** A state made by the kernel for a flow. */
  xfrm_state_alloc_acquire(selinux, x, polsec, secid) {
    if (polsec === null) return 0
    if (secid === SECSID_NULL) return -EINVAL
    const text = selinux.server.sidToContext(secid)
    if (typeof text === 'number') return text
    x.security = { ctx_doi: XFRM_SC_DOI_LSM, ctx_alg: XFRM_SC_ALG_SELINUX, ctx_sid: secid, ctx_str: text }
    return 0
  },
  xfrm_state_free_security(_selinux, x) {
    x.security = null
  },
  xfrm_state_delete_security: (selinux, { security }) => (security === null ? 0 : may(selinux, security.ctx_sid)),

  /** A policy that does not match is not there. */
  xfrm_policy_lookup(selinux, ctx, flow) {
    const label = ctx === null ? SECINITSID_UNLABELED : ctx.ctx_sid
    const rc = selinux.avc.hasPerm(flow, label, SECCLASS.association, association.polmatch, 'nothing', null)
    return rc === -EACCES ? -ESRCH : rc
  },

  xfrm_state_pol_flow_match(selinux, x, xp, { flowic_secid: flow }) {
    if (xp.security === null) return x.security === null ? 1 : 0
    if (x.security === null || !isOurs(x.security)) return 0
    const { ctx_sid: state } = x.security
    if (flow !== state) return 0
    return selinux.avc.hasPerm(flow, state, SECCLASS.association, association.sendto, 'nothing', null) === 0 ? 1 : 0
  },

  /** No packet of this host has come through IPsec. */
  xfrm_decode_session(_selinux, _skb, secid) {
    secid.value = SECSID_NULL
    return 0
  },
}
