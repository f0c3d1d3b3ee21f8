/**
 * AF_INET and AF_INET6 over the loopback device: TCP, UDP and their like. What soft interrupts do on the receiving side
 * happens inside the sender's call (net/ipv4/af_inet.c, tcp_ipv4.c, udp.c).
 */
import {
  AF_INET, AF_UNSPEC, CAP_NET_ADMIN, CAP_NET_RAW, EACCES, EAGAIN, EINVAL, ENOBUFS, ENOMEM, ENOTCONN, EOPNOTSUPP, EPERM,
  EPIPE, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM, EPROTONOSUPPORT,
  ESOCKTNOSUPPORT, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_MAX, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP,
  IPPROTO_UDP, IPPROTO_UDPLITE, IP_TRANSPARENT, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_FASTOPEN, MSG_NOSIGNAL, MSG_PEEK,
  SCM_CREDENTIALS, SCM_RIGHTS, SIGPIPE, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET, SO_MARK,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Socket } from '@lsmkit/core'
import { copyIn, copyOut, isGuestBytes } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import type { ProtoOps, KernelMsghdr } from '../../state/net/proto.ts'
import {
  setOps, SS_CONNECTED, SS_UNCONNECTED, takeError, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_SENT,
} from '../../state/net/proto.ts'
import type { Family } from '../../state/net/proto.ts'
import { openRaw, connectDatagram, receiveDatagram, closeRaw, bindRaw, sendDatagram } from './datagrams.ts'
import { interfaceIoctl } from './interface-ioctl.ts'
import { endpointOf, toSockaddr } from '../../state/net/addresses.ts'
import { InetSock, RCV_SHUTDOWN, SEND_SHUTDOWN, V6ONLY } from '../../state/net/inet-sock.ts'
import { makeFirstSubflow } from './mptcp.ts'
import { NOTHING, receivesPacket } from './packets.ts'
import { mayPing } from './ping.ts'
import { releasePort, bindPort, autobindPort } from './ports.ts'
import { SctpSock } from '../../state/net/sctp-sock.ts'
import { connectTcp, disconnectTcp, stopListening, stopWaiting, sendAgain, shutdownTcp } from './tcp-connect.ts'
import { sk_alloc, sock_init, sock_put, sock_graft } from '../socks.ts'
import { waitForInput, waitForRoom } from '../waits.ts'

const BUFFER = 212992

/** The protocol a type means without one, and those it can be asked for. */
const PROTOCOLS: ReadonlyMap<number, readonly number[]> = new Map([
  [SOCK_STREAM, [IPPROTO_TCP, IPPROTO_MPTCP, IPPROTO_SCTP]],
  [SOCK_DGRAM, [IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_UDPLITE]],
  [SOCK_SEQPACKET, [IPPROTO_SCTP]],
])

/** What does the work of a socket. */
const sockOf = (socket: Socket): InetSock => {
  const own = InetSock.of(socket.sk!)
  return own.first ?? own
}

const isAbsent = (machine: Machine, protocol: number): boolean =>
  (protocol === IPPROTO_SCTP && machine.without.has('sctp')) ||
  (protocol === IPPROTO_MPTCP && machine.without.has('mptcp'))

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

const connectInet = (machine: Machine, socket: Socket, raw: Uint8Array, nonblock: boolean): number => {
  const sock = sockOf(socket)
  if (raw.length < 2) return -EINVAL
  if (!sock.isStream) return connectDatagram(machine, sock, raw)
  if (endpointOf(raw).family !== AF_UNSPEC) {
    return makeFirstSubflow(machine, socket) || connectTcp(machine, socket, sockOf(socket), raw, nonblock)
  }
  disconnectTcp(machine, socket, sock)
  return 0
}

/** As `tcp_sendmsg_fastopen` of who has no cookie of the server: the data wait for the answer. */
const connectFast = (machine: Machine, socket: Socket, { msg_name }: KernelMsghdr, flags: number): number => {
  const isUnspec = msg_name !== null && msg_name.length >= 2 && endpointOf(msg_name).family === AF_UNSPEC
  if (isUnspec) return -EOPNOTSUPP
  const to = msg_name ?? NOTHING
  return makeFirstSubflow(machine, socket) || connectTcp(
    machine, socket, sockOf(socket), to, (flags & MSG_DONTWAIT) !== 0,
  )
}

const brokenPipe = (machine: Machine, flags: number): number => {
  if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(machine.current.task, SIGPIPE)
  return -EPIPE
}

/** Times are those of the sock that programs have. */
const receiveLater = (machine: Machine, sock: InetSock, flags: number): number =>
  waitForInput(machine, sock.msk ?? sock, (flags & MSG_DONTWAIT) !== 0)

const sendLater = (machine: Machine, sock: InetSock, to: InetSock, flags: number): number =>
  waitForRoom(machine, sock.msk ?? sock, to.wait, (flags & MSG_DONTWAIT) !== 0)

