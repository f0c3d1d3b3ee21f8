/** Flows and IPsec: framework functions with a signature, or a say, of their own. */
import { FRAMEWORK } from '../dispatch/range.ts'
import type { FlowiCommon, SkBuff, Sock } from '../objects/net.ts'
import type { Ref } from '../objects/ref.ts'
import type { Shape } from './shape.ts'

/** Only the first LSM on the hook is asked; with nobody there everything matches. */
const xfrm_state_pol_flow_match: Shape = {
  walk: (members) => (x: unknown, xp: unknown, flic: unknown): number => {
    const [first] = members()
    return first === undefined ? 1 : first.fn(x, xp, flic)
  },
}

/**
 * `security_xfrm_decode_session`; with `ckall` 0 it is `security_skb_classify_flow`, which writes to the flow and
 * cannot be refused: the kernel stops there (BUG_ON), here the refusal is reported and returned.
 */
const xfrm_decode_session: Shape = {
  frame:
    ({ slot: { name, reporter } }) =>
      (chain) =>
        function (this: unknown, skb: SkBuff, secid: Ref<number>, ckall = 1): number {
          const rc: number = chain.call(this, skb, secid, ckall)
          if (rc !== 0 && ckall === 0) {
            reporter.warn(name, FRAMEWORK, new RangeError(`classifying a flow was refused with ${rc}`), 'caller', [
              skb,
              secid,
            ])
          }
          return rc
        },
}

/** `security_sk_classify_flow`: the secid goes straight into the flow. */
const sk_getsecid: Shape = {
  around: (chain) => function (this: unknown, sk: Sock, flic: FlowiCommon) {
    const secid = { value: flic.flowic_secid }
    chain.call(this, sk, secid)
    flic.flowic_secid = secid.value
  },
}

export const networkShapes: Readonly<Record<string, Shape>> = {
  xfrm_state_pol_flow_match,
  xfrm_decode_session,
  sk_getsecid,
}
