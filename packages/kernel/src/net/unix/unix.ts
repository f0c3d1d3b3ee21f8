/** AF_UNIX: sockets of one machine (net/unix/af_unix.c). */
import {
  AF_UNIX, ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, EISCONN, ENOIOCTLCMD, ENOMEM, ENOTCONN, EOPNOTSUPP, EPERM,
  EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM, EPROTONOSUPPORT,
  ESOCKTNOSUPPORT, SIOCOUTQ, SO_PASSCRED, SO_PASSSEC, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Ref, Sock, Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import type { ProtoOps } from '../../state/net/proto.ts'
import { setOps, SS_CONNECTED, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../../state/net/proto.ts'
import { unreachableInFlight } from './in-flight.ts'
import { validateUnix, releaseUnixName, bindUnixName, autobindUnix, findUnix } from './names.ts'
import { addressOf, discardUnread, disconnectedUnix, sendUnix, receiveUnix } from './transfer.ts'
import { MAX_DGRAM_QLEN, UnixSock } from '../../state/net/unix-sock.ts'
import { sk_alloc, sock_init, sock_hold, sock_put, sock_graft } from '../socks.ts'
import { waitForRoom, waitForInput } from '../waits.ts'
import { ownCreds } from '../scm.ts'

const RCV_SHUTDOWN = 1
const SEND_SHUTDOWN = 2
const SHUTDOWN_MASK = 3

/** As `unix_create1`. */
const create1 = (machine: Machine, type: number, net: PlainNamespace, socket: Socket | null): UnixSock | null => {
  const sk = sk_alloc(machine, AF_UNIX, type, 0, socket)
  if (sk === null) return null
  const sock = new UnixSock(sk, net)
  sock_init(machine, sk, sock)
  return sock
}

export const createUnix = (
  machine: Machine, socket: Socket, protocol: number, _kern: boolean, net: PlainNamespace,
): number => {
  if (protocol !== 0 && protocol !== AF_UNIX) return -EPROTONOSUPPORT
  if (socket.type === SOCK_RAW) socket.type = SOCK_DGRAM
  if (![SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET].includes(socket.type)) return -ESOCKTNOSUPPORT
  if (create1(machine, socket.type, net, socket) === null) return -ENOMEM
  setOps(socket, machine.netTable.operations.unix)
  return 0
}

const sockOf = (socket: Socket): UnixSock => UnixSock.of(socket.sk!)

const isConnected = ({ sk }: UnixSock): boolean => sk.sk_state === TCP_ESTABLISHED

/** Both know one another, and keep one another. */
const link = (a: UnixSock, b: UnixSock): void => {
  a.peer = b
  sock_hold(b.sk)
}

const unlink = (machine: Machine, a: UnixSock): void => {
  const { peer } = a
  if (peer === null) return
  a.peer = null
  sock_put(machine, peer.sk)
}

/** Whether its peer is to hear that something was not read; a first message of nothing does not count. */
const isUnread = ({ queue: [first, next] }: UnixSock): boolean =>
  first !== undefined && (first.read < first.data.length || next !== undefined)

/** Sockets that are kept by nothing but one another's messages end with any other that ends. */
const collect = (machine: Machine): void => {
  if (machine.netTable.inFlight.isCollecting) return
  machine.netTable.inFlight.isCollecting = true
  for (const sock of unreachableInFlight(machine)) for (const holder of [sock, ...sock.backlog]) discardUnread(
    machine, holder,
  )
  machine.netTable.inFlight.isCollecting = false
}

/** As `unix_release_sock`; `embryo`: nobody has accepted the connection. */
const releaseSock = (machine: Machine, sock: UnixSock, embryo: boolean): void => {
  sock.dead = true
  sock.shutdown = SHUTDOWN_MASK
  const { peer, sk } = sock
  releaseUnixName(machine, sock)
  sk.sk_state = TCP_CLOSE
  if (peer !== null) {
    if (sk.sk_type !== SOCK_DGRAM) {
      peer.shutdown = SHUTDOWN_MASK
      if (isUnread(sock) || embryo) peer.error = ECONNRESET
    }
    peer.wait.wake()
    unlink(machine, sock)
  }
  for (const waiting of sock.backlog.splice(0)) releaseSock(machine, waiting, true)
  discardUnread(machine, sock)
  sock.wait.wake()
  sock_put(machine, sk)
  collect(machine)
}

const bindUnix = (
  machine: Machine, socket: Socket, addr: Uint8Array,
): number => bindUnixName(machine, sockOf(socket), addr)

/** As `unix_stream_connect`: the other end is made before the listener is looked for. */
const connectStream = (machine: Machine, sock: UnixSock, addr: Uint8Array, nonblock: boolean): number => {
  let rc = validateUnix(addr)
  if (rc === 0 && sock.has(SO_PASSCRED)) rc = autobindUnix(machine, sock)
  if (rc !== 0) return rc
  const end = create1(machine, sock.sk.sk_type, sock.net, null)
  if (end === null) return -ENOMEM
  const answer = join(machine, sock, addr, end, nonblock)
  if (answer !== 0) releaseSock(machine, end, false)
  return answer
}

const join = (machine: Machine, sock: UnixSock, addr: Uint8Array, end: UnixSock, nonblock: boolean): number => {
  const other = findUnix(machine, sock.net, addr, sock.sk.sk_type)
  if (typeof other === 'number') return other
  if (other.sk.sk_state !== TCP_LISTEN || (other.shutdown & RCV_SHUTDOWN) !== 0) return -ECONNREFUSED
  if (other.backlog.length > other.maxBacklog) return waitForRoom(machine, sock, other.wait, nonblock)
  if (sock.sk.sk_state !== TCP_CLOSE) return isConnected(sock) ? -EISCONN : -EINVAL
  const rc = machine.lsm.unix_stream_connect.ask(sock.sk, other.sk, end.sk)
  if (rc !== 0) return rc
  end.name = other.name
  end.peerCreds = ownCreds(machine)
  sock.peerCreds = other.peerCreds
  end.sk.sk_state = sock.sk.sk_state = TCP_ESTABLISHED
  sock.sk.sk_socket!.state = SS_CONNECTED
  end.listener = other
  link(end, sock)
  link(sock, end)
  other.backlog.push(end)
  other.wait.wake()
  return 0
}

/** What was sent by a former peer is lost. */
const changePeer = (machine: Machine, sock: UnixSock, other: UnixSock | null): void => {
  const { peer } = sock
  if (other !== null) sock_hold(other.sk)
  sock.peer = other
  sock.sk.sk_state = other === null ? TCP_CLOSE : TCP_ESTABLISHED
  if (peer === null) return
  if (peer !== other) disconnectedUnix(machine, sock, peer)
  sock_put(machine, peer.sk)
}

/** As `unix_dgram_connect`: a family of 0 lets the peer go. */
const connectDatagram = (machine: Machine, sock: UnixSock, addr: Uint8Array): number => {
  if (addr.length < 2) return -EINVAL
  if ((addr[0]! | (addr[1]! << 8)) === 0) {
    changePeer(machine, sock, null)
    return 0
  }
  let rc = validateUnix(addr)
  if (rc === 0 && sock.has(SO_PASSCRED)) rc = autobindUnix(machine, sock)
  if (rc !== 0) return rc
  const other = findUnix(machine, sock.net, addr, sock.sk.sk_type)
  if (typeof other === 'number') return other
  if (other.peer !== null && other.peer !== sock) return -EPERM
  rc = machine.lsm.unix_may_send.ask(sock.sk.sk_socket!, other.sk.sk_socket!)
  if (rc !== 0) return rc
  changePeer(machine, sock, other)
  return 0
}

/** A datagram's receiver holds as many as it may, and of others than its peer. */
const waitsForPeer = (sock: UnixSock): boolean => {
  const { peer, sk } = sock
  return sk.sk_type !== SOCK_STREAM && peer !== null && peer.peer !== sock && peer.queue.length > MAX_DGRAM_QLEN
}

export const unixOps = (machine: Machine): ProtoOps => ({
  family: AF_UNIX,
  release(socket) {
    const sock = sockOf(socket)
    socket.sk = null
    releaseSock(machine, sock, false)
  },
  bind: (socket, addr) => bindUnix(machine, socket, addr),
  connect(socket, addr, nonblock) {
    const sock = sockOf(socket)
    return sock.sk.sk_type === SOCK_DGRAM ? connectDatagram(machine, sock, addr) : connectStream(
      machine, sock, addr, nonblock,
    )
  },
  socketpair(a, b) {
    const [x, y] = [sockOf(a), sockOf(b)]
    link(x, y)
    link(y, x)
    x.peerCreds = y.peerCreds = ownCreds(machine)
    for (const { sk } of [x, y]) {
      sk.sk_state = TCP_ESTABLISHED
      sk.sk_socket!.state = SS_CONNECTED
    }
    return 0
  },
  accept(socket, newsock, nonblock) {
    const sock = sockOf(socket)
    if (sock.sk.sk_type === SOCK_DGRAM) return -EOPNOTSUPP
    if (sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
    const end = sock.backlog.shift()
    if (end === undefined) {
      return !nonblock && (sock.shutdown & RCV_SHUTDOWN) !== 0 ? -EINVAL : waitForInput(machine, sock, nonblock)
    }
    end.listener = null
    sock.wait.wake()
    setOps(newsock, machine.netTable.operations.unix)
    newsock.state = SS_CONNECTED
    for (const option of [SO_PASSCRED, SO_PASSSEC]) if (sock.has(option)) end.options.set(option, 1)
    sock_graft(machine, end.sk, newsock)
    return 0
  },
  getname(socket, peer) {
    const sock = sockOf(socket)
    if (!peer) return addressOf(sock.name)
    return sock.peer === null ? -ENOTCONN : addressOf(sock.peer.name)
  },
  listen(socket, backlog) {
    const sock = sockOf(socket)
    if (sock.sk.sk_type === SOCK_DGRAM) return -EOPNOTSUPP
    if (sock.name.length === 0) return -EINVAL
    if (sock.sk.sk_state !== TCP_CLOSE && sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
    // who waits for room at it may have it now
    if (backlog > sock.maxBacklog) sock.wait.wake()
    sock.maxBacklog = backlog
    sock.sk.sk_state = TCP_LISTEN
    sock.peerCreds = ownCreds(machine)
    return 0
  },
  shutdown(socket, how) {
    const sock = sockOf(socket)
    const bits = (how + 1) & SHUTDOWN_MASK
    sock.shutdown |= bits
    const { peer } = sock
    if (peer !== null && sock.sk.sk_type !== SOCK_DGRAM) {
      if ((bits & RCV_SHUTDOWN) !== 0) peer.shutdown |= SEND_SHUTDOWN
      if ((bits & SEND_SHUTDOWN) !== 0) peer.shutdown |= RCV_SHUTDOWN
      peer.wait.wake()
    }
    sock.wait.wake()
    return 0
  },
  setsockopt: () => -EOPNOTSUPP,
  getsockopt: () => ({ rc: -EOPNOTSUPP }),
  sendmsg: (socket, msg, data, flags) => sendUnix(machine, socket, msg, data, flags),
  recvmsg: (socket, msg, buf, flags) => receiveUnix(machine, socket, msg, buf, flags),
  poll(socket) {
    const sock = sockOf(socket)
    const listens = sock.sk.sk_state === TCP_LISTEN
    const readable = listens ? sock.backlog.length > 0 : sock.queue.length > 0
    let mask = sock.error !== 0 ? EPOLLERR : 0
    const isUnconnected = sock.sk.sk_type !== SOCK_DGRAM && sock.sk.sk_state === TCP_CLOSE
    if (sock.shutdown === SHUTDOWN_MASK || isUnconnected) mask |= EPOLLHUP
    if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM
    if (readable) mask |= EPOLLIN | EPOLLRDNORM
    if (!listens && sock.isWritable && !waitsForPeer(sock)) mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND
    return mask
  },
  inq(socket) {
    const sock = sockOf(socket)
    if (sock.sk.sk_state === TCP_LISTEN) return -EINVAL
    return sock.sk.sk_type === SOCK_DGRAM ? (sock.queue[0]?.data.length ?? 0) : sock.bytes
  },
  ioctl(socket, cmd, arg) {
    if (cmd !== SIOCOUTQ) return -ENOIOCTLCMD
    if (typeof arg !== 'object' || arg === null) return -EFAULT
    ;(arg as Ref<number>).value = sockOf(socket).wmem
    return 0
  },
})

/** Who the peer of a connected socket was (SO_PEERCRED). */
export const peerCreds = (sk: Sock) => UnixSock.of(sk).peerCreds
