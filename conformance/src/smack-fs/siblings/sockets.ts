/** Operations on local sockets of the other one beside those of the recorded rows. */
import { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '@lsmkit/abi'
import type { Operation, Siblings } from '../preparations.ts'

const NAME = Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode('/w/socket\0'))
const byte = Uint8Array.of(0x2e)

const listening = (type: number): Operation => (world) => {
  const { sys } = world.kernel
  const other = world.other()
  sys.umask(other, 0)
  const listener = sys.socket(other, AF_UNIX, type, 0)
  sys.bind(other, listener, NAME, NAME.length)
  sys.listen(other, listener, 1)
  const subject = world.start()
  return [sys.connect(subject, sys.socket(subject, AF_UNIX, type, 0), NAME, NAME.length)]
}

const sending: Operation = (world) => {
  const { sys } = world.kernel
  const other = world.other()
  sys.umask(other, 0)
  sys.bind(other, sys.socket(other, AF_UNIX, SOCK_DGRAM, 0), NAME, NAME.length)
  const subject = world.start()
  return [sys.sendto(subject, sys.socket(subject, AF_UNIX, SOCK_DGRAM, 0), byte, 1, 0, NAME, NAME.length)]
}

/** A stream needs more than the rule of the row: the other end must be able to answer. */
export const bothWays: Readonly<Record<string, Operation>> = {
  unix_stream_connect: listening(SOCK_STREAM),
  unix_seqpacket_connect: listening(SOCK_SEQPACKET),
}

export const socketSiblings: Siblings = {
  unix_dgram_send: ['w', sending],
  unix_dgram_sendto: ['w', sending],
}
