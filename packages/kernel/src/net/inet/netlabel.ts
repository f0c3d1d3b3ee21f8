/**
 * Labels that LSMs put on packets, in the place of an IP option: of each sock, and of a connection in the making; and
 * refusals that the receiver tells of by ICMP (net/netlabel, net/ipv4/cipso_ipv4.c).
 */
import { AF_INET, EACCES, EHOSTUNREACH } from '@lsmkit/abi'
import type { RequestSock, SkBuff, Sock } from '@lsmkit/core'
import { InetSock } from './inet-sock.ts'

/** What a packet comes from: an end, and what that puts on it. */
export type Sender = Pick<InetSock, 'local' | 'netlabel'>

export const netlabels = () => {
  const requests = new WeakMap<RequestSock, object>()
  const refused = new WeakMap<SkBuff, number>()
  return {
    /** 0; families that have no IP options carry none. */
    netlbl_sock_setattr({ sk_user_data: state }: Sock, option: object | null): number {
      if (state instanceof InetSock) state.netlabel = option
      return 0
    },
    netlbl_req_setattr(req: RequestSock, option: object | null): number {
      if (option === null) requests.delete(req)
      else requests.set(req, option)
      return 0
    },
    /** IPv4 tells only of packets with an option that they may not go on; IPv6 of all. */
    netlbl_skbuff_err(skb: SkBuff, family: number, error: number): void {
      if (family !== AF_INET) refused.set(skb, EACCES)
      else if (skb.netlabel !== null && error === -EACCES) refused.set(skb, EHOSTUNREACH)
    },
    labelOf: (req: RequestSock): object | null => requests.get(req) ?? null,
    /** The errno that the sender of a packet hears; 0 when nobody tells it. */
    refusalOf: (skb: SkBuff): number => refused.get(skb) ?? 0,
  }
}
export type Netlabels = ReturnType<typeof netlabels>
