/** Socks of AF_INET and AF_INET6, as the calls on a socket find them. */
import type { Socket } from '@lsmkit/core'
import { InetSock } from '../../state/net/inet-sock.ts'

export const BUFFER = 212992

/** The sock that carries the data: of an MPTCP socket its first subflow. */
export const inetSockOf = (socket: Socket): InetSock => {
  const own = InetSock.of(socket.sk!)
  return own.first ?? own
}
