/** The kernel's name of a socket's protocol (`struct proto.name`), which is the value of system.sockprotoname. */
import {
  AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_MPTCP, IPPROTO_SCTP, SOCK_RAW,
  SOCK_STREAM,
} from '@lsmkit/abi'
import type { Sock } from '@lsmkit/core'

const inetName = ({ sk_type, sk_protocol }: Sock): string => {
  if (sk_type === SOCK_RAW) return 'RAW'
  if (sk_protocol === IPPROTO_SCTP) return 'SCTP'
  if (sk_protocol === IPPROTO_MPTCP) return 'MPTCP'
  if (sk_protocol === IPPROTO_ICMP || sk_protocol === IPPROTO_ICMPV6) return 'PING'
  return sk_type === SOCK_STREAM ? 'TCP' : 'UDP'
}

export const protocolNameOf = (sk: Sock): string => {
  switch (sk.sk_family) {
    case AF_UNIX: return sk.sk_type === SOCK_STREAM ? 'UNIX-STREAM' : 'UNIX'
    case AF_NETLINK: return 'NETLINK'
    case AF_PACKET: return 'PACKET'
    default: return sk.sk_family === AF_INET6 ? `${inetName(sk)}v6` : inetName(sk)
  }
}
