/** Connecting AF_UNIX sockets: connect, socketpair, listen and accept (net/unix/af_unix.c). */
import {
  ECONNREFUSED, EINVAL, EISCONN, ENOMEM, EOPNOTSUPP, EPERM, SO_PASSCRED, SO_PASSSEC, SOCK_DGRAM,
} from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { READABLE, setOps, SS_CONNECTED, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../../state/net/proto.ts'
import { validateUnix, autobindUnix, findUnix } from './names.ts'
import { disconnectedUnix } from './transfer.ts'
import type { UnixSock } from '../../state/net/unix-sock.ts'
import { sock_hold, sock_put, sock_graft } from '../socks.ts'
import { waitForRoom, waitForInput } from '../waits.ts'
import { ownCreds } from '../scm.ts'
import { unix_create1, RCV_SHUTDOWN, linkPeers, unixSockOf } from './sock.ts'
import { unix_release_sock } from './release.ts'

const isConnected = ({ sk }: UnixSock): boolean => sk.sk_state === TCP_ESTABLISHED

/** As `unix_stream_connect`: the other end is made before the listener is looked up. */
const unix_stream_connect = (machine: Machine, sock: UnixSock, addr: Uint8Array, nonblock: boolean): number => {
  let rc = validateUnix(addr)
  if (rc === 0 && sock.has(SO_PASSCRED)) rc = autobindUnix(machine, sock)
  if (rc !== 0) return rc
  const end = unix_create1(machine, sock.sk.sk_type, sock.net, null)
  if (end === null) return -ENOMEM
  const answer = join(machine, sock, addr, end, nonblock)
  if (answer !== 0) unix_release_sock(machine, end, false)
  return answer
}

/** Connects `sock` to the listener at `addr`; `end` becomes the listener's end. */
const join = (machine: Machine, sock: UnixSock, addr: Uint8Array, end: UnixSock, nonblock: boolean): number => {
  const other = findUnix(machine, sock.net, addr, sock.sk.sk_type)
  if (typeof other === 'number') return other
  if (other.sk.sk_state !== TCP_LISTEN || (other.shutdown & RCV_SHUTDOWN) !== 0) return -ECONNREFUSED
  if (other.backlog.length > other.maxBacklog) return waitForRoom(machine, sock, other.peer_wait, nonblock)
  if (sock.sk.sk_state !== TCP_CLOSE) return isConnected(sock) ? -EISCONN : -EINVAL
  const rc = machine.lsm.unix_stream_connect.ask(sock.sk, other.sk, end.sk)
  if (rc !== 0) return rc
  end.name = other.name
  end.peerCreds = ownCreds(machine)
  sock.peerCreds = other.peerCreds
  end.sk.sk_state = sock.sk.sk_state = TCP_ESTABLISHED
  sock.sk.sk_socket!.state = SS_CONNECTED
  end.listener = other
  linkPeers(end, sock)
  linkPeers(sock, end)
  other.backlog.push(end)
  other.wait.wake(READABLE)
  return 0
}

/** Messages of the former peer are discarded. */
const changePeer = (machine: Machine, sock: UnixSock, other: UnixSock | null): void => {
  const { peer } = sock
  if (peer !== other) sock.endRelay()
  if (other !== null) sock_hold(other.sk)
  sock.peer = other
  sock.sk.sk_state = other === null ? TCP_CLOSE : TCP_ESTABLISHED
  if (peer === null) return
  if (peer !== other) disconnectedUnix(machine, sock, peer)
  sock_put(machine, peer.sk)
}

/** As `unix_dgram_connect`: the family 0 disconnects. */
const unix_dgram_connect = (machine: Machine, sock: UnixSock, addr: Uint8Array): number => {
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

export const unix_connect = (machine: Machine, socket: Socket, addr: Uint8Array, nonblock: boolean): number => {
  const sock = unixSockOf(socket)
  return sock.sk.sk_type === SOCK_DGRAM ? unix_dgram_connect(machine, sock, addr) : unix_stream_connect(
    machine, sock, addr, nonblock,
  )
}

export const unix_socketpair = (machine: Machine, a: Socket, b: Socket): number => {
  const [x, y] = [unixSockOf(a), unixSockOf(b)]
  linkPeers(x, y)
  linkPeers(y, x)
  x.peerCreds = y.peerCreds = ownCreds(machine)
  for (const { sk } of [x, y]) {
    sk.sk_state = TCP_ESTABLISHED
    sk.sk_socket!.state = SS_CONNECTED
  }
  return 0
}

export const unix_accept = (machine: Machine, socket: Socket, newsock: Socket, nonblock: boolean): number => {
  const sock = unixSockOf(socket)
  if (sock.sk.sk_type === SOCK_DGRAM) return -EOPNOTSUPP
  if (sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
  const end = sock.backlog.shift()
  if (end === undefined) {
    return !nonblock && (sock.shutdown & RCV_SHUTDOWN) !== 0 ? -EINVAL : waitForInput(machine, sock, nonblock)
  }
  end.listener = null
  sock.peer_wait.wake()
  setOps(newsock, machine.netTable.operations.unix)
  newsock.state = SS_CONNECTED
  for (const option of [SO_PASSCRED, SO_PASSSEC]) if (sock.has(option)) end.options.set(option, 1)
  sock_graft(machine, end.sk, newsock)
  return 0
}

export const unix_listen = (machine: Machine, socket: Socket, backlog: number): number => {
  const sock = unixSockOf(socket)
  if (sock.sk.sk_type === SOCK_DGRAM) return -EOPNOTSUPP
  if (sock.name.length === 0) return -EINVAL
  if (sock.sk.sk_state !== TCP_CLOSE && sock.sk.sk_state !== TCP_LISTEN) return -EINVAL
  // connects that wait for room in the backlog may go on
  if (backlog > sock.maxBacklog) sock.peer_wait.wake()
  sock.maxBacklog = backlog
  sock.sk.sk_state = TCP_LISTEN
  sock.peerCreds = ownCreds(machine)
  return 0
}
