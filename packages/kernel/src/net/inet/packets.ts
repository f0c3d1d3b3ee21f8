/** Packets between two socks of this machine, as LSMs see them: labels of flows, and the receiver's decision. */
import { ETIMEDOUT } from '@lsmkit/abi'
import type { FlowiCommon, RequestSock, Sock } from '@lsmkit/core'
import { packetOf } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import type { Sender } from './netlabel.ts'
import type { Machine } from '../../machine.ts'
import { refusalOf } from './netlabel.ts'

/** The contents of a packet that only controls the connection. */
export const NOTHING = new Uint8Array()

/** A flow gets the label of the sock it comes from (security_sk_classify_flow). */
export const classify = (machine: Machine, { sk }: InetSock): void => {
  const flow: FlowiCommon = { flowic_secid: 0, flowic_mark: sk.sk_mark, flowic_proto: sk.sk_protocol }
  machine.lsm.sk_getsecid.tell(sk, flow)
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
