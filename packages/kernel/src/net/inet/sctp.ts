/**
 * SCTP sockets: associations one at a time (SOCK_STREAM) or many (SOCK_SEQPACKET), and messages that keep their bounds
 * (net/sctp/socket.c). Of several addresses of an endpoint the first is the one that counts; there are no
 * notifications, and one stream each way.
 */
import {
  AF_INET, AF_INET6, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EBUSY, EFAULT, EINPROGRESS, EINVAL, EISCONN, ENOBUFS, ENOMEM,
  ENOTCONN, EOPNOTSUPP, EPIPE, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLRDNORM, EPOLLWRNORM,
  IPPROTO_SCTP, MSG_DONTWAIT, MSG_EOR, MSG_NOSIGNAL, MSG_PEEK, O_NONBLOCK, SCTP_GET_ASSOC_ID_LIST, SCTP_SENDMSG_CONNECT,
  SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_BINDX_REM, SCTP_SOCKOPT_CONNECTX, SCTP_SOCKOPT_CONNECTX_OLD,
  SCTP_SOCKOPT_PEELOFF, SCTP_SOCKOPT_PEELOFF_FLAGS, SIGPIPE, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM,
  SOL_SCTP,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import { copyIn, copyOut, isGuestBytes } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import {
  isFullOf, opsOf, setOps, SS_CONNECTED, SS_UNCONNECTED, takeError, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN,
} from '../../state/net/proto.ts'
import type { ProtoOps, KernelMsghdr } from '../../state/net/proto.ts'
import { decodeSockaddr, SOCKADDR_IN6_SIZE, SOCKADDR_IN_SIZE } from '../../state/net/sockaddr.ts'
import { toSockaddr } from '../../state/net/addresses.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import { destination, RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { SctpSock } from '../../state/net/sctp-sock.ts'
import type { Association } from '../../state/net/sctp-sock.ts'
import { autobindPort, bindPort, releasePort } from './ports.ts'
import { associate, migrateAssociation, deliverMessage, endAssociation, sockFor } from './sctp-associations.ts'
import { netNs, sock_create, sock_put, sk_alloc, sock_graft } from '../socks.ts'
import { waitForRoom, waitForInput } from '../waits.ts'

const BUFFER = 212992
const SIZES: ReadonlyMap<number, number> = new Map([[AF_INET, SOCKADDR_IN_SIZE], [AF_INET6, SOCKADDR_IN6_SIZE]])

/** `sctp_peeloff_arg_t`: an identifier, room for the descriptor; with flags behind. */
const PEELOFF_SIZES: ReadonlyMap<number, number> =
  new Map([[SCTP_SOCKOPT_PEELOFF, 8], [SCTP_SOCKOPT_PEELOFF_FLAGS, 12]])

/** Addresses packed end to end, or null where they are none. */
const unpack = (raw: Uint8Array): readonly Uint8Array[] | null => {
  const all: Uint8Array[] = []
  for (let at = 0; at < raw.length; at += all.at(-1)!.length) {
    const size = at + 2 > raw.length ? undefined : SIZES.get(raw[at]! | (raw[at + 1]! << 8))
    if (size === undefined || at + size > raw.length) return null
    all.push(raw.subarray(at, at + size))
  }
  return all.length === 0 ? null : all
}

const sockOf = (socket: Socket): SctpSock => SctpSock.of(socket.sk!)

/** As `__sctp_connect`, before the first packet: where to, or -errno. */
const mayConnect = (machine: Machine, sock: SctpSock, raw: Uint8Array): Endpoint | number => {
  const { sk_state } = sock.sk
  if (sk_state === TCP_ESTABLISHED || (sock.isOneToOne && sk_state === TCP_LISTEN)) return -EISCONN
  const to = destination(sock, raw)
  if (typeof to === 'number') return to === -EAFNOSUPPORT ? -EINVAL : to
  if (sock.associationWith(to) !== null) return -EISCONN
  return autobindPort(machine, sock) === 0 ? to : -EAGAIN
}

const openAssociation = (machine: Machine, sock: SctpSock, to: Endpoint): Association | number => {
  const asoc = associate(machine, sock, to)
  if (typeof asoc === 'number') {
    sock.error = -asoc
    return asoc
  }
  sock.error = 0
  sock.remote = to
  sock.sk.sk_dport = to.port
  if (sock.isOneToOne) {
    sock.shutdown = 0
    sock.sk.sk_state = TCP_ESTABLISHED
  }
  return asoc
}

/** `give` makes the answer of an association that is open; who will not wait is not told, as by TCP. */
const connectTo = (
  machine: Machine, sock: SctpSock, raw: Uint8Array, nonblock: boolean, give: (asoc: Association) => number,
): number => {
  const to = mayConnect(machine, sock, raw)
  if (typeof to === 'number') return to
  const asoc = openAssociation(machine, sock, to)
  if (nonblock) return -EINPROGRESS
  return typeof asoc === 'number' ? asoc : give(asoc)
}

const bindx = (machine: Machine, sock: SctpSock, raw: Uint8Array, adds: boolean): number => {
  const all = unpack(raw)
  if (all === null) return -EINVAL
  // one address is needed, and there is never more than one
  if (!adds) return -EBUSY
  const rc = machine.lsm.sctp_bind_connect.ask(sock.sk, SCTP_SOCKOPT_BINDX_ADD, decodeSockaddr(raw), raw.length)
  if (rc !== 0) return rc
  for (const one of all) {
    const error = sock.bound ? mayAdd(sock, one) : bindPort(machine, sock, one)
    if (error !== 0) return error
  }
  return 0
}

const mayAdd = (sock: SctpSock, raw: Uint8Array): number => {
  const { port } = decodeSockaddr(raw)
  if (port !== 0 && port !== sock.local.port) return -EINVAL
  return typeof destination(sock, raw) === 'number' ? -EADDRNOTAVAIL : 0
}

const connectx = (machine: Machine, sock: SctpSock, raw: Uint8Array, givesId: boolean): number => {
  if (raw.length < 2) return -EINVAL
  const rc = machine.lsm.sctp_bind_connect.ask(sock.sk, SCTP_SOCKOPT_CONNECTX, decodeSockaddr(raw), raw.length)
  if (rc !== 0) return rc
  const nonblock = ((sock.sk.sk_socket?.file?.f_flags ?? 0) & O_NONBLOCK) !== 0
  const first = unpack(raw)?.[0]
  return first === undefined ? -EINVAL : connectTo(machine, sock, first, nonblock, (asoc) => (givesId ? asoc.id : 0))
}

const setOption = (machine: Machine, socket: Socket, name: number, value: unknown): number | null => {
  const isAddresses = [
    SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_BINDX_REM, SCTP_SOCKOPT_CONNECTX, SCTP_SOCKOPT_CONNECTX_OLD,
  ].includes(name)
  if (!isAddresses) return null
  if (!isGuestBytes(value)) return -EFAULT
  const addresses = copyIn(value)
  return name === SCTP_SOCKOPT_BINDX_ADD || name === SCTP_SOCKOPT_BINDX_REM
    ? bindx(machine, sockOf(socket), addresses, name === SCTP_SOCKOPT_BINDX_ADD)
    : connectx(machine, sockOf(socket), addresses, name === SCTP_SOCKOPT_CONNECTX)
}

/** As `sctp_do_peeloff`: a descriptor of a socket for that association alone. */
const peelOff = (machine: Machine, sock: SctpSock, id: number, flags: number): number => {
  const asoc = sock.associations.find((one) => one.id === id)
  const { sk } = sock
  const isMany = !sock.isOneToOne && !sock.isPeeledOff
  if (asoc === undefined || !isMany || netNs(machine) !== sock.net) return -EINVAL
  const socket = sock_create(machine, sk.sk_family, SOCK_SEQPACKET, IPPROTO_SCTP, false)
  if (typeof socket === 'number') return socket
  migrateAssociation(machine, asoc, sockOf(socket))
  sockOf(socket).isPeeledOff = true
  return machine.net.sock_map_fd(socket, flags & (SOCK_CLOEXEC | SOCK_NONBLOCK))
}

const idList = (sock: SctpSock): number | Uint8Array | { readonly rc: number } => {
  if (sock.isOneToOne) return { rc: -EOPNOTSUPP }
  const ids = Uint32Array.of(sock.associations.length, ...sock.associations.map(({ id }) => id))
  return new Uint8Array(ids.buffer)
}

const brokenPipe = (machine: Machine, sock: SctpSock, flags: number): number => {
  const error = takeError(sock)
  if (error !== 0) return -error
  if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(machine.current.task, SIGPIPE)
  return -EPIPE
}

/** As `sctp_sendmsg_new_asoc`: a message to somebody new opens an association. */
const openByMessage = (machine: Machine, sock: SctpSock, name: Uint8Array): Association | number => {
  if (sock.isOneToOne && sock.sk.sk_state === TCP_ESTABLISHED) return -EADDRNOTAVAIL
  const address = decodeSockaddr(name)
  const rc = machine.lsm.sctp_bind_connect.ask(sock.sk, SCTP_SENDMSG_CONNECT, address, SIZES.get(address.family)!)
  if (rc < 0) return rc
  return autobindPort(machine, sock) === 0
    ? openAssociation(machine, sock, destination(sock, name) as Endpoint) : -EAGAIN
}

/** Whom a message is for; -EPIPE for nobody. */
const associationFor = (machine: Machine, sock: SctpSock, name: Uint8Array | null): Association | number => {
  if (name === null || name.length === 0) {
    return sock.isOneToOne || sock.isPeeledOff ? (sock.associations[0] ?? -EPIPE) : -EPIPE
  }
  const to = destination(sock, name)
  if (typeof to === 'number') return to === -EAFNOSUPPORT ? -EINVAL : to
  return sock.associationWith(to) ?? openByMessage(machine, sock, name)
}

const send = (
  machine: Machine, sock: SctpSock, { msg_name }: KernelMsghdr, data: GuestBytes, flags: number,
): number => {
  if (sock.isOneToOne && sock.sk.sk_state === TCP_LISTEN) return brokenPipe(machine, sock, flags)
  if (data.length === 0) return -EINVAL
  const asoc = associationFor(machine, sock, msg_name)
  if (asoc === -EPIPE || (sock.shutdown & SEND_SHUTDOWN) !== 0) return brokenPipe(machine, sock, flags)
  if (typeof asoc === 'number') return asoc
  const { peer } = asoc
  if (peer === null) return brokenPipe(machine, sock, flags)
  const { unread, messages } = peer.endpoint
  const fits = unread === 0 || unread + data.length <= BUFFER
  if (!fits || isFullOf(messages.length, BUFFER)) {
    return waitForRoom(machine, sock, peer.endpoint.wait, (flags & MSG_DONTWAIT) !== 0)
  }
  if (!peer.endpoint.memory.account.hasRoom(COST.skb + data.length)) return -ENOBUFS
  deliverMessage(machine, asoc, peer, copyIn(data))
  return data.length
}

const receiveSctp = (machine: Machine, sock: SctpSock, msg: KernelMsghdr, buf: GuestBytes, flags: number): number => {
  if (sock.isOneToOne && sock.sk.sk_state === TCP_LISTEN) return -ENOTCONN
  const message = sock.messages[0]
  if (message === undefined) {
    const error = takeError(sock)
    if (error !== 0) return -error
    return (sock.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : waitForInput(machine, sock, (flags & MSG_DONTWAIT) !== 0)
  }
  const left = message.data.subarray(message.read)
  const part = left.subarray(0, buf.length)
  copyOut(part, buf)
  if (msg.msg_name !== null) msg.msg_name = toSockaddr(sock.sk.sk_family, message.asoc.remote)
  // what does not fit is read by the next call
  if (part.length === left.length) msg.msg_flags |= MSG_EOR
  if ((flags & MSG_PEEK) !== 0) return part.length
  if (part.length === left.length) sock.dequeueMessage()
  else message.read += part.length
  sock.wait.wake()
  return part.length
}

export const sctpOps = (machine: Machine, base: ProtoOps): ProtoOps => ({
  ...base,
  release(socket) {
    const sock = sockOf(socket)
    socket.sk = null
    releasePort(machine, sock)
    sock.sk.sk_state = TCP_CLOSE
    for (const asoc of [...sock.associations]) endAssociation(machine, asoc)
    sock_put(machine, sock.sk)
  },
  connect(socket, raw, nonblock) {
    return raw.length < 2 ? -EINVAL : connectTo(machine, sockOf(socket), raw, nonblock, () => 0)
  },
  accept(socket, newsock, nonblock) {
    const sock = sockOf(socket)
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
  },
  getname(socket, peer) {
    const { sk, local, remote, isOneToOne } = sockOf(socket)
    if (!peer) return toSockaddr(sk.sk_family, local)
    const isGone = remote === null || (isOneToOne && sk.sk_state === TCP_CLOSE)
    return isGone ? -ENOTCONN : toSockaddr(sk.sk_family, remote)
  },
  listen(socket, backlog) {
    const sock = sockOf(socket)
    const { sk_state } = sock.sk
    const isIdle = sk_state === TCP_CLOSE || sk_state === TCP_LISTEN
    if (backlog < 0 || sock.isPeeledOff || socket.state !== SS_UNCONNECTED || !isIdle) return -EINVAL
    if (backlog === 0) {
      sock.sk.sk_state = TCP_CLOSE
      return sk_state === TCP_CLOSE ? -EINVAL : 0
    }
    if (autobindPort(machine, sock) !== 0) return -EAGAIN
    sock.maxBacklog = backlog
    sock.sk.sk_state = TCP_LISTEN
    return 0
  },
  shutdown(socket, how) {
    const sock = sockOf(socket)
    const bits = (how + 1) & 3
    const { sk_state } = sock.sk
    if (sk_state === TCP_LISTEN) return (bits & RCV_SHUTDOWN) !== 0 ? -EOPNOTSUPP : 0
    sock.shutdown |= bits
    if (sock.isOneToOne && (bits & SEND_SHUTDOWN) !== 0) for (const asoc of [...sock.associations])
      endAssociation(machine, asoc)
    sock.wait.wake()
    return sk_state === TCP_CLOSE ? -ENOTCONN : 0
  },
  setsockopt: (socket, level, name, value) =>
    (level === SOL_SCTP ? setOption(machine, socket, name, value) : null) ?? base.setsockopt(
      socket, level, name, value,
    ),
  getsockopt(socket, level, name, given) {
    if (level !== SOL_SCTP) return base.getsockopt(socket, level, name, given)
    if (name === SCTP_GET_ASSOC_ID_LIST) return idList(sockOf(socket))
    const size = PEELOFF_SIZES.get(name)
    if (size === undefined) return base.getsockopt(socket, level, name, given)
    if (!isGuestBytes(given) || given.length < size) return { rc: -EINVAL }
    const view = new DataView(copyIn(given, 0, size).buffer)
    const flags = name === SCTP_SOCKOPT_PEELOFF ? 0 : view.getInt32(8, true)
    const fd = peelOff(machine, sockOf(socket), view.getInt32(0, true), flags)
    if (fd >= 0) copyOut(new Uint8Array(Int32Array.of(fd).buffer), given, 4)
    return { rc: fd }
  },
  sendmsg: (socket, msg, data, flags) => send(machine, sockOf(socket), msg, data, flags),
  recvmsg: (socket, msg, buf, flags) => receiveSctp(machine, sockOf(socket), msg, buf, flags),
  poll(socket) {
    const sock = sockOf(socket)
    const { sk_state } = sock.sk
    const readable = EPOLLIN | EPOLLRDNORM
    if (sock.isOneToOne && sk_state === TCP_LISTEN) return sock.associations.length > 0 ? readable : 0
    let mask = sock.error !== 0 ? EPOLLERR : 0
    if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | readable
    if (sock.shutdown === (RCV_SHUTDOWN | SEND_SHUTDOWN)) mask |= EPOLLHUP
    if (sock.messages.length > 0) mask |= readable
    return sock.isOneToOne && sk_state === TCP_CLOSE ? mask : mask | EPOLLOUT | EPOLLWRNORM
  },
  inq(socket) {
    const sock = sockOf(socket)
    if (sock.isOneToOne && sock.sk.sk_state === TCP_LISTEN) return -EINVAL
    const message = sock.messages[0]
    return message === undefined ? 0 : message.data.length - message.read
  },
})
