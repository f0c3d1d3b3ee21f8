/**
 * Labels that LSMs put on packets, in the place of an IP option: of each sock, and of a connection in the making; and
 * refusals that the receiver tells of by ICMP (net/netlabel, net/ipv4/cipso_ipv4.c).
 */
import { AF_INET, EACCES, EHOSTUNREACH } from '@lsmkit/abi'
import type { RequestSock, SkBuff, Sock } from '@lsmkit/core'
import { InetSock } from '../../state/net/inet-sock.ts'
import type { Machine } from '../../machine.ts'

/** What a packet comes from: an end, and what that puts on it. */
export type Sender = Pick<InetSock, 'local' | 'netlabel'>

/** 0; families that have no IP options carry none. */
export const netlbl_sock_setattr = ({ sk_user_data: state }: Sock, option: object | null): number => {
  if (state instanceof InetSock) state.netlabel = option
  return 0
}

export const netlbl_req_setattr = (machine: Machine, req: RequestSock, option: object | null): number => {
  if (option === null) machine.netTable.labelledRequests.delete(req)
  else machine.netTable.labelledRequests.set(req, option)
  return 0
}

/** IPv4 tells only of packets with an option that they may not go on; IPv6 of all. */
export const netlbl_skbuff_err = (machine: Machine, skb: SkBuff, family: number, error: number): void => {
  if (family !== AF_INET) machine.netTable.refusedPackets.set(skb, EACCES)
  else if (skb.netlabel !== null && error === -EACCES) machine.netTable.refusedPackets.set(skb, EHOSTUNREACH)
}

export const labelOf = (
  machine: Machine, req: RequestSock,
): object | null => machine.netTable.labelledRequests.get(req) ?? null

/** The errno that the sender of a packet is given; 0 when there is nothing to report. */
export const refusalOf = (machine: Machine, skb: SkBuff): number => machine.netTable.refusedPackets.get(skb) ?? 0
