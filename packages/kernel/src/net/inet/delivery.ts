/** Puts a datagram into the queue of its receiver, or drops it. */
import { isFullOf, READABLE } from '../../state/net/proto.ts'
import type { Endpoint } from '../../state/net/addresses.ts'
import type { InetSock } from '../../state/net/inet-sock.ts'

/** Bytes that may wait to be read. */
const BUFFER = 212_992

export const deliver = (to: InetSock, data: Uint8Array, from: Endpoint): void => {
  if (to.bytes + data.length > BUFFER || isFullOf(to.queue.length, BUFFER)) return
  if (to.enqueue(data, from)) to.wait.wake(READABLE)
}
