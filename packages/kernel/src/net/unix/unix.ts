/** AF_UNIX: sockets of one machine (net/unix/af_unix.c). */
import {
  AF_UNIX, EFAULT, EINVAL, ENOIOCTLCMD, ENOMEM, ENOTCONN, EOPNOTSUPP, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLRDHUP,
  EPOLLRDNORM, EPROTONOSUPPORT, ESOCKTNOSUPPORT, SIOCOUTQ, SOCK_DGRAM, SOCK_RAW,
  SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Ref, Sock, Socket } from '@lsmkit/core'
import { bound } from '../../state/bound.ts'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import type { ProtoOps } from '../../state/net/proto.ts'
import { setOps, TCP_CLOSE, TCP_LISTEN, WRITABLE } from '../../state/net/proto.ts'
import { bindUnixName } from './names.ts'
import { addressOf, sendUnix, receiveUnix } from './transfer.ts'
import { MAX_DGRAM_QLEN, UnixSock } from '../../state/net/unix-sock.ts'
import { unix_create1, unixSockOf, SHUTDOWN_MASK, RCV_SHUTDOWN, SEND_SHUTDOWN } from './sock.ts'
import { unix_release } from './release.ts'
import { unix_connect, unix_socketpair, unix_accept, unix_listen } from './connect.ts'

export const createUnix = (
  machine: Machine, socket: Socket, protocol: number, _kern: boolean, net: PlainNamespace,
): number => {
  if (protocol !== 0 && protocol !== AF_UNIX) return -EPROTONOSUPPORT
  if (socket.type === SOCK_RAW) socket.type = SOCK_DGRAM
  if (![SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET].includes(socket.type)) return -ESOCKTNOSUPPORT
  if (unix_create1(machine, socket.type, net, socket) === null) return -ENOMEM
  setOps(socket, machine.netTable.operations.unix)
  return 0
}

/** Whether the peer's queue is full, and the peer is not connected back to this socket. */
const waitsForPeer = (sock: UnixSock): boolean => {
  const { peer, sk } = sock
  return sk.sk_type !== SOCK_STREAM && peer !== null && peer.peer !== sock && peer.queue.length > MAX_DGRAM_QLEN
}

const unix_bind = (machine: Machine, socket: Socket, addr: Uint8Array): number =>
  bindUnixName(machine, unixSockOf(socket), addr)

const unix_getname = (socket: Socket, peer: boolean): Uint8Array | number => {
  const sock = unixSockOf(socket)
  if (!peer) return addressOf(sock.name)
  return sock.peer === null ? -ENOTCONN : addressOf(sock.peer.name)
}

const unix_shutdown = (socket: Socket, how: number): number => {
  const sock = unixSockOf(socket)
  const bits = (how + 1) & SHUTDOWN_MASK
  sock.shutdown |= bits
  sock.wait.wake()
  const { peer } = sock
  if (peer !== null && sock.sk.sk_type !== SOCK_DGRAM) {
    if ((bits & RCV_SHUTDOWN) !== 0) peer.shutdown |= SEND_SHUTDOWN
    if ((bits & SEND_SHUTDOWN) !== 0) peer.shutdown |= RCV_SHUTDOWN
    peer.wait.wake()
  }
  return 0
}

const unix_poll = (socket: Socket): number => {
  const sock = unixSockOf(socket)
  const listens = sock.sk.sk_state === TCP_LISTEN
  const readable = listens ? sock.backlog.length > 0 : sock.queue.length > 0
  let mask = sock.error !== 0 ? EPOLLERR : 0
  const isUnconnected = sock.sk.sk_type !== SOCK_DGRAM && sock.sk.sk_state === TCP_CLOSE
  if (sock.shutdown === SHUTDOWN_MASK || isUnconnected) mask |= EPOLLHUP
  if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM
  if (readable) mask |= EPOLLIN | EPOLLRDNORM
  if (listens || !sock.isWritable) return mask
  if (!waitsForPeer(sock)) return mask | WRITABLE
  sock.relayRoom()
  return mask
}

const unix_inq = (socket: Socket): number => {
  const sock = unixSockOf(socket)
  if (sock.sk.sk_state === TCP_LISTEN) return -EINVAL
  return sock.sk.sk_type === SOCK_DGRAM ? (sock.queue[0]?.data.length ?? 0) : sock.bytes
}

const unix_ioctl = (socket: Socket, cmd: number, arg: unknown): number => {
  if (cmd !== SIOCOUTQ) return -ENOIOCTLCMD
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  ;(arg as Ref<number>).value = unixSockOf(socket).wmem
  return 0
}

export const unixOps = (machine: Machine): ProtoOps => ({
  family: AF_UNIX,
  setsockopt: () => -EOPNOTSUPP,
  getsockopt: () => ({ rc: -EOPNOTSUPP }),
  getname: unix_getname,
  shutdown: unix_shutdown,
  poll: unix_poll,
  inq: unix_inq,
  ioctl: unix_ioctl,
  ...bound(machine, {
    release: unix_release, bind: unix_bind, connect: unix_connect, socketpair: unix_socketpair, accept: unix_accept,
    listen: unix_listen, sendmsg: sendUnix, recvmsg: receiveUnix,
  }),
})

/** Credentials of the peer of a connected socket (SO_PEERCRED). */
export const peerCreds = (sk: Sock) => UnixSock.of(sk).peerCreds
