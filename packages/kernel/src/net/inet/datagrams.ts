/** UDP and raw sockets over loopback: destinations, and the socks that receive (net/ipv4/udp.c, raw.c, datagram.c). */
import {
  AF_INET, AF_INET6, AF_UNSPEC, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, ECONNREFUSED, EDESTADDRREQ, EFAULT, EINVAL,
  EMSGSIZE, ENETUNREACH, EOPNOTSUPP, EPIPE, ETIMEDOUT, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_RAW, IPPROTO_UDP,
  MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_RAW, SO_REUSEADDR,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { copyIn, copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import type { KernelMsghdr } from '../../state/net/proto.ts'
import { reportError, takeError, TCP_CLOSE, TCP_ESTABLISHED } from '../../state/net/proto.ts'
import { SIN6_LEN_RFC2133, SOCKADDR_IN_SIZE } from '../../state/net/sockaddr.ts'
import { anyOf, endpointOf, isAny, isLocal, isPeer, sourceTo, toSockaddr } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { destination, RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import { deliver } from './delivery.ts'
import type { Sender } from './netlabel.ts'
import { echoReply, isEchoRequest } from './ping.ts'
import { releasePort, autobindPort, findDatagram } from './ports.ts'
import { closeWays, sendOutside } from './outside-datagrams.ts'
import { classifyTo, receivePacket } from './packets.ts'
import { waitForInput } from '../waits.ts'

const IP_HEADER = 20
const UDP_HEADER = 8
const MOST_LENGTH = 0xffff
const TTL = 64
const DONT_FRAGMENT = 0x40
/** Bytes of the type and code of an ICMP message, which routes depend on. */
const ICMP_TYPE_SIZE = 2
const isIcmp = ({ sk: { sk_family, sk_protocol } }: InetSock): boolean =>
  sk_protocol === (sk_family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6)

/** The most that one datagram carries: AF_INET counts its own header. */
const mostOf = ({ sk: { sk_family, sk_type } }: InetSock): number =>
  MOST_LENGTH - (sk_family === AF_INET ? IP_HEADER : 0) - (sk_type === SOCK_RAW ? 0 : UDP_HEADER)

/** An IPv4 packet, as raw sockets get it. */
const withHeader = (protocol: number, from: Endpoint, to: Endpoint, data: Uint8Array): Uint8Array => {
  const packet = new Uint8Array(IP_HEADER + data.length)
  const view = new DataView(packet.buffer)
  packet[0] = 0x45
  view.setUint16(2, packet.length)
  packet[6] = DONT_FRAGMENT
  packet[8] = TTL
  packet[9] = protocol
  packet.set(from.addr.split('.').map(Number), 12)
  packet.set(to.addr.split('.').map(Number), 16)
  let sum = 0
  for (let at = 0; at < IP_HEADER; at += 2) sum += view.getUint16(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  view.setUint16(10, ~sum & 0xffff)
  packet.set(data, IP_HEADER)
  return packet
}

const rawIn = (machine: Machine, net: PlainNamespace): Set<InetSock> => {
  const known = machine.netTable.rawSocks.get(net) ?? new Set<InetSock>()
  machine.netTable.rawSocks.set(net, known)
  return known
}

/** A raw socket's port is its protocol, and it is there from the start. */
export const openRaw = (machine: Machine, sock: InetSock): void => {
  sock.local = { addr: sock.local.addr, port: sock.sk.sk_protocol }
  sock.options.set(SO_REUSEADDR, 1)
  // IPPROTO_RAW only sends
  if (sock.sk.sk_protocol !== IPPROTO_RAW) rawIn(machine, sock.net).add(sock)
}

export const closeRaw = (machine: Machine, sock: InetSock): void => {
  rawIn(machine, sock.net).delete(sock)
}

/** As `raw_bind` and `rawv6_bind`: an address alone, and as often as one likes. */
export const bindRaw = (sock: InetSock, raw: Uint8Array): number => {
  const { sk_family, sk_state } = sock.sk
  if (raw.length < (sk_family === AF_INET ? SOCKADDR_IN_SIZE : SIN6_LEN_RFC2133)) return -EINVAL
  if (sk_family === AF_INET6 && endpointOf(raw).family !== AF_INET6) return -EINVAL
  if (sk_state !== TCP_CLOSE) return -EINVAL
  const { addr } = endpointOf(sk_family === AF_INET ? Uint8Array.of(AF_INET, 0, ...raw.subarray(2)) : raw)
  if (!isLocal(addr)) return -EADDRNOTAVAIL
  sock.local = { addr, port: sock.local.port }
  return 0
}

/** Whether a datagram may be for another machine. */
const leaves = (machine: Machine, { sk }: InetSock): boolean =>
  machine.datagrams !== null && sk.sk_protocol === IPPROTO_UDP

/** As `__udp_disconnect`. */
const disconnectDatagram = (machine: Machine, sock: InetSock): void => {
  closeWays(sock)
  sock.remote = null
  sock.sk.sk_dport = 0
  sock.sk.sk_state = TCP_CLOSE
  if (!sock.keepsPort) releasePort(machine, sock)
  closeRaw(machine, sock)
  const { addr, port } = sock.local
  sock.local = { addr: sock.keepsAddr ? addr : anyOf(sock.sk.sk_family), port: sock.keepsPort ? port : 0 }
}

/** As `inet_dgram_connect`: a port comes before the address is looked at. */
export const connectDatagram = (machine: Machine, sock: InetSock, raw: Uint8Array): number => {
  const { family } = endpointOf(raw)
  if (family === AF_UNSPEC) {
    disconnectDatagram(machine, sock)
    return 0
  }
  const { sk_type, sk_family } = sock.sk
  if (sk_type !== SOCK_RAW && autobindPort(machine, sock) !== 0) return -EAGAIN
  if (sk_type === SOCK_RAW && sk_family === AF_INET6 && family !== AF_INET6) return -EAFNOSUPPORT
  const to = destination(sock, raw, leaves(machine, sock))
  if (typeof to === 'number') return to
  const out = classifyTo(machine, sock, to)
  if (out !== 0) return out
  closeWays(sock)
  const { addr, port } = sock.local
  if (isAny(addr)) sock.local = { addr: sourceTo(to.addr, addr), port }
  sock.remote = to
  sock.sk.sk_dport = to.port
  sock.sk.sk_state = TCP_ESTABLISHED
  return 0
}

/** The destination of a datagram. An address without a family counts as AF_INET, but not for a socket of AF_INET6. */
const targetOf = (machine: Machine, sock: InetSock, name: Uint8Array | null): Endpoint | number => {
  const { sk_family, sk_type, sk_protocol } = sock.sk
  const isUnspec = name !== null && name.length >= 2 && endpointOf(name).family === AF_UNSPEC
  if (name === null || name.length === 0 || (isUnspec && sk_family === AF_INET6)) return sock.remote ?? -EDESTADDRREQ
  const raw = isUnspec ? Uint8Array.of(AF_INET, 0, ...name.subarray(2)) : name
  const isWhole = raw.length >= (sk_family === AF_INET ? SOCKADDR_IN_SIZE : SIN6_LEN_RFC2133)
  const { family, port } = endpointOf(raw)
  // of a raw socket of AF_INET6 the port is its protocol, if anything
  if (sk_type !== SOCK_RAW && isIcmp(sock)) return destination(sock, raw)
  const isPort = sk_type !== SOCK_RAW ? port !== 0 : sk_family === AF_INET || port === 0 || port === sk_protocol
  return isWhole && family === sk_family && !isPort ? -EINVAL : destination(sock, raw, leaves(machine, sock))
}

/** Sends to each raw socket of the protocol that is not connected, or is connected to the sender. */
const sendRaw = (machine: Machine, sock: InetSock, sender: Sender, to: Endpoint, data: Uint8Array): void => {
  const { sk_family, sk_protocol } = sock.sk
  const from = sender.local
  const packet = sk_family === AF_INET ? withHeader(sk_protocol, from, to, data) : data
  for (const other of rawIn(machine, sock.net)) {
    const { sk, local, remote } = other
    if (sk.sk_family !== sk_family || sk.sk_protocol !== sk_protocol) continue
    if ((!isAny(local.addr) && local.addr !== to.addr) || (remote?.addr ?? from.addr) !== from.addr)
      continue
    if (receivePacket(machine, other, sender, data) === 0) deliver(other, packet, { addr: from.addr, port: 0 })
  }
}

const sendUdp = (machine: Machine, sock: InetSock, sender: Sender, to: Endpoint, data: Uint8Array): void => {
  const other = findDatagram(machine, sock.net, sock.sk.sk_protocol, sender.local, to)
  const rc = other === null ? -ECONNREFUSED : receivePacket(machine, other, sender, data)
  if (rc === 0) deliver(other!, data, sender.local)
  // a socket that is connected to the destination gets the error at its next call
  else if (rc !== -ETIMEDOUT && sock.remote !== null && isPeer(sock.remote, to)) reportError(sock, -rc)
}

/** The machine answers a ping itself. */
const sendPing = (
  machine: Machine, sock: InetSock, { local, netlabel }: Sender, to: Endpoint, data: Uint8Array,
): void => {
  const reply = echoReply(sock.sk.sk_family, local.port, data)
  const answerer = { local: { addr: to.addr, port: 0 }, netlabel }
  if (receivePacket(machine, sock, answerer, reply) === 0) deliver(sock, reply, answerer.local)
}

/** What keeps UDP from taking one more message (sock_alloc_send_skb), which raw sockets are not asked. */
const refusal = (sock: InetSock): number => {
  const error = takeError(sock)
  if (error !== 0) return -error
  return (sock.shutdown & SEND_SHUTDOWN) !== 0 ? -EPIPE : 0
}

/** `control` checks the caller's control messages: 0 or -errno. */
export const sendDatagram = (
  machine: Machine, sock: InetSock, msg: KernelMsghdr, given: GuestBytes, flags: number, control: () => number,
): number => {
  const isRaw = sock.sk.sk_type === SOCK_RAW
  const isPing = !isRaw && isIcmp(sock)
  const isTooLong = given.length > MOST_LENGTH
  const data = copyIn(given, 0, isTooLong ? 0 : given.length)
  if (isPing && !isTooLong && !isEchoRequest(sock.sk.sk_family, data)) return -EINVAL
  if (!isRaw && autobindPort(machine, sock) !== 0) return -EAGAIN
  if (isTooLong) return -EMSGSIZE
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
  const to = targetOf(machine, sock, msg.msg_name)
  if (typeof to === 'number' && to !== -ENETUNREACH) return to
  // before the way there
  const rc = control() || (isRaw && isIcmp(sock) && data.length < ICMP_TYPE_SIZE ? -EFAULT : 0)
  if (rc !== 0) return rc
  if (typeof to === 'number') return to
  // a connected socket has its route already
  const out = (msg.msg_name?.length ?? 0) > 0 || isRaw ? classifyTo(machine, sock, to) : 0
  if (out !== 0) return out
  if (data.length > mostOf(sock)) return -EMSGSIZE
  const refused = isRaw ? 0 : refusal(sock)
  if (refused !== 0) return refused
  if (!isLocal(to.addr)) return sendOutside(machine, sock, to, data) || data.length
  const { local: { addr, port }, netlabel } = sock
  const local = { addr: sourceTo(to.addr, addr), port }
  const send = isRaw ? sendRaw : isPing ? sendPing : sendUdp
  machine.softirq(() => { send(machine, sock, { local, netlabel }, to, data) })
  return data.length
}

/** As `udp_recvmsg`. An error comes first, then queued datagrams; the end (0) only where the call would sleep. */
export const receiveDatagram = (
  machine: Machine, sock: InetSock, msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => {
  // nothing is ever put there
  if ((flags & MSG_ERRQUEUE) !== 0) return -EAGAIN
  const error = takeError(sock)
  if (error !== 0) return -error
  const skb = sock.queue[0]
  if (skb === undefined) {
    const nonblock = (flags & MSG_DONTWAIT) !== 0
    return !nonblock && (sock.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : waitForInput(machine, sock, nonblock)
  }
  const part = skb.data.subarray(0, buf.length)
  copyOut(part, buf)
  if (part.length < skb.data.length) msg.msg_flags |= MSG_TRUNC
  if (msg.msg_name !== null) msg.msg_name = toSockaddr(sock.sk.sk_family, skb.from)
  if ((flags & MSG_PEEK) === 0) sock.dequeue()
  return (flags & MSG_TRUNC) !== 0 ? skb.data.length : part.length
}
