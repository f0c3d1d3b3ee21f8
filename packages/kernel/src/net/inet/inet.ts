/**
 * Making sockets of AF_INET and AF_INET6. They reach the loopback device; a packet is received inside the sender's
 * call, where the kernel would run a soft interrupt (net/ipv4/af_inet.c, tcp_ipv4.c, udp.c).
 */
import {
  AF_INET, CAP_NET_RAW, EACCES, EINVAL, ENOMEM, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT, IPPROTO_ICMP, IPPROTO_ICMPV6,
  IPPROTO_IP, IPPROTO_MAX, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, SOCK_DGRAM, SOCK_RAW,
  SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { setOps } from '../../state/net/proto.ts'
import type { Family } from '../../state/net/proto.ts'
import { openRaw } from './datagrams.ts'
import { InetSock } from '../../state/net/inet-sock.ts'
import { mayPing } from './ping.ts'
import { SctpSock } from '../../state/net/sctp-sock.ts'
import { sk_alloc, sock_init, sock_put } from '../socks.ts'

/** The protocols of each socket type; the first is used if none is asked for. */
const PROTOCOLS: ReadonlyMap<number, readonly number[]> = new Map([
  [SOCK_STREAM, [IPPROTO_TCP, IPPROTO_MPTCP, IPPROTO_SCTP]],
  [SOCK_DGRAM, [IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_UDPLITE]],
  [SOCK_SEQPACKET, [IPPROTO_SCTP]],
])

const isAbsent = (machine: Machine, protocol: number): boolean =>
  (protocol === IPPROTO_SCTP && machine.without.has('sctp')) ||
  (protocol === IPPROTO_MPTCP && machine.without.has('mptcp')) ||
  (protocol === IPPROTO_UDPLITE && !machine.rules.udpLite)

const protocolOf = (machine: Machine, family: number, type: number, protocol: number): number => {
  if (protocol < 0 || protocol >= IPPROTO_MAX) return -EINVAL
  if (type === SOCK_RAW) return protocol === IPPROTO_IP ? -EPROTONOSUPPORT : protocol
  const known = PROTOCOLS.get(type)
  if (known === undefined) return -ESOCKTNOSUPPORT
  if (protocol === IPPROTO_IP) return isAbsent(machine, known[0]!) ? -EPROTONOSUPPORT : known[0]!
  const isOthers = protocol === (family === AF_INET ? IPPROTO_ICMPV6 : IPPROTO_ICMP)
  return known.includes(protocol) && !isOthers && !isAbsent(machine, protocol) ? protocol : -EPROTONOSUPPORT
}

/** As `inet_create` and `inet6_create`. */
export const createInet = (machine: Machine, family: number): Family => (socket, protocol, kern, net) => {
  const proto = protocolOf(machine, family, socket.type, protocol)
  if (proto < 0) return proto
  if (socket.type === SOCK_RAW && !kern && !ns_capable(machine.lsm, machine.current, net.user_ns, CAP_NET_RAW))
    return -EPERM
  const sk = sk_alloc(machine, family, socket.type, proto, socket)
  if (sk === null) return -ENOMEM
  const isSctp = proto === IPPROTO_SCTP && socket.type !== SOCK_RAW
  sock_init(machine, sk, isSctp ? new SctpSock(sk, net) : new InetSock(sk, net))
  if (socket.type === SOCK_RAW) openRaw(machine, InetSock.of(sk))
  setOps(
    socket, (isSctp ? machine.netTable.operations.sctp : machine.netTable.operations.inet)[family === AF_INET ? 0 : 1]!,
  )
  const isPing = socket.type === SOCK_DGRAM && (proto === IPPROTO_ICMP || proto === IPPROTO_ICMPV6)
  if (!isPing || mayPing(net, machine.current.task.cred)) return 0
  socket.sk = null
  sock_put(machine, sk)
  return -EACCES
}
