/** IPv4 and IPv6: whom a socket may send to, and whose packets it gets. Every check is `w`, and no privilege helps. */
import {
  AF_INET, AF_INET6, EINVAL, IPPROTO_DCCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE,
} from '@lsmkit/abi'
import type { HookTable, SkBuff, Sock, Sockaddr } from '@lsmkit/core'
import type { Label } from '../label.ts'
import { HUH } from '../label-table.ts'
import { ETH_P_IP, ipv4Of, SA_FAMILY_END, SIN6_LEN_RFC2133, SIZEOF_SOCKADDR_IN } from '../packet.ts'
import type { Smack } from '../state.ts'
import { labelOrHuh } from './cred.ts'
import { checkIpv6Packet, checkIpv6Peer } from './inet6.ts'
import { mayWrite, secmarkLabel } from './net-check.ts'
import { labelRequest, packetLabel, unlabelSocket } from './netlabel.ts'

/**
 * As `smk_ipv4_check`: only hosts with a label of their own are asked about here; the others' packets are judged
 * there.
 */
const checkIpv4Peer = (smack: Smack, sk: Sock, { addr, port }: Sockaddr): number => {
  const host = smack.policy.ipv4Hosts.labelOf(ipv4Of(addr))
  if (host === 0) return 0
  const { out } = smack.blobs.sock(sk)
  const to = { family: AF_INET, daddr: addr, dest: port }
  const rc = mayWrite(smack, out, host, 'smk_ipv4_check', 'IPv4 host check', 'net', to)
  if (rc === 0) unlabelSocket(smack, sk)
  return rc
}

/** The label of who sent an IPv4 packet, 0 when it has none. A mark of netfilter counts before what the packet says. */
const senderLabel = (smack: Smack, sk: Sock, skb: SkBuff): Label =>
  secmarkLabel(smack, skb) || packetLabel(smack, skb, smack.blobs.sock(sk).in)

const transports = new Set([IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_TCP, IPPROTO_DCCP])

export const inetHooks: HookTable<Smack> = {
  /** The first who binds an IPv6 port gives it its labels. */
  socket_bind(smack, socket, address, length) {
    const { sk } = socket
    if (smack.build.netfilter || sk === null || sk.sk_family !== AF_INET6) return 0
    if (length < SIN6_LEN_RFC2133 || address.family !== AF_INET6) return -EINVAL
    smack.ports.bind(sk, socket.type, address.port, smack.blobs.sock(sk))
    return 0
  },

  /** An address that is too short is left to the protocol to refuse. */
  socket_connect(smack, { sk }, address, length) {
    if (sk === null || (sk.sk_family !== AF_INET && sk.sk_family !== AF_INET6)) return 0
    if (length < SA_FAMILY_END) return 0
    if (address.family === AF_INET6) {
      return length < SIN6_LEN_RFC2133 ? 0 : checkIpv6Peer(smack, sk, address, true)
    }
    return address.family === AF_INET && length >= SIZEOF_SOCKADDR_IN ? checkIpv4Peer(smack, sk, address) : 0
  },

  socket_sendmsg(smack, { sk }, { msg_name: name }) {
    if (name === null || sk === null) return 0
    const length = name.raw.length
    switch (sk.sk_family) {
      case AF_INET:
        if (length < SIZEOF_SOCKADDR_IN || name.family !== AF_INET) return -EINVAL
        return checkIpv4Peer(smack, sk, name)
      case AF_INET6:
        if (length < SIN6_LEN_RFC2133 || name.family !== AF_INET6) return -EINVAL
        return checkIpv6Peer(smack, sk, name, false)
      default:
        return 0
    }
  },

  /** The other end must be able to write here; it is notified of a refusal. */
  socket_sock_rcv_skb(smack, sk, skb) {
    const isIpv4 = sk.sk_family === AF_INET || (sk.sk_family === AF_INET6 && skb.protocol === ETH_P_IP)
    if (!isIpv4 && (sk.sk_family !== AF_INET6 || !transports.has(skb.ip_protocol))) return 0
    const object = smack.blobs.sock(sk).in
    const fn = 'smack_socket_sock_rcv_skb'
    const rc = isIpv4
      ? mayWrite(smack, senderLabel(smack, sk, skb) || smack.policy.ambient, object, fn, 'IPv4 delivery', 'packet', skb)
      : checkIpv6Packet(smack, sk, skb)
    if (rc !== 0) smack.ctx.host.netlbl_skbuff_err?.(skb, isIpv4 ? AF_INET : AF_INET6, rc)
    return rc
  },

  /** A connection that is asked for. The request that answers it is labelled unless the host has one label for all. */
  inet_conn_request(smack, sk, skb, req) {
    if (sk.sk_family === AF_INET6 && skb.protocol !== ETH_P_IP) return 0
    const state = smack.blobs.sock(sk)
    const subject = senderLabel(smack, sk, skb) || HUH
    const rc = mayWrite(smack, subject, state.in, 'smack_inet_conn_request', 'IPv4 connect', 'packet', skb)
    if (rc !== 0) return rc
    req.peer_secid = subject
    const isListed = smack.policy.ipv4Hosts.labelOf(ipv4Of(skb.saddr)) !== 0
    return labelRequest(smack, req, isListed ? null : state.out)
  },

  inet_csk_clone(smack, sk, req) {
    smack.blobs.sock(sk).packet = req.peer_secid === 0 ? 0 : labelOrHuh(smack, req.peer_secid)
  },
}