/** `hasRoom`, asked before, has said that there is memory for it. */
const deliver = (to: InetSock, from: InetSock, data: Uint8Array): void => {
  if (to.append(data) || to.enqueue(data, from.local)) to.wait.wake()
}

const sendStream = (
  machine: Machine, sock: InetSock, data: GuestBytes, flags: number, control: () => number,
): number => {
  const { peer } = sock
  const { sk_state } = sock.sk
  if (sk_state === TCP_SYN_SENT) return sendLater(machine, sock, sock, flags)
  if (sk_state === TCP_ESTABLISHED && control() !== 0) return -EINVAL
  if (peer === null || (sock.shutdown & SEND_SHUTDOWN) !== 0) {
    const error = takeError(sock)
    return error !== 0 ? -error : brokenPipe(machine, flags)
  }
  if (data.length === 0) return 0
  const room = Math.min(data.length, BUFFER - peer.bytes)
  if (room <= 0) return sendLater(machine, sock, peer, flags)
  // what has been sent is not lost, as nothing is sent again
  if (!peer.memory.account.hasRoom(COST.skb + room)) return -ENOBUFS
  const part = copyIn(data, 0, room)
  machine.softirq(() => {
    if (!receivesPacket(machine, peer, sock, part)) return 0
    deliver(peer, sock, part)
    receivesPacket(machine, sock, peer, NOTHING)
    return 0
  })
  return room
}

const takeStream = (sock: InetSock, buf: GuestBytes, peek: boolean): number => {
  let done = 0
  for (let at = 0; done < buf.length;) {
    const skb = sock.queue[at]
    if (skb === undefined) break
    const part = skb.data.subarray(skb.read, skb.read + buf.length - done)
    copyOut(part, buf, done)
    done += part.length
    if (peek) at++
    else {
      skb.read += part.length
      if (skb.read < skb.data.length) break
      sock.dequeue()
    }
  }
  return done
}

const recvmsg = (machine: Machine, socket: Socket, msg: KernelMsghdr, buf: GuestBytes, flags: number): number => {
  const sock = sockOf(socket)
  if (!sock.isStream) return receiveDatagram(machine, sock, msg, buf, flags)
  if ((flags & MSG_ERRQUEUE) !== 0) return -EAGAIN
  if (sock.sk.sk_state === TCP_LISTEN) return -ENOTCONN
  const isQueued = sock.queue.length > 0
  const done = takeStream(sock, buf, (flags & MSG_PEEK) !== 0)
  if (isQueued) {
    sock.wait.wake()
    // the other side has room again
    sock.peer?.wait.wake()
    return done
  }
  const error = takeError(sock)
  if (error !== 0) return -error
  if ((sock.shutdown & RCV_SHUTDOWN) !== 0) return 0
  return sock.sk.sk_state === TCP_CLOSE ? -ENOTCONN : receiveLater(machine, sock, flags)
}

/** The peer reads an end; the LSMs see its packet. */
const tellEnd = (machine: Machine, sock: InetSock): void => {
  const { peer } = sock
  if (peer === null) return
  machine.softirq(() => {
    if (receivesPacket(machine, peer, sock, NOTHING)) peer.shutdown |= RCV_SHUTDOWN
    return 0
  })
  peer.wait.wake()
}

const privileged = (machine: Machine, sock: InetSock): boolean =>
  ns_capable(machine.lsm, machine.current, sock.net.user_ns, CAP_NET_RAW) || ns_capable(
    machine.lsm, machine.current, sock.net.user_ns, CAP_NET_ADMIN,
  )

/** As `sock_cmsg_send`: what a message can have with it that is no other's to send. */
const controlOf = (machine: Machine, sock: InetSock, { msg_control }: KernelMsghdr): number => {
  for (const { cmsg_level, cmsg_type, data } of msg_control ?? []) {
    if (cmsg_level !== SOL_SOCKET || cmsg_type === SCM_RIGHTS || cmsg_type === SCM_CREDENTIALS) continue
    if (cmsg_type !== SO_MARK) return -EINVAL
    if (!privileged(machine, sock)) return -EPERM
    if (!isGuestBytes(data) || data.length !== 4) return -EINVAL
  }
  return 0
}

