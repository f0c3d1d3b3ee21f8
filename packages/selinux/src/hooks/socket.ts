/** Sockets: made, named, connected, used. */
import {
  AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, EAFNOSUPPORT, EINVAL, ENOPROTOOPT, ERANGE, IPPROTO_MPTCP, IPPROTO_TCP,
  MSG_FASTOPEN, PROT_SOCK, SOCK_STREAM,
} from '@lsmkit/abi'
import type { HookTable, Sock, Sockaddr, Socket } from '@lsmkit/core'
import { SCTP_ASSOC_UNSET } from '../blobs.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { contextBytes } from '../context-text.ts'
import { SECINITSID_KERNEL, SECSID_NULL } from '../initial-sids.ts'
import { currentState } from '../state.ts'
import type { Selinux } from '../state.ts'
import { classOf, familyOf, labelPackets, peerSid, sockHas } from './socket-checks.ts'

const { socket: socketAv, tcp_socket: tcpAv } = AV
/** Lengths of an address's family, of struct sockaddr_in, and of sockaddr_in6 as RFC 2133 had it. */
const FAMILY_LEN = 2
const SIN_LEN = 16
const SIN6_LEN = 24
/** net.ipv4.ip_local_port_range: the kernel chooses these itself. */
const LOCAL_PORTS = [32768, 60999] as const

/**
 * What an address names: its family, its bytes and port; or -errno. One of no family is IPv4's, and has to be that of
 * all interfaces.
 */
const decode = (sk: Sock, sclass: number, { family, port, raw }: Sockaddr, length: number) => {
  // SCTP says it in its own way
  const other = sclass === SECCLASS.sctp_socket ? -EINVAL : -EAFNOSUPPORT
  if (length < FAMILY_LEN) return -EINVAL
  if (family === AF_INET6) return length < SIN6_LEN ? -EINVAL : { family, port, bytes: raw.slice(8, 24) }
  if (family !== AF_INET && family !== AF_UNSPEC) return other
  if (length < SIN_LEN) return -EINVAL
  const bytes = raw.slice(4, 8)
  if (family === AF_UNSPEC && sk.sk_family === AF_INET6) return length < SIN6_LEN ? -EINVAL : other
  return family === AF_UNSPEC && bytes.some((byte) => byte !== 0) ? other : { family: AF_INET, port, bytes }
}

/** As `selinux_socket_bind`, without the socket itself: the port, unless any task may bind it, and the address. */
export const bindHas = (selinux: Selinux, sk: Sock, address: Sockaddr, length: number): number => {
  const { avc, net } = selinux
  const { sid, sclass } = selinux.blobs.sock(sk)
  const asked = decode(sk, sclass, address, length)
  if (typeof asked === 'number') return asked
  const { family, port, bytes } = asked
  if (port !== 0 && (port < PROT_SOCK || port < LOCAL_PORTS[0] || port > LOCAL_PORTS[1])) {
    const label = net.portSid(sk.sk_protocol, port)
    if (label < 0) return label
    const rc = avc.hasPerm(sid, label, sclass, socketAv.name_bind, 'net', { family, source: port })
    if (rc !== 0) return rc
  }
  const label = net.nodeSid(family, bytes)
  if (label < 0) return label
  const source = { family, source: port, saddr: address.addr }
  return avc.hasPerm(sid, label, sclass, nodeBind(sclass), 'net', source)
}

const nodeBind = (sclass: number): number => {
  switch (sclass) {
    case SECCLASS.tcp_socket:
      return AV.tcp_socket.node_bind
    case SECCLASS.udp_socket:
      return AV.udp_socket.node_bind
    case SECCLASS.dccp_socket:
      return AV.dccp_socket.node_bind
    case SECCLASS.sctp_socket:
      return AV.sctp_socket.node_bind
    default:
      return AV.rawip_socket.node_bind
  }
}

const connects = new Set<number>([SECCLASS.tcp_socket, SECCLASS.dccp_socket, SECCLASS.sctp_socket])

/** As `selinux_socket_connect_helper`: who connects to a port needs the right to it. */
export const connectHas = (selinux: Selinux, sk: Sock, address: Sockaddr, length: number): number => {
  const rc = sockHas(selinux, sk, socketAv.connect)
  const { sid, sclass } = selinux.blobs.sock(sk)
  if (rc === 0 && length < FAMILY_LEN) return -EINVAL
  if (rc !== 0 || address.family === AF_UNSPEC || !connects.has(sclass)) return rc
  const asked = decode(sk, sclass, address, length)
  if (typeof asked === 'number') return asked
  const { family, port } = asked
  const label = selinux.net.portSid(sk.sk_protocol, port)
  if (label < 0) return label
  return selinux.avc.hasPerm(sid, label, sclass, tcpAv.name_connect, 'net', { family, dest: port })
}

/** A protocol that has TCP's fast open. */
const isFast = (sk: Sock): boolean =>
  isInet(sk) && sk.sk_type === SOCK_STREAM && (sk.sk_protocol === IPPROTO_TCP || sk.sk_protocol === IPPROTO_MPTCP)
const isInet = ({ sk_family }: Sock): boolean => sk_family === AF_INET || sk_family === AF_INET6

/** As `socket_sockcreate_sid`: the label the task has set, or what the policy says. */
const newSid = (selinux: Selinux, tclass: number): number => {
  const { sid, sockcreate_sid } = currentState(selinux)
  return sockcreate_sid !== SECSID_NULL ? sockcreate_sid : selinux.server.transitionSid(sid, sid, tclass)
}

