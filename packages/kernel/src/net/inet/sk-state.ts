/** Sets the state of a TCP or SCTP socket, and hits the tracepoint of its changes (net/ipv4/af_inet.c). */
import type { Sock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'

/** As `inet_sk_set_state`. Datagram and raw sockets change theirs without it, as on Linux. */
export const inet_sk_set_state = (machine: Machine, sk: Sock, state: number): void => {
  const { inet_sock_set_state } = machine.tracing.points
  if (inet_sock_set_state.on) inet_sock_set_state.hit(sk, sk.sk_state, state)
  sk.sk_state = state
}
