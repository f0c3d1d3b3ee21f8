/**
 * Labels that LSMs put on packets, in place of an IP option: of a sock, and of a connection request. Also the errors
 * that a receiver reports by ICMP (net/netlabel, net/ipv4/cipso_ipv4.c).
 */
import { AF_INET, EACCES, EHOSTUNREACH } from '@lsmkit/abi'
import type { RequestSock, SkBuff, Sock } from '@lsmkit/core'
import { InetSock } from '../../state/net/inet-sock.ts'
import type { Machine } from '../../machine.ts'

/** The sender of a packet: its address, and the label on its packets. */
export type Sender = Pick<InetSock, 'local' | 'netlabel'>

/** Sets the label of a sock; families without IP options have no labels. Always 0. */
export const netlbl_sock_setattr = ({ sk_user_data: state }: Sock, option: object | null): number => {
  if (state instanceof InetSock) state.netlabel = option
  return 0
}

export const netlbl_req_setattr = (machine: Machine, req: RequestSock, option: object | null): number => {
  if (option === null) machine.netTable.labelledRequests.delete(req)
  else machine.netTable.labelledRequests.set(req, option)
  return 0
}

/** Reports a refused packet to its sender: IPv4 only if the packet has a label, IPv6 always. */
export const netlbl_skbuff_err = (machine: Machine, skb: SkBuff, family: number, error: number): void => {
  if (family !== AF_INET) machine.netTable.refusedPackets.set(skb, EACCES)
  else if (skb.netlabel !== null && error === -EACCES) machine.netTable.refusedPackets.set(skb, EHOSTUNREACH)
}

export const labelOf = (
  machine: Machine, req: RequestSock,
): object | null => machine.netTable.labelledRequests.get(req) ?? null

/** The errno that the sender of a packet is given; 0 when there is nothing to report. */
export const refusalOf = (machine: Machine, skb: SkBuff): number => machine.netTable.refusedPackets.get(skb) ?? 0
