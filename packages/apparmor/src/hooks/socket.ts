/** Sockets, by family and type. */
import {
  AF_INET, AF_INET6, EACCES, ENOPROTOOPT, ERANGE, IPPROTO_MPTCP, IPPROTO_TCP, MSG_FASTOPEN, SOCK_STREAM,
} from '@lsmkit/abi'
import type { HookGroup, SkBuff, Sock, Socket } from '@lsmkit/core'
import { labelText } from '../domain/label-text.ts'
import { nameBytes } from '../name.ts'
import { familyPermission, socketPermission } from '../mediate/net.ts'
import { packetPermission } from '../mediate/secmark.ts'
import { currentLabel, refreshCurrent } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** Bits of the class net. */
const SEND = 0x2
const RECEIVE = 0x4
const CREATE = 0x10
const SHUTDOWN = 0x20
const CONNECT = 0x40
const GETATTR = 0x200
const ACCEPT = 0x100000
const BIND = 0x200000
const LISTEN = 0x400000
const SETOPT = 0x1000000
const GETOPT = 0x2000000

/** As `aa_sk_perm`. */
const ask = (aa: Apparmor, operation: string, request: number, { sk }: Socket): number => {
  const label = refreshCurrent(aa)
  return sk === null ? 0 : socketPermission(aa, label, operation, request, sk)
}

/** TCP, alone or on several paths. */
const isTcp = ({ sk_family, sk_type, sk_protocol }: Sock): boolean =>
  (sk_family === AF_INET || sk_family === AF_INET6) && sk_type === SOCK_STREAM &&
  (sk_protocol === IPPROTO_TCP || sk_protocol === IPPROTO_MPTCP)

/** A packet without a mark is nobody's business. */
const askPacket = (aa: Apparmor, operation: string, request: number, sk: Sock, { secmark }: SkBuff): number => {
  if (secmark === 0) return 0
  const { label } = aa.blobs.sock(sk)
  return label === null ? -EACCES : packetPermission(aa, label, { operation, request, secmark }, sk)
}

export const packetHooks = (aa: Apparmor): HookGroup => ({
  socket_sock_rcv_skb: (sk, skb) => askPacket(aa, 'recvmsg', RECEIVE, sk, skb),
  inet_conn_request: (sk, skb) => askPacket(aa, 'connect', CONNECT, sk, skb),
})

export const socketHooks = (aa: Apparmor): HookGroup => ({
  sk_free_security() {},

  sk_clone_security(sk, next) {
    const from = aa.blobs.sock(sk)
    const to = aa.blobs.sock(next)
    to.label = from.label
    to.peer = from.peer
  },

  socket_create(family, type, protocol, kern) {
    const label = refreshCurrent(aa)
    if (kern !== 0 || label.unconfined) return 0
    return familyPermission(aa, label, 'create', CREATE, { family, type, protocol })
  },

  socket_post_create({ sk }, _family, _type, _protocol, kern) {
    if (sk !== null) aa.blobs.sock(sk).label = kern !== 0 ? aa.kernelLabel : currentLabel(aa)
    return 0
  },

  socket_bind: (sock) => ask(aa, 'bind', BIND, sock),
  socket_connect: (sock) => ask(aa, 'connect', CONNECT, sock),
  socket_listen: (sock) => ask(aa, 'listen', LISTEN, sock),
  socket_accept: (sock) => ask(aa, 'accept', ACCEPT, sock),

  /** One that connects on the way is asked for that too. */
  socket_sendmsg(sock, msg) {
    const rc = ask(aa, 'sendmsg', SEND, sock)
    const connects = (msg.msg_flags & MSG_FASTOPEN) !== 0 && msg.msg_name !== null && sock.sk !== null && isTcp(sock.sk)
    return rc !== 0 || !connects ? rc : ask(aa, 'connect', CONNECT, sock)
  },

  socket_recvmsg: (sock) => ask(aa, 'recvmsg', RECEIVE, sock),
  socket_getsockname: (sock) => ask(aa, 'getsockname', GETATTR, sock),
  socket_getpeername: (sock) => ask(aa, 'getpeername', GETATTR, sock),
  socket_getsockopt: (sock) => ask(aa, 'getsockopt', GETOPT, sock),
  socket_setsockopt: (sock) => ask(aa, 'setsockopt', SETOPT, sock),
  socket_shutdown: (sock) => ask(aa, 'socket_shutdown', SHUTDOWN, sock),

  /** Nothing sets the label of a peer in this version, so every socket has none. */
  socket_getpeersec_stream({ sk }, optval, optlen, len) {
    const label = refreshCurrent(aa)
    const peer = sk === null ? null : aa.blobs.sock(sk).peer
    if (peer === null) return -ENOPROTOOPT
    const options = { mode: true, inside: true, hiddenUnconfined: true }
    const bytes = nameBytes(labelText(label.namespace, peer, options))
    optlen.value = bytes.length
    if (bytes.length > len) return -ERANGE
    optval.value = bytes
    return 0
  },
  socket_getpeersec_dgram: () => -ENOPROTOOPT,

  sock_graft(sk) {
    aa.blobs.sock(sk).label ??= currentLabel(aa)
  },
})
