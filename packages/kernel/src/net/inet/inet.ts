/**
 * AF_INET and AF_INET6 over the loopback device: TCP, UDP and their like. What soft interrupts do on the receiving side
 * happens inside the sender's call (net/ipv4/af_inet.c, tcp_ipv4.c, udp.c).
 */
import {
  AF_INET, AF_INET6, CAP_NET_ADMIN, CAP_NET_RAW, EACCES, EAFNOSUPPORT, EAGAIN, ECONNREFUSED, EDESTADDRREQ, EINVAL,
  EISCONN, ENETUNREACH, ENOMEM, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP,
  EPOLLRDNORM, EPOLLWRNORM, EPROTONOSUPPORT, ERESTARTSYS, ESOCKTNOSUPPORT, ETIMEDOUT, IP_TRANSPARENT, IPPROTO_ICMP,
  IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, MSG_DONTWAIT,
  MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, SIGPIPE, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, SOMAXCONN,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { FlowiCommon, KeyMap, RequestSock, Sock, Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { ProtoOps, UserMsghdr } from '../proto.ts'
import { setOps, SS_CONNECTED, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../proto.ts'
import type { Family, Socks } from '../socks.ts'
import { interfaceIoctl } from './interface-ioctl.ts'
import { anyOf, endpointOf, InetSock, isLocal, loopbackOf, packetOf, toSockaddr } from './inet-sock.ts'
import type { Endpoint } from './inet-sock.ts'
import { loopbackIn } from './loopback.ts'
import type { Netlabels, Sender } from './netlabel.ts'
import { ports } from './ports.ts'

const RCV_SHUTDOWN = 1
const SEND_SHUTDOWN = 2
const BUFFER = 212992
const NOTHING = new Uint8Array()

/** The protocol a type means without one, and those it can be asked for. */
const PROTOCOLS: ReadonlyMap<number, readonly number[]> = new Map([
  [SOCK_STREAM, [IPPROTO_TCP, IPPROTO_MPTCP, IPPROTO_SCTP]],
  [SOCK_DGRAM, [IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_UDPLITE]],
  [SOCK_SEQPACKET, [IPPROTO_SCTP]],
])

export const inetFamily = (lsm: KeyMap, machine: Machine, socks: Socks, labels: Netlabels) => {
  const { current } = machine
  const { sk_alloc, sock_put, sock_graft } = socks
  const table = ports(lsm, machine)
  const sockOf = (socket: Socket): InetSock => InetSock.of(socket.sk!)

  /** A flow gets the label of the sock it comes from (security_sk_classify_flow). */
  const classify = ({ sk }: InetSock): void => {
    const flow: FlowiCommon = { flowic_secid: 0, flowic_mark: sk.sk_mark, flowic_proto: sk.sk_protocol }
    lsm.sk_getsecid.tell(sk, flow)
  }
  const classifyRequest = (req: RequestSock, sk: Sock): void =>
    lsm.req_classify_flow.tell(req, { flowic_secid: req.secid, flowic_mark: 0, flowic_proto: sk.sk_protocol })

  /** 0 when the LSMs let a packet up to the sock, else what its sender hears of it: -errno, -ETIMEDOUT for nothing. */
  const receive = (to: InetSock, from: Sender, data: Uint8Array): number => {
    const skb = packetOf(to.sk, from, to.local, data)
    if (lsm.socket_sock_rcv_skb.ask(to.sk, skb) === 0) return 0
    return -(labels.refusalOf(skb) || ETIMEDOUT)
  }
  const receives = (to: InetSock, from: Sender, data: Uint8Array): boolean => receive(to, from, data) === 0

  const protocolOf = (type: number, protocol: number): number => {
    if (type === SOCK_RAW) return protocol === IPPROTO_IP ? -EPROTONOSUPPORT : protocol
    const known = PROTOCOLS.get(type)
    if (known === undefined) return -ESOCKTNOSUPPORT
    if (protocol === IPPROTO_IP) return known[0]!
    return known.includes(protocol) ? protocol : -EPROTONOSUPPORT
  }

  /** As `inet_create` and `inet6_create`. */
  const create = (family: number): Family => (socket, protocol, kern, net) => {
    const proto = protocolOf(socket.type, protocol)
    if (proto < 0) return proto
    if (socket.type === SOCK_RAW && !kern && !ns_capable(lsm, current, net.user_ns, CAP_NET_RAW)) return -EPERM
    const sk = sk_alloc(family, socket.type, proto, socket)
    if (sk === null) return -ENOMEM
    const sock = new InetSock(sk, net)
    sk.sk_user_data = sock
    setOps(socket, operations[family === AF_INET ? 0 : 1]!)
    // no group may ping: net.ipv4.ping_group_range is empty
    const isPing = socket.type === SOCK_DGRAM && (proto === IPPROTO_ICMP || proto === IPPROTO_ICMPV6)
    if (!isPing) return 0
    socket.sk = null
    sock_put(sk)
    return -EACCES
  }

  /** Where to: `any` means this machine. */
  const destination = (sock: InetSock, raw: Uint8Array): Endpoint | number => {
    const { sk_family } = sock.sk
    if (raw.length < (sk_family === AF_INET ? 16 : 24)) return -EINVAL
    const { family, addr, port } = endpointOf(raw)
    if (family !== sk_family) return -EAFNOSUPPORT
    if (!isLocal(addr) || !loopbackIn(sock.net).isUp) return -ENETUNREACH
    return { addr: addr === anyOf(sk_family) ? loopbackOf(sk_family) : addr, port }
  }

  /** The server's part of a connection, as soft interrupts do it: the new end, or why there is none. */
  const answerSyn = (sock: InetSock, to: Endpoint): { server: InetSock; req: RequestSock } | number => {
    const server = table.find(sock.net, sock.sk.sk_protocol, to.addr, to.port)
    if (server === null || server.sk.sk_state !== TCP_LISTEN) return -ECONNREFUSED
    const rc = receive(server, sock, NOTHING)
    if (rc !== 0) return rc
    const req: RequestSock = { security: null, secid: 0, peer_secid: 0, rsk_listener: server.sk }
    const skb = packetOf(server.sk, sock, to, NOTHING)
    if (lsm.inet_conn_request.ask(server.sk, skb, req) !== 0) return -ETIMEDOUT
    classifyRequest(req, server.sk)
    // who refuses the answer is not told that it was there
    return receives(sock, { local: to, netlabel: labels.labelOf(req) }, NOTHING) ? { server, req } : -ETIMEDOUT
  }

  const openChild = (sock: InetSock, { server, req }: { server: InetSock; req: RequestSock }, to: Endpoint): number => {
    if (!receives(server, sock, NOTHING)) return 0
    const sk = sk_alloc(server.sk.sk_family, server.sk.sk_type, server.sk.sk_protocol, null)
    if (sk === null) return -ENOMEM
    lsm.sk_clone_security.tell(server.sk, sk)
    const child = new InetSock(sk, server.net)
    sk.sk_user_data = child
    sk.sk_state = TCP_ESTABLISHED
    lsm.inet_csk_clone.tell(sk, req)
    classifyRequest(req, server.sk)
    child.local = { addr: to.addr, port: to.port }
    child.remote = sock.local
    child.netlabel = labels.labelOf(req)
    child.peer = sock
    sock.peer = child
    server.backlog.push(child)
    server.wait.wake()
    return 0
  }

  const connectStream = (sock: InetSock, to: Endpoint, nonblock: boolean): number => {
    if (sock.sk.sk_state !== TCP_CLOSE) return sock.sk.sk_state === TCP_ESTABLISHED ? -EISCONN : -EINVAL
    classify(sock)
    const rc = table.autobind(sock, loopbackOf(sock.sk.sk_family))
    if (rc !== 0) return rc
    classify(sock)
    const server = table.find(sock.net, sock.sk.sk_protocol, to.addr, to.port)
    if (server !== null && server.backlog.length > server.maxBacklog) {
      if (nonblock) return -EAGAIN
      machine.sleepOn = server.wait
      return -ERESTARTSYS
    }
    const answer = machine.softirq(() => answerSyn(sock, to))
    if (typeof answer === 'number') {
      // a reset has the options of what it answers
      const reset = { local: to, netlabel: sock.netlabel }
      if (answer === -ECONNREFUSED) machine.softirq(() => receives(sock, reset, NOTHING))
      return answer
    }
    sock.remote = to
    sock.sk.sk_dport = to.port
    sock.sk.sk_state = TCP_ESTABLISHED
    sock.sk.sk_socket!.state = SS_CONNECTED
    const accepted = { local: to, netlabel: labels.labelOf(answer.req) }
    lsm.inet_conn_established.tell(sock.sk, packetOf(sock.sk, accepted, sock.local, NOTHING))
    if (sock.sk.sk_family === AF_INET6) classify(sock)
    return machine.softirq(() => openChild(sock, answer, to))
  }

  const connect = (socket: Socket, raw: Uint8Array, nonblock: boolean): number => {
    const sock = sockOf(socket)
    if (raw.length < 2) return -EINVAL
    if (endpointOf(raw).family === 0) {
      sock.remote = null
      return 0
    }
    const to = destination(sock, raw)
    if (typeof to === 'number') return to
    if (sock.isStream) return connectStream(sock, to, nonblock)
    classify(sock)
    const rc = sock.sk.sk_type === SOCK_RAW ? 0 : table.autobind(sock, loopbackOf(sock.sk.sk_family))
    if (rc !== 0) return rc
    sock.remote = to
    sock.sk.sk_dport = to.port
    sock.sk.sk_state = TCP_ESTABLISHED
    return 0
  }

  const brokenPipe = (flags: number): number => {
    if ((flags & MSG_NOSIGNAL) === 0) machine.sendSignal(current.task, SIGPIPE)
    return -EPIPE
  }
  const sleep = (sock: InetSock, flags: number): number => {
    if ((flags & MSG_DONTWAIT) !== 0) return -EAGAIN
    machine.sleepOn = sock.wait
    return -ERESTARTSYS
  }

  const deliver = (to: InetSock, from: InetSock, data: Uint8Array): void => {
    to.queue.push({ data: data.slice(), read: 0, from: from.local })
    to.wait.wake()
  }

  const sendStream = (sock: InetSock, data: Uint8Array, flags: number): number => {
    const { peer } = sock
    if ((sock.shutdown & SEND_SHUTDOWN) !== 0) return brokenPipe(flags)
    if (sock.sk.sk_state !== TCP_ESTABLISHED) return -EPIPE
    if (peer === null) return brokenPipe(flags)
    const room = Math.min(data.length, BUFFER - peer.bytes)
    if (room <= 0 && data.length > 0) return sleep(peer, flags)
    const part = data.subarray(0, room)
    machine.softirq(() => {
      if (!receives(peer, sock, part)) return 0
      deliver(peer, sock, part)
      receives(sock, peer, NOTHING)
      return 0
    })
    return room
  }

  const sendDatagram = (sock: InetSock, msg: UserMsghdr, data: Uint8Array): number => {
    const named = msg.msg_name !== null && msg.msg_name.length > 0
    const to = named ? destination(sock, msg.msg_name!) : sock.remote
    if (to === null) return -EDESTADDRREQ
    if (typeof to === 'number') return to
    if (sock.error !== 0) {
      const { error } = sock
      sock.error = 0
      return -error
    }
    if (sock.sk.sk_type !== SOCK_RAW) {
      const rc = table.autobind(sock, loopbackOf(sock.sk.sk_family))
      if (rc !== 0) return rc
    }
    // a connected socket has its route already
    if (named || sock.sk.sk_type === SOCK_RAW) classify(sock)
    machine.softirq(() => {
      const other = table.find(sock.net, sock.sk.sk_protocol, to.addr, to.port)
      const rc = other === null ? -ECONNREFUSED : receive(other, sock, data)
      if (rc === 0 && other!.bytes + data.length <= BUFFER) deliver(other!, sock, data)
      // a socket that is connected hears of it, at its next call
      if (rc !== 0 && rc !== -ETIMEDOUT && sock.remote !== null) sock.error = -rc
      return 0
    })
    return data.length
  }

  const takeStream = (sock: InetSock, buf: Uint8Array, peek: boolean): number => {
    let done = 0
    for (let at = 0; done < buf.length; ) {
      const skb = sock.queue[at]
      if (skb === undefined) break
      const part = skb.data.subarray(skb.read, skb.read + buf.length - done)
      buf.set(part, done)
      done += part.length
      if (peek) at++
      else {
        skb.read += part.length
        if (skb.read < skb.data.length) break
        sock.queue.shift()
      }
    }
    return done
  }

  const recvmsg = (socket: Socket, msg: UserMsghdr, buf: Uint8Array, flags: number): number => {
    const sock = sockOf(socket)
    const peek = (flags & MSG_PEEK) !== 0
    if (sock.isStream) {
      if (sock.sk.sk_state === TCP_LISTEN) return -ENOTCONN
      const done = takeStream(sock, buf, peek)
      if (done > 0 || buf.length === 0) {
        sock.wait.wake()
        return done
      }
      if ((sock.shutdown & RCV_SHUTDOWN) !== 0) return 0
      return sock.sk.sk_state === TCP_ESTABLISHED ? sleep(sock, flags) : -ENOTCONN
    }
    const skb = sock.queue[0]
    if (skb === undefined) {
      const { error } = sock
      sock.error = 0
      return error !== 0 ? -error : sleep(sock, flags)
    }
    const part = skb.data.subarray(0, buf.length)
    buf.set(part)
    if (part.length < skb.data.length) msg.msg_flags |= MSG_TRUNC
    if (msg.msg_name !== null) msg.msg_name = toSockaddr(sock.sk.sk_family, skb.from)
    if (!peek) sock.queue.shift()
    return (flags & MSG_TRUNC) !== 0 ? skb.data.length : part.length
  }

  /** The peer reads an end; the LSMs see its packet. */
  const tellEnd = (sock: InetSock): void => {
    const { peer } = sock
    if (peer === null) return
    machine.softirq(() => {
      if (receives(peer, sock, NOTHING)) peer.shutdown |= RCV_SHUTDOWN
      return 0
    })
    peer.wait.wake()
  }

  const privileged = (sock: InetSock): boolean =>
    ns_capable(lsm, current, sock.net.user_ns, CAP_NET_RAW) || ns_capable(lsm, current, sock.net.user_ns, CAP_NET_ADMIN)

  const opsOfFamily = (family: number): ProtoOps => ({
    family,
    release(socket) {
      const sock = sockOf(socket)
      socket.sk = null
      table.release(sock)
      const endsFirst = sock.isStream && sock.peer !== null
      if (endsFirst) {
        tellEnd(sock)
        sock.peer!.peer = null
      }
      for (const waiting of sock.backlog.splice(0)) if (waiting.peer !== null) waiting.peer.peer = null
      const isFreeByRcu = !sock.isStream || sock.sk.sk_state === TCP_LISTEN
      sock.sk.sk_state = TCP_CLOSE
      // who ends a connection first waits for the other side to acknowledge it
      if (isFreeByRcu) machine.callRcu(() => sock_put(sock.sk))
      else if (endsFirst) machine.softirq(() => sock_put(sock.sk))
      else sock_put(sock.sk)
    },
    bind: (socket, addr) => table.bind(sockOf(socket), addr),
    connect,
    socketpair: () => -EOPNOTSUPP,
    accept(socket, newsock, nonblock) {
      const sock = sockOf(socket)
      if (!sock.isStream) return -EOPNOTSUPP
      if (sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
      const child = sock.backlog.shift()
      if (child === undefined) return sleep(sock, nonblock ? MSG_DONTWAIT : 0)
      sock.wait.wake()
      setOps(newsock, operations[family === AF_INET ? 0 : 1]!)
      newsock.state = SS_CONNECTED
      sock_graft(child.sk, newsock)
      return 0
    },
    getname(socket, peer) {
      const sock = sockOf(socket)
      if (!peer) return toSockaddr(family, sock.local)
      return sock.remote === null ? -ENOTCONN : toSockaddr(family, sock.remote)
    },
    listen(socket, backlog) {
      const sock = sockOf(socket)
      if (!sock.isStream) return -EOPNOTSUPP
      if (sock.sk.sk_state !== TCP_CLOSE && sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
      const rc = table.autobind(sock)
      if (rc !== 0) return rc
      sock.maxBacklog = Math.min(backlog >>> 0, SOMAXCONN)
      sock.sk.sk_state = TCP_LISTEN
      return 0
    },
    shutdown(socket, how) {
      const sock = sockOf(socket)
      const bits = (how + 1) & 3
      if (sock.sk.sk_state !== TCP_ESTABLISHED) return -ENOTCONN
      sock.shutdown |= bits
      if ((bits & SEND_SHUTDOWN) !== 0 && sock.isStream) tellEnd(sock)
      sock.wait.wake()
      return 0
    },
    setsockopt(socket, level, name, value) {
      const sock = sockOf(socket)
      if (level === IPPROTO_IP && name === IP_TRANSPARENT && value !== 0 && !privileged(sock)) return -EPERM
      if (typeof value === 'number') sock.options.set(level * 1000 + name, value)
      return 0
    },
    getsockopt: (socket, level, name) => sockOf(socket).options.get(level * 1000 + name) ?? 0,
    sendmsg(socket, msg, data, flags) {
      const sock = sockOf(socket)
      return sock.isStream ? sendStream(sock, data, flags) : sendDatagram(sock, msg, data)
    },
    recvmsg,
    poll(socket) {
      const sock = sockOf(socket)
      const listens = sock.sk.sk_state === TCP_LISTEN
      let mask = (listens ? sock.backlog.length : sock.queue.length) > 0 ? EPOLLIN | EPOLLRDNORM : 0
      if (sock.error !== 0) mask |= EPOLLERR
      if ((sock.shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP
      if (sock.shutdown === 3 || (sock.isStream && !listens && sock.sk.sk_state === TCP_CLOSE)) mask |= EPOLLHUP
      if (!listens) mask |= EPOLLOUT | EPOLLWRNORM
      return mask
    },
    inq(socket) {
      const sock = sockOf(socket)
      if (sock.sk.sk_state === TCP_LISTEN) return -EINVAL
      return sock.isStream ? sock.bytes : (sock.queue[0]?.data.length ?? 0)
    },
    ioctl: (socket, cmd, arg) => interfaceIoctl(lsm, current, sockOf(socket).net, cmd, arg),
  })
  const operations = [opsOfFamily(AF_INET), opsOfFamily(AF_INET6)] as const

  return { create }
}
