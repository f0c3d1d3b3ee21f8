/** Packets between two socks of this machine, as LSMs see them: labels of flows, and the receiver's word. */
import { ETIMEDOUT } from '@lsmkit/abi'
import type { FlowiCommon, KeyMap, RequestSock, Sock } from '@lsmkit/core'
import { packetOf } from './inet-sock.ts'
import type { InetSock } from './inet-sock.ts'
import type { Netlabels, Sender } from './netlabel.ts'

/** What a packet carries that only says something of the connection. */
export const NOTHING = new Uint8Array()

export const packets = (lsm: KeyMap, labels: Netlabels) => {
  /** A flow gets the label of the sock it comes from (security_sk_classify_flow). */
  const classify = ({ sk }: InetSock): void => {
    const flow: FlowiCommon = { flowic_secid: 0, flowic_mark: sk.sk_mark, flowic_proto: sk.sk_protocol }
    lsm.sk_getsecid.tell(sk, flow)
  }
  const classifyRequest = (req: RequestSock, sk: Sock): void =>
    lsm.req_classify_flow.tell(req, { flowic_secid: req.secid, flowic_mark: 0, flowic_proto: sk.sk_protocol })

  /** 0 when the LSMs let a packet up to the sock, else what its sender hears of it: -errno, -ETIMEDOUT for nothing. */
  const receive = (to: InetSock, from: Sender, data: Uint8Array): number => {
    const skb = packetOf(to.sk, from, to.local, data)
    if (lsm.socket_sock_rcv_skb.ask(to.sk, skb) === 0) return 0
    return -(labels.refusalOf(skb) || ETIMEDOUT)
  }
  const receives = (to: InetSock, from: Sender, data: Uint8Array): boolean => receive(to, from, data) === 0

  return { classify, classifyRequest, receive, receives }
}
export type Packets = ReturnType<typeof packets>
