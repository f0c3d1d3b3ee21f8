/**
 * SCTP sockets (net/sctp/socket.c): one association (SOCK_STREAM) or many (SOCK_SEQPACKET), and messages that keep
 * their bounds. An endpoint with several addresses uses the first one. There are no notifications, and one stream each
 * way.
 */
import {
  EAGAIN, EINVAL, ENOMEM, ENOTCONN, EOPNOTSUPP, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLRDNORM,
  EPOLLWRNORM, IPPROTO_SCTP, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { bound } from '../../state/bound.ts'
import type { Machine } from '../../machine.ts'
import { opsOf, setOps, SS_CONNECTED, SS_UNCONNECTED, TCP_CLOSE, TCP_LISTEN } from '../../state/net/proto.ts'
import type { ProtoOps, KernelMsghdr } from '../../state/net/proto.ts'
import { toSockaddr } from '../../state/net/addresses.ts'
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { autobindPort, releasePort } from './ports.ts'
import { migrateAssociation, endAssociation, sockFor } from './sctp-associations.ts'
import { sock_put, sk_alloc, sock_graft } from '../socks.ts'
import { waitForInput } from '../waits.ts'
import { sctpSockOf, sctp_connect } from './sctp-connect.ts'
import { sendSctp, receiveSctp } from './sctp-messages.ts'
import { sctp_setsockopt, sctp_getsockopt } from './sctp-options.ts'
import { inet_sk_set_state } from './sk-state.ts'

const sctp_release = (machine: Machine, socket: Socket): void => {
  const sock = sctpSockOf(socket)
  socket.sk = null
  releasePort(machine, sock)
  inet_sk_set_state(machine, sock.sk, TCP_CLOSE)
  for (const asoc of [...sock.associations]) endAssociation(machine, asoc)
  sock_put(machine, sock.sk)
}

const sctp_accept = (machine: Machine, socket: Socket, newsock: Socket, nonblock: boolean): number => {
  const sock = sctpSockOf(socket)
  const { sk_state, sk_family } = sock.sk
  if (!sock.isOneToOne) return -EOPNOTSUPP
  if (sk_state !== TCP_LISTEN || (sock.shutdown & RCV_SHUTDOWN) !== 0) return -EINVAL
  const asoc = sock.associations[0]
  if (asoc === undefined) return waitForInput(machine, sock, nonblock)
  const sk = sk_alloc(machine, sk_family, SOCK_STREAM, IPPROTO_SCTP, null)
  if (sk === null) return -ENOMEM
  migrateAssociation(machine, asoc, sockFor(machine, sk, sock))
  setOps(newsock, opsOf(socket))
  newsock.state = SS_CONNECTED
  sock_graft(machine, sk, newsock)
  return 0
}

const sctp_getname = (socket: Socket, peer: boolean): Uint8Array | number => {
  const { sk, local, remote, isOneToOne } = sctpSockOf(socket)
  if (!peer) return toSockaddr(sk.sk_family, local)
  const isGone = remote === null || (isOneToOne && sk.sk_state === TCP_CLOSE)
  return isGone ? -ENOTCONN : toSockaddr(sk.sk_family, remote)
}

const sctp_listen = (machine: Machine, socket: Socket, backlog: number): number => {
  const sock = sctpSockOf(socket)
  const { sk_state } = sock.sk
  const isIdle = sk_state === TCP_CLOSE || sk_state === TCP_LISTEN
  if (backlog < 0 || sock.isPeeledOff || socket.state !== SS_UNCONNECTED || !isIdle) return -EINVAL
  if (backlog === 0) {
    if (sk_state === TCP_CLOSE) return -EINVAL
    inet_sk_set_state(machine, sock.sk, TCP_CLOSE)
    return 0
  }
  if (autobindPort(machine, sock) !== 0) return -EAGAIN
  sock.maxBacklog = backlog
  if (sk_state !== TCP_LISTEN) inet_sk_set_state(machine, sock.sk, TCP_LISTEN)
  return 0
}

const sctp_shutdown = (machine: Machine, socket: Socket, how: number): number => {
  const sock = sctpSockOf(socket)
  const bits = (how + 1) & 3
  const { sk_state } = sock.sk
  if (sk_state === TCP_LISTEN) return (bits & RCV_SHUTDOWN) !== 0 ? -EOPNOTSUPP : 0
  sock.shutdown |= bits
  if (sock.isOneToOne && (bits & SEND_SHUTDOWN) !== 0) for (const asoc of [...sock.associations])
    endAssociation(machine, asoc)
  sock.wait.wake()
  return sk_state === TCP_CLOSE ? -ENOTCONN : 0
}

const sctp_sendmsg = (
  machine: Machine, socket: Socket, msg: KernelMsghdr, data: GuestBytes, flags: number,
): number => sendSctp(machine, sctpSockOf(socket), msg, data, flags)

const sctp_recvmsg = (
  machine: Machine, socket: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number,
): number => receiveSctp(machine, sctpSockOf(socket), msg, buf, flags)

const sctp_poll = (socket: Socket): number => {
  const sock = sctpSockOf(socket)
  const { sk_state } = sock.sk
  const readable = EPOLLIN | EPOLLRDNORM
  if (sock.isOneToOne && sk_state === TCP_LISTEN) return sock.associations.length > 0 ? readable : 0
  let mask = sock.error !== 0 ? EPOLLERR : 0
  if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | readable
  if (sock.shutdown === (RCV_SHUTDOWN | SEND_SHUTDOWN)) mask |= EPOLLHUP
  if (sock.messages.length > 0) mask |= readable
  return sock.isOneToOne && sk_state === TCP_CLOSE ? mask : mask | EPOLLOUT | EPOLLWRNORM
}

const sctp_inq = (socket: Socket): number => {
  const sock = sctpSockOf(socket)
  if (sock.isOneToOne && sock.sk.sk_state === TCP_LISTEN) return -EINVAL
  const message = sock.messages[0]
  return message === undefined ? 0 : message.data.length - message.read
}

export const sctpOps = (machine: Machine, base: ProtoOps): ProtoOps => ({
  ...base,
  getname: sctp_getname,
  poll: sctp_poll,
  inq: sctp_inq,
  ...bound(machine, {
    release: sctp_release, connect: sctp_connect, accept: sctp_accept, listen: sctp_listen,
    shutdown: sctp_shutdown, setsockopt: sctp_setsockopt, getsockopt: sctp_getsockopt,
    sendmsg: sctp_sendmsg, recvmsg: sctp_recvmsg,
  }),
})
