/**
 * TCP connections come and go over loopback: the three packets that open one, who waits for room at a listener, and
 * what connect(2), shutdown(2) and SO_ERROR tell of it (net/ipv4/af_inet.c, tcp_input.c, tcp_disconnect of tcp.c).
 *
 * What is sent is answered within the call. Nothing is sent again: who is not answered hears ETIMEDOUT at once, and who
 * waits for room at a listener is let in as soon as there is some.
 */
import {
  AF_INET6, EALREADY, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINPROGRESS, EINVAL, EISCONN, ENETUNREACH, ENOTCONN,
  ETIMEDOUT, IPPROTO_TCP,
} from '@lsmkit/abi'
import type { KeyMap, RequestSock, Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import {
  copyOptions, SS_CONNECTED, SS_CONNECTING, SS_DISCONNECTING, SS_UNCONNECTED, takeError, TCP_CLOSE, TCP_ESTABLISHED,
  TCP_LISTEN, TCP_SYN_SENT,
} from '../../state/net/proto.ts'
import type { Socks } from '../socks.ts'
import type { SocketWaits } from '../waits.ts'
import { anyOf, isAny, isLocal, sourceTo } from './addresses.ts'
import { destination, InetSock, packetOf, RCV_SHUTDOWN, SEND_SHUTDOWN } from './inet-sock.ts'
import type { Mptcp } from './mptcp.ts'
import type { Netlabels } from './netlabel.ts'
import { outsideConnections } from './outside.ts'
import { NOTHING } from './packets.ts'
import type { Packets } from './packets.ts'
import type { Ports } from './ports.ts'

/** What a listener has said to a first packet. */
interface SynAnswer {
  readonly server: InetSock
  readonly req: RequestSock
}

export const tcpConnections = (
  lsm: KeyMap, machine: Machine, socks: Socks, waits: SocketWaits, labels: Netlabels, table: Ports, packets: Packets,
  { cloneFor }: Mptcp,
) => {
  const { sk_alloc, sock_init, sock_put } = socks
  const { classify, classifyRequest, receive, receives } = packets

  /** To TCP_CLOSE: a port that was not asked for by its number is free again. */
  const close = (sock: InetSock): void => {
    sock.sk.sk_state = TCP_CLOSE
    if (sock.msk !== null) sock.msk.sk.sk_state = TCP_CLOSE
    if (!sock.keepsPort) table.release(sock)
  }

  /** The connection is over by the other side's word, or for want of it. */
  const abort = (sock: InetSock, error: number): void => {
    sock.error = error
    sock.peer = null
    sock.shutdown = RCV_SHUTDOWN | SEND_SHUTDOWN
    close(sock)
    sock.wait.wake()
  }

  /** Ends the connection on the peer's side as well, where the LSMs let it hear of it. */
  const resetPeer = (sock: InetSock): void => {
    const { peer } = sock
    sock.peer = null
    if (peer === null) return
    machine.softirq(() => {
      if (receives(peer, sock, NOTHING)) abort(peer, ECONNRESET)
      else peer.peer = null
    })
  }

  const outside = outsideConnections(lsm, machine, socks, packets, abort)

  const isFull = (server: InetSock): boolean => server.backlog.length > server.maxBacklog

  /** The server's part, as soft interrupts do it: its answer, why there is none, or 0 from one that has no room. */
  const answerSyn = (sock: InetSock): SynAnswer | number => {
    const to = sock.remote!
    const server = table.find(sock.net, sock.sk.sk_protocol, to.addr, to.port)
    if (server === null || server.sk.sk_state !== TCP_LISTEN) {
      // a reset has the options of what it answers
      return receives(sock, { local: to, netlabel: sock.netlabel }, NOTHING) ? -ECONNREFUSED : -ETIMEDOUT
    }
    const rc = receive(server, sock, NOTHING)
    if (rc !== 0) return rc
    if (isFull(server)) {
      server.waiting.push(sock)
      sock.waitsAt = server
      return 0
    }
    const req: RequestSock = { security: null, secid: 0, peer_secid: 0, rsk_listener: server.sk }
    const skb = packetOf(server.sk, sock, to, NOTHING)
    if (lsm.inet_conn_request.ask(server.sk, skb, req) !== 0) return -ETIMEDOUT
    classifyRequest(req, server.sk)
    // who refuses the answer is not told that it was there
    return receives(sock, { local: to, netlabel: labels.labelOf(req) }, NOTHING) ? { server, req } : -ETIMEDOUT
  }

  /** The third packet arrives: the server has its end. Where it does not, the client's leads nowhere. */
  const openChild = (sock: InetSock, { server, req }: SynAnswer): void => {
    if (!receives(server, sock, NOTHING)) return
    const sk = sk_alloc(server.sk.sk_family, server.sk.sk_type, server.sk.sk_protocol, null)
    if (sk === null) return
    machine.cgroups.sk_clone(sk, server.sk)
    lsm.sk_clone_security.tell(server.sk, sk)
    const child = new InetSock(sk, server.net)
    sock_init(sk, child)
    copyOptions(server, child)
    sk.sk_state = TCP_ESTABLISHED
    lsm.inet_csk_clone.tell(sk, req)
    classifyRequest(req, server.sk)
    child.local = sock.remote!
    child.remote = sock.local
    child.netlabel = labels.labelOf(req)
    child.peer = sock
    sock.peer = child
    if (sock.msk !== null) cloneFor(server, child, req)
    server.backlog.push(child)
    server.wait.wake()
  }

  /** Sends the first packet, and does all that comes of it. */
  const sendSyn = (sock: InetSock): void => {
    const answer = machine.softirq(() => answerSyn(sock))
    if (answer === 0) return
    if (typeof answer === 'number') {
      abort(sock, -answer)
      return
    }
    sock.sk.sk_state = TCP_ESTABLISHED
    const accepted = { local: sock.remote!, netlabel: labels.labelOf(answer.req) }
    lsm.inet_conn_established.tell(sock.sk, packetOf(sock.sk, accepted, sock.local, NOTHING))
    if (sock.sk.sk_family === AF_INET6) classify(sock)
    machine.softirq(() => { openChild(sock, answer) })
    sock.wait.wake()
  }

  /** Those who wait at a listener send their first packet again: there is room, or nobody listens any more. */
  const sendAgain = (server: InetSock): void => {
    while (server.waiting.length > 0 && !(server.sk.sk_state === TCP_LISTEN && isFull(server))) {
      const sock = server.waiting.shift()!
      sock.waitsAt = null
      machine.softirq(() => { sendSyn(sock) })
    }
  }

  /** Nobody will accept what waits to be. */
  const stopListening = (server: InetSock): void => {
    for (const child of server.backlog.splice(0)) {
      resetPeer(child)
      if (child.msk !== null) sock_put(child.msk.sk)
      sock_put(child.sk)
    }
    close(server)
    sendAgain(server)
  }

  const stopWaiting = (sock: InetSock): void => {
    const { waitsAt } = sock
    if (waitsAt !== null) waitsAt.waiting.splice(waitsAt.waiting.indexOf(sock), 1)
    sock.waitsAt = null
  }

  /** As `tcp_disconnect`: as good as new, but for the error that tells of it. */
  const disconnect = (socket: Socket, sock: InetSock): void => {
    const { sk_state } = sock.sk
    if (sk_state === TCP_LISTEN) stopListening(sock)
    else if (sk_state !== TCP_CLOSE) {
      sock.error = ECONNRESET
      stopWaiting(sock)
      resetPeer(sock)
      close(sock)
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
  const start = (sock: InetSock, raw: Uint8Array): number => {
    const to = destination(sock, raw, machine.gateway !== null && sock.sk.sk_protocol === IPPROTO_TCP)
    if (typeof to === 'number') return to
    classify(sock)
    const own = sourceTo(to.addr, sock.local.addr)
    const rc = table.autobind(sock, own)
    if (rc !== 0) return rc
    classify(sock)
    if (isAny(sock.local.addr)) sock.local = { addr: own, port: sock.local.port }
    sock.error = 0
    sock.remote = to
    sock.sk.sk_dport = to.port
    sock.sk.sk_state = TCP_SYN_SENT
    if (isLocal(to.addr)) sendSyn(sock)
    else if (!outside.open(sock)) {
      close(sock)
      return -ENETUNREACH
    }
    return 0
  }

  /**
   * As `inet_stream_connect`. Who will not wait is never told of the answer by the call that sends: on Linux that holds
   * the socket until it returns, and the answer waits for it.
   */
  const connect = (socket: Socket, sock: InetSock, raw: Uint8Array, nonblock: boolean): number => {
    if (socket.state === SS_CONNECTED) return -EISCONN
    const isFirst = socket.state === SS_UNCONNECTED
    if (isFirst) {
      if (sock.sk.sk_state !== TCP_CLOSE) return -EISCONN
      const rc = start(sock, raw)
      if (rc !== 0) return rc
      socket.state = SS_CONNECTING
      if (nonblock) return -EINPROGRESS
    } else if (socket.state !== SS_CONNECTING) return -EINVAL
    if (sock.sk.sk_state === TCP_SYN_SENT) {
      if (nonblock) return -EALREADY
      return waits.forAnswer(sock.msk ?? sock, isFirst, -EINPROGRESS, -EALREADY)
    }
    if (sock.sk.sk_state !== TCP_CLOSE) {
      socket.state = SS_CONNECTED
      return 0
    }
    const error = takeError(sock) || ECONNABORTED
    disconnect(socket, sock)
    return -error
  }

  /** As `inet_shutdown`; `tellEnd` tells the peer that nothing more comes. */
  const shutdown = (socket: Socket, sock: InetSock, bits: number, tellEnd: (sock: InetSock) => void): number => {
    const { sk_state } = sock.sk
    if (socket.state === SS_CONNECTING) {
      socket.state = sk_state === TCP_SYN_SENT || sk_state === TCP_CLOSE ? SS_DISCONNECTING : SS_CONNECTED
    }
    if (sk_state === TCP_SYN_SENT || (sk_state === TCP_LISTEN && (bits & RCV_SHUTDOWN) !== 0)) disconnect(socket, sock)
    else if (sk_state !== TCP_LISTEN) {
      sock.shutdown |= bits
      if ((bits & SEND_SHUTDOWN) !== 0) tellEnd(sock)
    }
    sock.wait.wake()
    return sk_state === TCP_CLOSE ? -ENOTCONN : 0
  }

  return { connect, disconnect, shutdown, sendAgain, stopListening, stopWaiting }
}
