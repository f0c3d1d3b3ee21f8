/** SOCKS version 5 (RFC 1928): no authentication, CONNECT alone, names and addresses. */
import type { Duplex } from 'node:stream'
import { EACCES, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH } from '@lsmkit/abi'
import type { HostPort, HostWay } from '@lsmkit/sandbox/hosts'
import { HostError, reachHost } from './host-stream.ts'
import { join } from './http-proxy.ts'

export const SOCKS_VERSION = 5
const CONNECT = 1
const ADDRESS_V4 = 1
const NAME = 3
const ADDRESS_V6 = 4
const SUCCEEDED = 0
const FAILED = 1
const NOT_ALLOWED = 2
const NO_SUCH_COMMAND = 7
const NO_SUCH_ADDRESS = 8
const NO_METHOD = 0xff

const replies = new Map<number, number>([
  [EACCES, NOT_ALLOWED], [ENETUNREACH, 3], [EHOSTUNREACH, 4], [ECONNREFUSED, 5],
])

/** The first bytes of a connection, as many as are asked for. */
class Bytes {
  readonly #client: Duplex
  #bytes: Buffer = Buffer.alloc(0)
  #isOver = false
  #wake: () => void = () => {}

  constructor(client: Duplex) {
    this.#client = client
    client.on('data', this.#more)
    client.on('end', this.#end)
    client.on('close', this.#end)
  }

  readonly #more = (bytes: Buffer): void => {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    // nobody sends more before it has an answer
    if (this.#bytes.length > MOST_BYTES) this.#client.destroy()
    this.#wake()
  }
  readonly #end = (): void => {
    this.#isOver = true
    this.#wake()
  }

  /** Rejects where the other side ends before. */
  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) {
      if (this.#isOver) throw new Error('the request is cut')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const taken = this.#bytes.subarray(0, count)
    this.#bytes = this.#bytes.subarray(count)
    return taken
  }

  /** Whoever reads now gets the rest. */
  release(): void {
    this.#client.pause()
    this.#client.off('data', this.#more)
    if (this.#bytes.length > 0) this.#client.unshift(this.#bytes)
  }
}

/** Of what a program sends along with its request. */
const MOST_BYTES = 1 << 20

const reply = (client: Duplex, code: number): boolean =>
  client.write(Uint8Array.of(SOCKS_VERSION, code, 0, ADDRESS_V4, 0, 0, 0, 0, 0, 0))

const hostOf = async (bytes: Bytes, kind: number): Promise<string | null> => {
  if (kind === ADDRESS_V4) return [...await bytes.take(4)].join('.')
  if (kind === NAME) {
    const [length = 0] = await bytes.take(1)
    return (await bytes.take(length)).toString('latin1')
  }
  if (kind !== ADDRESS_V6) return null
  const address = await bytes.take(16)
  return Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16)).join(':')
}

/** The request, or the code of a refusal; null: no method that both sides have. */
const asked = async (client: Duplex, bytes: Bytes): Promise<HostPort | number | null> => {
  const [version, count = 0] = await bytes.take(2)
  const methods = await bytes.take(count)
  if (version !== SOCKS_VERSION || !methods.includes(0)) return null
  client.write(Uint8Array.of(SOCKS_VERSION, 0))
  const [, command, , kind = 0] = await bytes.take(4)
  const host = await hostOf(bytes, kind)
  if (host === null) return NO_SUCH_ADDRESS
  const port = (await bytes.take(2)).readUInt16BE(0)
  return command === CONNECT ? { host, port } : NO_SUCH_COMMAND
}

/** Serves one connection to its end. */
export const serveSocks = async (way: HostWay, client: Duplex): Promise<void> => {
  client.on('error', () => client.destroy())
  const stop = new AbortController()
  client.on('close', () => stop.abort())
  const bytes = new Bytes(client)
  try {
    const request = await asked(client, bytes)
    if (request === null) return void client.end(Uint8Array.of(SOCKS_VERSION, NO_METHOD))
    if (typeof request === 'number') {
      reply(client, request)
      return void client.end()
    }
    const stream = await reachHost(way, request, null, stop.signal)
    reply(client, SUCCEEDED)
    bytes.release()
    join(client, stream)
  } catch (error) {
    if (error instanceof HostError) reply(client, replies.get(error.errno) ?? FAILED)
    client.end()
  }
}
