/** How a connection of TCP ends, whoever ends it. */
import type { Machine } from '../../machine.ts'
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import { TCP_CLOSE } from '../../state/net/proto.ts'
import { releasePort } from './ports.ts'

/** To TCP_CLOSE: a port that was not asked for by its number is free again. */
export const closeTcp = (machine: Machine, sock: InetSock): void => {
  sock.sk.sk_state = TCP_CLOSE
  if (sock.msk !== null) sock.msk.sk.sk_state = TCP_CLOSE
  if (!sock.keepsPort) releasePort(machine, sock)
}

/** The connection is over by the other side's word, or for want of it. */
export const abortTcp = (machine: Machine, sock: InetSock, error: number): void => {
  sock.error = error
  sock.peer = null
  sock.shutdown = RCV_SHUTDOWN | SEND_SHUTDOWN
  closeTcp(machine, sock)
  sock.wait.wake()
}
