/** Ways of the host's for datagrams of UDP to one address, by Node or by a function of yours. */
import { EADDRNOTAVAIL, ECONNREFUSED } from '@lsmkit/abi'
import { builtin } from '../node-host.ts'
import { errnoOf } from './dial.ts'
import type { ByteStreams, DialTarget } from './dial.ts'

export interface DialledDatagrams {
  /** Sends one, or loses it. */
  send(bytes: Uint8Array): void
  close(): void
}

export interface DatagramDialEvents {
  data(bytes: Uint8Array): void
  /** `errno` is positive. */
  failed(errno: number): void
}

/** The way, or a positive errno for an address that nothing leads to. */
export type OpenDatagrams = (to: DialTarget, events: DatagramDialEvents) => Promise<DialledDatagrams | number>

interface Sender {
  readonly address: string
  readonly port: number
}
interface NodeDatagramSocket {
  on(event: 'message', take: (bytes: Uint8Array, from: Sender) => void): void
  on(event: 'error', take: (error: unknown) => void): void
  connect(port: number, address: string, done: () => void): void
  remoteAddress(): Sender
  send(bytes: Uint8Array, done: (error: unknown) => void): void
  close(): void
}
interface NodeDatagrams {
  createSocket(type: 'udp4' | 'udp6'): NodeDatagramSocket
}

const byNode: OpenDatagrams = ({ address, port }, { data, failed }) => new Promise((resolve) => {
  const socket = builtin<NodeDatagrams>('node:dgram')!.createSocket(address.includes(':') ? 'udp6' : 'udp4')
  let peer: Sender | null = null
  let isClosed = false
  const close = (): void => {
    if (!isClosed) socket.close()
    isClosed = true
  }
  socket.on('error', (error) => {
    const errno = errnoOf(error, ECONNREFUSED)
    if (peer !== null) return failed(errno)
    close()
    resolve(errno)
  })
  // one from somebody else may have come before the socket was connected
  socket.on('message', (bytes, from) => {
    if (from.port === peer?.port && from.address === peer.address) data(bytes)
  })
  socket.connect(port, address, () => {
    peer = socket.remoteAddress()
    resolve({
      send: (bytes) => socket.send(bytes, (error) => {
        if (error !== null && error !== undefined && !isClosed) failed(errnoOf(error, ECONNREFUSED))
      }),
      close,
    })
  })
})

/** Each part of a stream is one datagram. */
const byStreams = ({ readable, writable }: ByteStreams, { data, failed }: DatagramDialEvents): DialledDatagrams => {
  const [reader, writer] = [readable.getReader(), writable.getWriter()]
  const fail = (error: unknown): void => failed(errnoOf(error, ECONNREFUSED))
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      data(value)
    }
  }
  read().catch(fail)
  return {
    send: (bytes) => void writer.write(bytes).catch(fail),
    close() {
      reader.cancel().catch(() => {})
      writer.close().catch(() => {})
    },
  }
}

/** `own`: a function of yours; null: Node's sockets. */
export const openDatagrams = async (
  own: ((to: DialTarget) => Promise<ByteStreams>) | null, to: DialTarget, events: DatagramDialEvents,
): Promise<DialledDatagrams | number> => {
  if (own === null) return await byNode(to, events)
  try {
    return byStreams(await own(to), events)
  } catch (error) {
    return errnoOf(error, EADDRNOTAVAIL)
  }
}
