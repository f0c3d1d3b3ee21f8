/** The end of an AF_UNIX socket, and of sockets that only messages in flight refer to. */
import { ECONNRESET, SOCK_DGRAM } from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { TCP_CLOSE } from '../../state/net/proto.ts'
import { unreachableInFlight } from './in-flight.ts'
import { releaseUnixName } from './names.ts'
import { discardUnread } from './transfer.ts'
import type { UnixSock } from '../../state/net/unix-sock.ts'
import { sock_put } from '../socks.ts'
import { SHUTDOWN_MASK, unixSockOf } from './sock.ts'

const unlinkPeer = (machine: Machine, a: UnixSock): void => {
  const { peer } = a
  if (peer === null) return
  a.peer = null
  sock_put(machine, peer.sk)
}

/** Whether the peer gets ECONNRESET because messages were not read; an empty first message does not count. */
const isUnread = ({ queue: [first, next] }: UnixSock): boolean =>
  first !== undefined && (first.read < first.data.length || next !== undefined)

/** Discards sockets that only messages in flight refer to. It runs whenever a socket is released. */
const collect = (machine: Machine): void => {
  if (machine.netTable.inFlight.isCollecting) return
  machine.netTable.inFlight.isCollecting = true
  for (const sock of unreachableInFlight(machine)) for (const holder of [sock, ...sock.backlog]) discardUnread(
    machine, holder,
  )
  machine.netTable.inFlight.isCollecting = false
}

/** As `unix_release_sock`; `embryo`: the connection was never accepted. */
export const unix_release_sock = (machine: Machine, sock: UnixSock, embryo: boolean): void => {
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
    if (sk.sk_type !== SOCK_DGRAM) peer.wait.wake()
    unlinkPeer(machine, sock)
  }
  for (const waiting of sock.backlog.splice(0)) unix_release_sock(machine, waiting, true)
  discardUnread(machine, sock)
  sock.endRelay()
  sock.peer_wait.wake()
  sock_put(machine, sk)
  collect(machine)
}

export const unix_release = (machine: Machine, socket: Socket): void => {
  const sock = unixSockOf(socket)
  socket.sk = null
  unix_release_sock(machine, sock, false)
}
