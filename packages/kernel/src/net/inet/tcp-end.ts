/** The end of a TCP connection. */
import type { Machine } from '../../machine.ts'
import { RCV_SHUTDOWN, SEND_SHUTDOWN } from '../../state/net/inet-sock.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'
import { TCP_CLOSE } from '../../state/net/proto.ts'
import { releasePort } from './ports.ts'
import { inet_sk_set_state } from './sk-state.ts'

/** Sets TCP_CLOSE. The port is free again, unless the program had asked for its number. */
export const closeTcp = (machine: Machine, sock: InetSock): void => {
  inet_sk_set_state(machine, sock.sk, TCP_CLOSE)
  if (sock.msk !== null) inet_sk_set_state(machine, sock.msk.sk, TCP_CLOSE)
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