export const opsOfFamily = (machine: Machine, family: number): ProtoOps => ({
  family,
  release(socket) {
    const sock = sockOf(socket)
    socket.sk = null
    releasePort(machine, sock)
    closeRaw(machine, sock)
    const endsFirst = sock.isStream && sock.peer !== null
    if (endsFirst) {
      tellEnd(machine, sock)
      sock.peer!.peer = null
    }
    const listened = sock.sk.sk_state === TCP_LISTEN
    if (listened) stopListening(machine, sock)
    stopWaiting(sock)
    const isFreeByRcu = !sock.isStream || listened
    sock.sk.sk_state = TCP_CLOSE
    // an answer from outside is not waited for any more
    sock.wait.wake()
    // who ends a connection first waits for the other side to acknowledge it
    if (isFreeByRcu) machine.callRcu(() => sock_put(machine, sock.sk))
    else if (endsFirst) machine.softirq(() => sock_put(machine, sock.sk))
    else sock_put(machine, sock.sk)
    if (sock.msk !== null) sock_put(machine, sock.msk.sk)
  },
  bind(socket, addr) {
    const sock = sockOf(socket)
    if (sock.sk.sk_type === SOCK_RAW) return bindRaw(sock, addr)
    return makeFirstSubflow(machine, socket) || bindPort(machine, sockOf(socket), addr)
  },
  connect: (socket, raw, nonblock) => connectInet(machine, socket, raw, nonblock),
  socketpair: () => -EOPNOTSUPP,
  accept(socket, newsock, nonblock) {
    const sock = sockOf(socket)
    if (!sock.isStream) return -EOPNOTSUPP
    if (sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
    const child = sock.backlog.shift()
    if (child === undefined) return receiveLater(machine, sock, nonblock ? MSG_DONTWAIT : 0)
    setOps(newsock, machine.netTable.operations.inet[family === AF_INET ? 0 : 1]!)
    newsock.state = SS_CONNECTED
    sock_graft(machine, (child.msk ?? child).sk, newsock)
    sendAgain(machine, sock)
    return 0
  },
  getname(socket, peer) {
    const sock = sockOf(socket)
    if (!peer) return toSockaddr(family, sock.local)
    const { sk_state } = sock.sk
    return sock.remote === null || sock.remote.port === 0 || sk_state === TCP_CLOSE || sk_state === TCP_SYN_SENT
      ? -ENOTCONN : toSockaddr(family, sock.remote)
  },
  listen(socket, backlog) {
    const { isStream, sk: { sk_state } } = sockOf(socket)
    if (!isStream) return -EOPNOTSUPP
    if (socket.state !== SS_UNCONNECTED || (sk_state !== TCP_CLOSE && sk_state !== TCP_LISTEN)) return -EINVAL
    let rc = makeFirstSubflow(machine, socket)
    if (rc !== 0) return rc
    const sock = sockOf(socket)
    rc = autobindPort(machine, sock)
    if (rc !== 0) return rc
    sock.maxBacklog = backlog
    socket.sk!.sk_state = sock.sk.sk_state = TCP_LISTEN
    sendAgain(machine, sock)
    return 0
  },
  shutdown(socket, how) {
    const sock = sockOf(socket)
    const bits = (how + 1) & 3
    if (sock.isStream) return shutdownTcp(machine, socket, sock, bits, (end) => tellEnd(machine, end))
    sock.shutdown |= bits
    sock.wait.wake()
    return sock.sk.sk_state === TCP_CLOSE ? -ENOTCONN : 0
  },
  setsockopt(socket, level, name, value) {
    const sock = sockOf(socket)
    if (level === IPPROTO_IP && name === IP_TRANSPARENT && value !== 0 && !privileged(machine, sock)) return -EPERM
    if (typeof value !== 'number') return 0
    const option = level * 1000 + name
    if (option === V6ONLY && sock.bound) return -EINVAL
    if (!sock.options.has(option) && !sock.memory.charge(COST.sockOption)) return -ENOMEM
    sock.options.set(option, value)
    return 0
  },
  getsockopt: (socket, level, name) => sockOf(socket).options.get(level * 1000 + name) ?? 0,
  sendmsg(socket, msg, data, flags) {
    const control = (): number => controlOf(machine, sockOf(socket), msg)
    const { isStream } = sockOf(socket)
    if (!isStream) return sendDatagram(machine, sockOf(socket), msg, data, flags, control)
    const rc = (flags & MSG_FASTOPEN) === 0 ? 0 : connectFast(machine, socket, msg, flags)
    return rc !== 0 ? rc : sendStream(machine, sockOf(socket), data, flags, control)
  },
  recvmsg: (socket, msg, buf, flags) => recvmsg(machine, socket, msg, buf, flags),
  poll(socket) {
    const sock = sockOf(socket)
    // of a listener nothing else counts
    if (sock.sk.sk_state === TCP_LISTEN) return sock.backlog.length > 0 ? EPOLLIN | EPOLLRDNORM : 0
    const isOpening = sock.sk.sk_state === TCP_SYN_SENT
    let mask = sock.queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0
    if (sock.error !== 0) mask |= EPOLLERR
    if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP
    if (sock.shutdown === 3 || (sock.isStream && sock.sk.sk_state === TCP_CLOSE)) mask |= EPOLLHUP
    const hasRoom = sock.peer === null || sock.peer.bytes < BUFFER
    if (!isOpening && hasRoom) mask |= EPOLLOUT | EPOLLWRNORM | (sock.isStream ? 0 : EPOLLWRBAND)
    return mask
  },
  inq(socket) {
    const sock = sockOf(socket)
    if (sock.sk.sk_state === TCP_LISTEN) return -EINVAL
    return sock.isStream ? sock.bytes : (sock.queue[0]?.data.length ?? 0)
  },
  ioctl: (socket, cmd, arg) => interfaceIoctl(machine.lsm, machine.current, sockOf(socket).net, cmd, arg),
})
