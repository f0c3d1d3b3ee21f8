/** Packets between two socks of this machine, as LSMs see them: labels of flows, and the receiver's decision. */
import { ETIMEDOUT } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { FlowiCommon, RequestSock, SkBuff, Sock } from '@lsmkit/core'
import type { Endpoint } from '../../state/net/addresses.ts'
import { wayOut } from '../xfrm/socket-policies.ts'
import { packetOf } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import type { Sender } from './netlabel.ts'
import type { Machine } from '../../machine.ts'
import { refusalOf } from './netlabel.ts'

/** The contents of a packet that only controls the connection. */
export const NOTHING = new Uint8Array()

/** A flow gets the label of the sock it comes from (security_sk_classify_flow): its number. */
export const classify = (machine: Machine, { sk }: InetSock): number => {
  const flow: FlowiCommon = { flowic_secid: 0, flowic_mark: sk.sk_mark, flowic_proto: sk.sk_protocol }
  machine.lsm.sk_getsecid.tell(sk, flow)
  return flow.flowic_secid
}

/** Labels the flow and asks the policies of the socket about the way to `to`: 0 or -errno. */
export const classifyTo = (machine: Machine, sock: InetSock, to: Endpoint): number =>
  wayOut(machine, sock, classify(machine, sock), to)

/** The kernel answers a packet itself: the answer has the label of the packet (security_skb_classify_flow). */
export const classifyAnswer = (machine: Machine, skb: SkBuff): void => {
  machine.lsm.xfrm_decode_session.ask(skb, ref(0), 0)
}

export const classifyRequest = (machine: Machine, req: RequestSock, sk: Sock): void =>
  machine.lsm.req_classify_flow.tell(req, { flowic_secid: req.secid, flowic_mark: 0, flowic_proto: sk.sk_protocol })

/**
 * 0 if the LSMs accept the packet. Else the error that the sender gets: -errno, or -ETIMEDOUT if nothing is reported.
 */
export const receivePacket = (machine: Machine, to: InetSock, from: Sender, data: Uint8Array): number => {
  const skb = packetOf(to.sk, from, to.local, data)
  if (machine.lsm.socket_sock_rcv_skb.ask(to.sk, skb) === 0) return 0
  return -(refusalOf(machine, skb) || ETIMEDOUT)
}

export const receivesPacket = (
  machine: Machine, to: InetSock, from: Sender, data: Uint8Array,
): boolean => receivePacket(machine, to, from, data) === 0
