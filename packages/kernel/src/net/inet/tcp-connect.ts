/**
 * Opening and ending TCP connections over loopback: the three packets, the backlog of a listener, and the results of
 * connect(2), shutdown(2) and SO_ERROR (net/ipv4/af_inet.c, tcp_input.c, tcp_disconnect of tcp.c).
 *
 * A packet is answered within the call. Nothing is sent again: a connection that nobody answers fails with ETIMEDOUT
 * immediately, and one that waits for room at a listener is accepted as soon as there is room.
 */
import {
  AF_INET6, EALREADY, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINPROGRESS, EINVAL, EISCONN, ENOTCONN,
  ETIMEDOUT, IPPROTO_TCP,
} from '@lsmkit/abi'
import type { RequestSock, Socket } from '@lsmkit/core'
import { cloneSocketPolicies } from '../xfrm/socket-policies.ts'
import type { Machine } from '../../machine.ts'
import {
  copyOptions, reportError, SS_CONNECTED, SS_CONNECTING, SS_DISCONNECTING, SS_UNCONNECTED, takeError, TCP_CLOSE,
  TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT,
} from '../../state/net/proto.ts'
import { anyOf, isAny, isLocal, sourceTo } from '../../state/net/addresses.ts'
import { destination, InetSock, packetOf, RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import { openOutside } from './outside.ts'
import {
  NOTHING, receivesPacket, receivePacket, classifyRequest, classify, classifyAnswer, classifyTo,
} from './packets.ts'
import { findPort, autobindPort } from './ports.ts'
import { labelOf } from './netlabel.ts'
import { sk_alloc, sock_init, sock_put } from '../socks.ts'
import { cloneMptcp } from './mptcp.ts'
import { waitForAnswer } from '../waits.ts'
import { sendEnd } from './stream.ts'
import { abortTcp, closeTcp } from './tcp-end.ts'
import { inet_sk_set_state } from './sk-state.ts'

/** A listener's answer to a first packet. */
interface SynAnswer {
  readonly server: InetSock
  readonly req: RequestSock
}

/** Resets the connection of the peer as well, if its LSMs accept the packet. */
const resetPeer = (machine: Machine, sock: InetSock): void => {
  const { peer } = sock
  sock.peer = null
  if (peer === null) return
  machine.softirq(() => {
    if (receivesPacket(machine, peer, sock, NOTHING)) abortTcp(machine, peer, ECONNRESET)
    else peer.peer = null
  })
}

const isFull = (server: InetSock): boolean => server.backlog.length > server.maxBacklog

/** The server's part, in a soft interrupt: its answer; -errno without one; 0 if the backlog is full. */
const answerSyn = (machine: Machine, sock: InetSock): SynAnswer | number => {
  const to = sock.remote!
  const server = findPort(machine, sock.net, sock.sk.sk_protocol, to.addr, to.port)
  if (server === null || server.sk.sk_state !== TCP_LISTEN) {
    classifyAnswer(machine, packetOf(sock.sk, sock, to, NOTHING))
    // a reset has the options of the packet that it answers
    return receivesPacket(machine, sock, { local: to, netlabel: sock.netlabel }, NOTHING) ? -ECONNREFUSED : -ETIMEDOUT
  }
  const rc = receivePacket(machine, server, sock, NOTHING)
  if (rc !== 0) return rc
  if (isFull(server)) {
    server.waiting.push(sock)
    sock.waitsAt = server
    return 0
  }
  const req: RequestSock = { security: null, secid: 0, peer_secid: 0, rsk_listener: server.sk }
  const skb = packetOf(server.sk, sock, to, NOTHING)
  if (machine.lsm.inet_conn_request.ask(server.sk, skb, req) !== 0) return -ETIMEDOUT
  classifyRequest(machine, req, server.sk)
  // a client whose LSMs drop the answer does not notice it
  return receivesPacket(machine, sock, { local: to, netlabel: labelOf(machine, req) }, NOTHING)
    ? { server, req } : -ETIMEDOUT
}

/** The third packet arrives, and the server gets its sock. If it is dropped, the client's sock has no peer. */
const openChild = (machine: Machine, sock: InetSock, { server, req }: SynAnswer): void => {
  if (!receivesPacket(machine, server, sock, NOTHING)) return
  const sk = sk_alloc(machine, server.sk.sk_family, server.sk.sk_type, server.sk.sk_protocol, null)
  if (sk === null) return
  machine.cgroups.sk_clone(sk, server.sk)
  machine.lsm.sk_clone_security.tell(server.sk, sk)
  const child = new InetSock(sk, server.net)
  sock_init(machine, sk, child)
  copyOptions(server, child)
  cloneSocketPolicies(machine, server, child)
  child.local = sock.remote!
  child.remote = sock.local
  // the copy of a listener that receives the end of the handshake
  sk.sk_state = TCP_LISTEN
  inet_sk_set_state(machine, sk, TCP_SYN_RECV)
  machine.lsm.inet_csk_clone.tell(sk, req)
  classifyRequest(machine, req, server.sk)
  inet_sk_set_state(machine, sk, TCP_ESTABLISHED)
  child.netlabel = labelOf(machine, req)
  child.peer = sock
  sock.peer = child
  if (sock.msk !== null) cloneMptcp(machine, server, child, req)
  server.backlog.push(child)
  server.wait.wake()
}

/** Sends the first packet, and handles the answer. */
const sendSyn = (machine: Machine, sock: InetSock): void => {
  const answer = machine.softirq(() => answerSyn(machine, sock))
  if (answer === 0) return
  if (typeof answer === 'number') {
    abortTcp(machine, sock, -answer)
    return
  }
  inet_sk_set_state(machine, sock.sk, TCP_ESTABLISHED)
  const accepted = { local: sock.remote!, netlabel: labelOf(machine, answer.req) }
  machine.lsm.inet_conn_established.tell(sock.sk, packetOf(sock.sk, accepted, sock.local, NOTHING))
  if (sock.sk.sk_family === AF_INET6 && !machine.rules.ipv6KeepsRoutes) classify(machine, sock)
  machine.softirq(() => { openChild(machine, sock, answer) })
  sock.wait.wake()
}

/** Clients that wait at a listener send their first packet again: it has room, or does not listen any more. */
export const sendAgain = (machine: Machine, server: InetSock): void => {
  while (server.waiting.length > 0 && !(server.sk.sk_state === TCP_LISTEN && isFull(server))) {
    const sock = server.waiting.shift()!
    sock.waitsAt = null
    machine.softirq(() => { sendSyn(machine, sock) })
  }
}

/** Resets the connections that were not accepted. */
export const stopListening = (machine: Machine, server: InetSock): void => {
  for (const child of server.backlog.splice(0)) {
    resetPeer(machine, child)
    if (child.msk !== null) sock_put(machine, child.msk.sk)
    sock_put(machine, child.sk)
  }
  closeTcp(machine, server)
  sendAgain(machine, server)
}

export const stopWaiting = (sock: InetSock): void => {
  const { waitsAt } = sock
  if (waitsAt !== null) waitsAt.waiting.splice(waitsAt.waiting.indexOf(sock), 1)
  sock.waitsAt = null
}

/** As `tcp_disconnect`: the sock is like a new one, except for its error. */
export const disconnectTcp = (machine: Machine, socket: Socket, sock: InetSock): void => {
  const { sk_state } = sock.sk
  if (sk_state === TCP_LISTEN) stopListening(machine, sock)
  else if (sk_state !== TCP_CLOSE) {
    stopWaiting(sock)
    resetPeer(machine, sock)
    closeTcp(machine, sock)
    reportError(sock, ECONNRESET)
  }
  sock.clearQueue()
  sock.shutdown = 0
  sock.remote = null
  sock.sk.sk_dport = 0
  if (!sock.keepsAddr) sock.local = { addr: anyOf(sock.sk.sk_family), port: sock.local.port }
  socket.state = SS_UNCONNECTED
  sock.wait.wake()
}

/** As `tcp_v4_connect` and `tcp_v6_connect`: 0 once the first packet is on its way. */
const start = (machine: Machine, sock: InetSock, raw: Uint8Array): number => {
  const to = destination(sock, raw, machine.gateway !== null && sock.sk.sk_protocol === IPPROTO_TCP)
  if (typeof to === 'number') return to
  const out = classifyTo(machine, sock, to)
  if (out !== 0) return out
  const own = sourceTo(to.addr, sock.local.addr)
  const rc = autobindPort(machine, sock, own)
  if (rc !== 0) return rc
  if (sock.sk.sk_family !== AF_INET6 || !machine.rules.ipv6KeepsRoutes) classifyTo(machine, sock, to)
  if (isAny(sock.local.addr)) sock.local = { addr: own, port: sock.local.port }
  sock.error = 0
  sock.remote = to
  sock.sk.sk_dport = to.port
  inet_sk_set_state(machine, sock.sk, TCP_SYN_SENT)
  if (isLocal(to.addr)) sendSyn(machine, sock)
  else {
    const opening = openOutside(machine, sock)
    if (opening !== 0) closeTcp(machine, sock)
    return opening
  }
  return 0
}

/**
 * As `inet_stream_connect`. The first call of a nonblocking socket is always -EINPROGRESS: on Linux it holds the lock
 * of the socket, and the answer waits for that.
 */
export const connectTcp = (
  machine: Machine, socket: Socket, sock: InetSock, raw: Uint8Array, nonblock: boolean,
): number => {
  if (socket.state === SS_CONNECTED) return -EISCONN
  const isFirst = socket.state === SS_UNCONNECTED
  if (isFirst) {
    if (sock.sk.sk_state !== TCP_CLOSE) return -EISCONN
    const rc = start(machine, sock, raw)
    if (rc !== 0) return rc
    socket.state = SS_CONNECTING
    if (nonblock) return -EINPROGRESS
  } else if (socket.state !== SS_CONNECTING) return -EINVAL
  if (sock.sk.sk_state === TCP_SYN_SENT) {
    if (nonblock) return -EALREADY
    return waitForAnswer(machine, sock.msk ?? sock, isFirst, -EINPROGRESS, -EALREADY)
  }
  if (sock.sk.sk_state !== TCP_CLOSE) {
    socket.state = SS_CONNECTED
    return 0
  }
  const error = takeError(sock) || ECONNABORTED
  disconnectTcp(machine, socket, sock)
  return -error
}

/** As `inet_shutdown`. */
export const shutdownTcp = (machine: Machine, socket: Socket, sock: InetSock, bits: number): number => {
  const { sk_state } = sock.sk
  if (socket.state === SS_CONNECTING) {
    socket.state = sk_state === TCP_SYN_SENT || sk_state === TCP_CLOSE ? SS_DISCONNECTING : SS_CONNECTED
  }
  if (sk_state === TCP_SYN_SENT || (sk_state === TCP_LISTEN && (bits & RCV_SHUTDOWN) !== 0))
    disconnectTcp(machine, socket, sock)
  else if (sk_state !== TCP_LISTEN) {
    sock.shutdown |= bits
    if ((bits & SEND_SHUTDOWN) !== 0) sendEnd(machine, sock)
  }
  sock.wait.wake()
  return sk_state === TCP_CLOSE ? -ENOTCONN : 0
}
