/** AF_UNIX sockets: making one, and connecting two. */
import { AF_UNIX } from '@lsmkit/abi'
import type { Socket } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import { UnixSock } from '../../state/net/unix-sock.ts'
import { sk_alloc, sock_init, sock_hold } from '../socks.ts'

export const RCV_SHUTDOWN = 1

export const SEND_SHUTDOWN = 2

export const SHUTDOWN_MASK = 3

/** As `unix_create1`. */
export const unix_create1 = (
  machine: Machine, type: number, net: PlainNamespace, socket: Socket | null,
): UnixSock | null => {
  const sk = sk_alloc(machine, AF_UNIX, type, 0, socket)
  if (sk === null) return null
  const sock = new UnixSock(sk, net)
  sock_init(machine, sk, sock)
  return sock
}

export const unixSockOf = (socket: Socket): UnixSock => UnixSock.of(socket.sk!)

/** Makes `b` the peer of `a`, which then holds a reference to it. */
export const linkPeers = (a: UnixSock, b: UnixSock): void => {
  a.peer = b
  sock_hold(b.sk)
}