const has = (selinux: Selinux, { sk }: Socket, perms: number): number => (sk === null ? 0 : sockHas(selinux, sk, perms))

export const socketHooks: HookTable<Selinux> = {
  socket_create(selinux, family, type, protocol, kern) {
    if (kern !== 0) return 0
    const tclass = classOf(selinux, family, type, protocol)
    const label = newSid(selinux, tclass)
    if (label < 0) return label
    return selinux.avc.hasPerm(currentState(selinux).sid, label, tclass, socketAv.create, 'nothing', null)
  },

  socket_post_create(selinux, socket, family, type, protocol, kern) {
    const tclass = classOf(selinux, family, type, protocol)
    const label = kern !== 0 ? SECINITSID_KERNEL : newSid(selinux, tclass)
    if (label < 0) return label
    selinux.blobs.inode(socket.inode).label(label, tclass)
    if (socket.sk === null) return 0
    const state = selinux.blobs.sock(socket.sk)
    state.sclass = tclass
    state.sid = label
    if (tclass === SECCLASS.sctp_socket) state.sctp_assoc_state = SCTP_ASSOC_UNSET
    return labelPackets(selinux, socket.sk)
  },

  socket_socketpair(selinux, a, b) {
    selinux.blobs.sock(a.sk!).peer_sid = selinux.blobs.sock(b.sk!).sid
    selinux.blobs.sock(b.sk!).peer_sid = selinux.blobs.sock(a.sk!).sid
    return 0
  },

  socket_bind(selinux, socket, address, length) {
    const rc = has(selinux, socket, socketAv.bind)
    if (rc !== 0 || socket.sk === null || !isInet(socket.sk)) return rc
    return bindHas(selinux, socket.sk, address, length)
  },
  socket_connect: (selinux, { sk }, address, length) => (sk === null ? 0 : connectHas(selinux, sk, address, length)),
  socket_listen: (selinux, socket) => has(selinux, socket, socketAv.listen),

  socket_accept(selinux, socket, next) {
    const rc = has(selinux, socket, socketAv.accept)
    if (rc !== 0) return rc
    const { sid, sclass } = selinux.blobs.inode(socket.inode)
    selinux.blobs.inode(next.inode).label(sid, sclass)
    return 0
  },

  /** A message that opens a connection with its first data is checked as connect(2) is. */
  socket_sendmsg(selinux, socket, { msg_name, msg_flags }) {
    const rc = has(selinux, socket, socketAv.write)
    const { sk } = socket
    const opens = msg_name !== null && (msg_flags & MSG_FASTOPEN) !== 0 && sk !== null && isFast(sk)
    if (!selinux.release.checksFastOpen) return rc
    return rc !== 0 || !opens ? rc : connectHas(selinux, sk, msg_name, msg_name.raw.length)
  },
  socket_recvmsg: (selinux, socket) => has(selinux, socket, socketAv.read),
  socket_getsockname: (selinux, socket) => has(selinux, socket, socketAv.getattr),
  socket_getpeername: (selinux, socket) => has(selinux, socket, socketAv.getattr),
  socket_getsockopt: (selinux, socket) => has(selinux, socket, socketAv.getopt),
  socket_setsockopt: (selinux, socket) => has(selinux, socket, socketAv.setopt),
  socket_shutdown: (selinux, socket) => has(selinux, socket, socketAv.shutdown),

  unix_stream_connect(selinux, sk, other, next) {
    const from = selinux.blobs.sock(sk)
    const to = selinux.blobs.sock(other)
    const perm = AV.unix_stream_socket.connectto
    const rc = selinux.avc.hasPerm(from.sid, to.sid, to.sclass, perm, 'net', { sk: other })
    if (rc !== 0) return rc
    const accepted = selinux.blobs.sock(next)
    accepted.peer_sid = from.sid
    const sid = selinux.server.mlsCopySid(to.sid, from.sid)
    if (sid < 0) return sid
    accepted.sid = sid
    from.peer_sid = sid
    return 0
  },

  unix_may_send(selinux, { sk }, { sk: other }) {
    const to = selinux.blobs.sock(other!)
    return selinux.avc.hasPerm(selinux.blobs.sock(sk!).sid, to.sid, to.sclass, socketAv.sendto, 'net', { sk: other })
  },

  /** SO_PEERSEC: the context with its NUL. */
  socket_getpeersec_stream(selinux, { sk }, optval, optlen, len) {
    const { sclass, peer_sid } = selinux.blobs.sock(sk!)
    const streams: readonly number[] = [SECCLASS.unix_stream_socket, SECCLASS.tcp_socket, SECCLASS.sctp_socket]
    if (!streams.includes(sclass) || peer_sid === SECSID_NULL) return -ENOPROTOOPT
    const text = selinux.server.sidToContext(peer_sid)
    if (typeof text === 'number') return text
    const value = contextBytes(text)
    optlen.value = optval.length = value.length
    if (value.length > len) return -ERANGE
    optval.value = value
    return 0
  },

  socket_getpeersec_dgram(selinux, socket, skb, secid) {
    const family = (skb === null ? null : familyOf(skb)) ?? socket?.sk?.sk_family
    let sid = SECSID_NULL
    if (socket !== null && family === AF_UNIX) ({ sid } = selinux.blobs.inode(socket.inode))
    else if (skb !== null && family !== undefined) sid = peerSid(skb)
    secid.value = sid
    return sid === SECSID_NULL ? -ENOPROTOOPT : 0
  },
}
