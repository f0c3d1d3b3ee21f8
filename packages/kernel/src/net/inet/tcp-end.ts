/** The end of a TCP connection. */
import type { Machine } from '../../machine.ts'
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import { TCP_CLOSE } from '../../state/net/proto.ts'
import { releasePort } from './ports.ts'

/** Sets TCP_CLOSE. The port is free again, unless the program had asked for its number. */
export const closeTcp = (machine: Machine, sock: InetSock): void => {
  sock.sk.sk_state = TCP_CLOSE
  if (sock.msk !== null) sock.msk.sk.sk_state = TCP_CLOSE
  if (!sock.keepsPort) releasePort(machine, sock)
}

/** Ends a connection that the other side has reset, or has not answered. */
export const abortTcp = (machine: Machine, sock: InetSock, error: number): void => {
  sock.error = error
  sock.peer = null
  sock.shutdown = RCV_SHUTDOWN | SEND_SHUTDOWN
  closeTcp(machine, sock)
  sock.wait.wake()
}
