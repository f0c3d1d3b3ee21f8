/** The operations of AF_INET and AF_INET6 sockets (net/ipv4/af_inet.c). */
import {
  AF_UNSPEC, EINVAL, ENOTCONN, EOPNOTSUPP, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLRDNORM, EPOLLWRBAND,
  EPOLLWRNORM, MSG_DONTWAIT, MSG_FASTOPEN, SOCK_RAW,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { bound } from '../../state/bound.ts'
import { dropSocketPolicies } from '../xfrm/socket-policies.ts'
import type { Machine } from '../../machine.ts'
import type { ProtoOps, KernelMsghdr } from '../../state/net/proto.ts'
import {
  opsOf, setOps, SS_CONNECTED, SS_UNCONNECTED, TCP_CLOSE, TCP_LISTEN, TCP_SYN_SENT,
} from '../../state/net/proto.ts'
import { connectDatagram, receiveDatagram, closeRaw, bindRaw, sendDatagram } from './datagrams.ts'
import { interfaceIoctl } from './interface-ioctl.ts'
import { endpointOf, toSockaddr } from '../../state/net/addresses.ts'
import { RCV_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { makeFirstSubflow } from './mptcp.ts'
import { closeWays } from './outside-datagrams.ts'
import { NOTHING } from './packets.ts'
import { releasePort, bindPort, autobindPort } from './ports.ts'
import { connectTcp, disconnectTcp, stopListening, stopWaiting, sendAgain, shutdownTcp } from './tcp-connect.ts'
import { sock_put, sock_graft } from '../socks.ts'
import { inetSockOf, BUFFER } from './socks.ts'
import { sendEnd, receiveLater, sendStream, receiveStream } from './stream.ts'
import { sock_cmsg_send, inet_getsockopt, inet_setsockopt } from './options.ts'
import { inet_sk_set_state } from './sk-state.ts'

const inet_connect = (machine: Machine, socket: Socket, raw: Uint8Array, nonblock: boolean): number => {
  const sock = inetSockOf(socket)
  if (raw.length < 2) return -EINVAL
  if (!sock.isStream) return connectDatagram(machine, sock, raw)
  if (endpointOf(raw).family !== AF_UNSPEC) {
    return makeFirstSubflow(machine, socket) || connectTcp(machine, socket, inetSockOf(socket), raw, nonblock)
  }
  disconnectTcp(machine, socket, sock)
  return 0
}

/** As `tcp_sendmsg_fastopen` without a cookie of the server: data are sent once the connection is open. */
const tcp_sendmsg_fastopen = (machine: Machine, socket: Socket, { msg_name }: KernelMsghdr, flags: number): number => {
  const isUnspec = msg_name !== null && msg_name.length >= 2 && endpointOf(msg_name).family === AF_UNSPEC
  if (isUnspec) return -EOPNOTSUPP
  const to = msg_name ?? NOTHING
  return makeFirstSubflow(machine, socket) || connectTcp(
    machine, socket, inetSockOf(socket), to, (flags & MSG_DONTWAIT) !== 0,
  )
}

const inet_release = (machine: Machine, socket: Socket): void => {
  const sock = inetSockOf(socket)
  socket.sk = null
  releasePort(machine, sock)
  closeRaw(machine, sock)
  closeWays(sock)
  const endsFirst = sock.isStream && sock.peer !== null
  if (endsFirst) {
    sendEnd(machine, sock)
    sock.peer!.peer = null
  }
  const listened = sock.sk.sk_state === TCP_LISTEN
  dropSocketPolicies(machine, sock)
  if (listened) stopListening(machine, sock)
  stopWaiting(sock)
  const isFreeByRcu = !sock.isStream || listened
  if (sock.isStream && sock.sk.sk_state !== TCP_CLOSE) inet_sk_set_state(machine, sock.sk, TCP_CLOSE)
  else sock.sk.sk_state = TCP_CLOSE
  // nothing waits any more for an answer from outside
  sock.wait.wake()
  // the side that closes first waits until the other side has acknowledged it
  if (isFreeByRcu) machine.callRcu(() => sock_put(machine, sock.sk))
  else if (endsFirst) machine.softirq(() => sock_put(machine, sock.sk))
  else sock_put(machine, sock.sk)
  if (sock.msk !== null) sock_put(machine, sock.msk.sk)
}

const inet_bind = (machine: Machine, socket: Socket, addr: Uint8Array): number => {
  const sock = inetSockOf(socket)
  if (sock.sk.sk_type === SOCK_RAW) return bindRaw(sock, addr)
  return makeFirstSubflow(machine, socket) || bindPort(machine, inetSockOf(socket), addr)
}

const inet_accept = (machine: Machine, socket: Socket, newsock: Socket, nonblock: boolean): number => {
  const sock = inetSockOf(socket)
  if (!sock.isStream) return -EOPNOTSUPP
  if (sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
  const child = sock.backlog.shift()
  if (child === undefined) return receiveLater(machine, sock, nonblock ? MSG_DONTWAIT : 0)
  setOps(newsock, opsOf(socket))
  newsock.state = SS_CONNECTED
  sock_graft(machine, (child.msk ?? child).sk, newsock)
  sendAgain(machine, sock)
  return 0
}

const inet_getname = (socket: Socket, peer: boolean): Uint8Array | number => {
  const sock = inetSockOf(socket)
  if (!peer) return toSockaddr(sock.sk.sk_family, sock.local)
  const { sk_state } = sock.sk
  return sock.remote === null || sock.remote.port === 0 || sk_state === TCP_CLOSE || sk_state === TCP_SYN_SENT
    ? -ENOTCONN : toSockaddr(sock.sk.sk_family, sock.remote)
}

const inet_listen = (machine: Machine, socket: Socket, backlog: number): number => {
  const { isStream, sk: { sk_state } } = inetSockOf(socket)
  if (!isStream) return -EOPNOTSUPP
  if (socket.state !== SS_UNCONNECTED || (sk_state !== TCP_CLOSE && sk_state !== TCP_LISTEN)) return -EINVAL
  let rc = makeFirstSubflow(machine, socket)
  if (rc !== 0) return rc
  const sock = inetSockOf(socket)
  rc = autobindPort(machine, sock)
  if (rc !== 0) return rc
  sock.maxBacklog = backlog
  if (sk_state !== TCP_LISTEN) {
    if (sock.msk !== null) inet_sk_set_state(machine, sock.msk.sk, TCP_LISTEN)
    inet_sk_set_state(machine, sock.sk, TCP_LISTEN)
  }
  sendAgain(machine, sock)
  return 0
}

const inet_shutdown = (machine: Machine, socket: Socket, how: number): number => {
  const sock = inetSockOf(socket)
  const bits = (how + 1) & 3
  if (sock.isStream) return shutdownTcp(machine, socket, sock, bits)
  sock.shutdown |= bits
  sock.wait.wake()
  return sock.sk.sk_state === TCP_CLOSE ? -ENOTCONN : 0
}

const inet_sendmsg = (machine: Machine, socket: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number): number => {
  const control = (): number => sock_cmsg_send(machine, inetSockOf(socket), msg)
  const { isStream } = inetSockOf(socket)
  if (!isStream) return sendDatagram(machine, inetSockOf(socket), msg, data, flags, control)
  const rc = (flags & MSG_FASTOPEN) === 0 ? 0 : tcp_sendmsg_fastopen(machine, socket, msg, flags)
  return rc !== 0 ? rc : sendStream(machine, inetSockOf(socket), data, flags, control)
}

const inet_recvmsg = (
  machine: Machine, socket: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => {
  const sock = inetSockOf(socket)
  return sock.isStream
    ? receiveStream(machine, sock, buf, flags) : receiveDatagram(machine, sock, msg, buf, flags)
}

const inet_poll = (socket: Socket): number => {
  const sock = inetSockOf(socket)
  // a listener is readable if a connection waits, and nothing else
  if (sock.sk.sk_state === TCP_LISTEN) return sock.backlog.length > 0 ? EPOLLIN | EPOLLRDNORM : 0
  const isOpening = sock.sk.sk_state === TCP_SYN_SENT
  let mask = sock.queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0
  if (sock.error !== 0) mask |= EPOLLERR
  if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP
  if (sock.shutdown === 3 || (sock.isStream && sock.sk.sk_state === TCP_CLOSE)) mask |= EPOLLHUP
  const hasRoom = sock.peer === null || sock.peer.bytes < BUFFER
  if (!isOpening && hasRoom) mask |= EPOLLOUT | EPOLLWRNORM | (sock.isStream ? 0 : EPOLLWRBAND)
  return mask
}

const inet_inq = (socket: Socket): number => {
  const sock = inetSockOf(socket)
  if (sock.sk.sk_state === TCP_LISTEN) return -EINVAL
  return sock.isStream ? sock.bytes : (sock.queue[0]?.data.length ?? 0)
}

const inet_ioctl = (machine: Machine, socket: Socket, cmd: number, arg: unknown): number =>
  interfaceIoctl(machine.lsm, machine.current, inetSockOf(socket).net, cmd, arg)

export const inetOps = (machine: Machine, family: number): ProtoOps => ({
  family,
  socketpair: () => -EOPNOTSUPP,
  getsockopt: inet_getsockopt,
  getname: inet_getname,
  poll: inet_poll,
  inq: inet_inq,
  ...bound(machine, {
    release: inet_release, bind: inet_bind, connect: inet_connect, accept: inet_accept, listen: inet_listen,
    shutdown: inet_shutdown, setsockopt: inet_setsockopt, sendmsg: inet_sendmsg,
    recvmsg: inet_recvmsg, ioctl: inet_ioctl,
  }),
})
