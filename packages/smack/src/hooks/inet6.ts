/** IPv6: packets carry no label, so hosts and local ports have them; with netfilter's marks only the hosts. */
import { AF_INET6 } from '@lsmkit/abi'
import type { SkBuff, Sock, Sockaddr } from '@lsmkit/core'
import type { Label } from '../label.ts'
import { isIpv6Loopback } from '../ip-address.ts'
import { ipv6Of } from '../packet.ts'
import type { Smack } from '../state.ts'
import { mayWrite, secmarkLabel } from './net-check.ts'

/** As `smk_ipv6_check`. */
const check = (smack: Smack, subject: Label, object: Label, ends: object): number =>
  mayWrite(smack, subject, object, 'smk_ipv6_check', 'IPv6 check', 'net', { family: AF_INET6, ...ends })

/**
 * A socket against whom it sends to. Unless the host has a label it counts as ambient; a port of this machine (::1) has
 * the label of the socket bound to it, and connecting gives the socket its peer.
 */
export const checkIpv6Peer = (smack: Smack, sk: Sock, { addr, port }: Sockaddr, isConnect: boolean): number => {
  const host = ipv6Of(addr)
  const state = smack.blobs.sock(sk)
  const listed = smack.policy.ipv6Hosts.labelOf(host)
  const ends = { daddr: addr, dest: port }
  if (listed !== 0) return check(smack, state.out, listed, ends)
  if (smack.build.netfilter) return 0
  const bound = isIpv6Loopback(host) ? smack.ports.find(sk.sk_type, port) : undefined
  if (bound !== undefined && isConnect) state.packet = bound.out
  return check(smack, state.out, bound?.in ?? smack.policy.ambient, ends)
}

/** A packet against the socket it is for. From ::1 it passes: sending has been checked. */
export const checkIpv6Packet = (smack: Smack, sk: Sock, skb: SkBuff): number => {
  const { policy, build } = smack
  const object = smack.blobs.sock(sk).in
  const host = ipv6Of(skb.saddr)
  const marked = build.netfilter ? secmarkLabel(smack, skb) : 0
  if (marked === 0 && isIpv6Loopback(host)) return 0
  const subject = marked || policy.ipv6Hosts.labelOf(host) || policy.ambient
  if (build.netfilter) {
    return mayWrite(smack, subject, object, 'smack_socket_sock_rcv_skb', 'IPv6 delivery', 'packet', skb)
  }
  return check(smack, subject, object, { saddr: skb.saddr, dest: skb.sport })
}
