/** The proxy of HTTP: CONNECT, and requests for a whole URL. Each request is judged and has its own connection. */
import { request as requestTo, Server } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { EACCES, EADDRNOTAVAIL, ETIMEDOUT, errnoName } from '@lsmkit/abi'
import type { HostPort, HostWay } from '@lsmkit/sandbox/hosts'
import { HostError, reachHost } from './host-stream.ts'

/** Headers that are about one connection (RFC 9110, section 7.6.1), and `host`, which the URL names. */
const OURS: ReadonlySet<string> = new Set([
  'connection', 'proxy-connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade', 'proxy-authorization',
  'proxy-authenticate', 'host', 'trailer', 'expect',
])

const statuses = new Map<number, number>([[EACCES, 403], [EADDRNOTAVAIL, 503], [ETIMEDOUT, 504]])
const BAD_GATEWAY = 502

const statusOf = (error: unknown): number =>
  (error instanceof HostError ? statuses.get(error.errno) ?? BAD_GATEWAY : BAD_GATEWAY)

const reasonOf = (error: unknown, { host, port }: HostPort): string => {
  const status = statusOf(error)
  const why = status === 403 ? 'refused by the policy (allow: hosts)'
    : status === 503 ? 'too many connections (limits: connections)'
      : `not reached: ${error instanceof HostError ? errnoName(-error.errno) : String(error)}`
  return `${host}:${port}: ${why}\n`
}

/** `host:port` of CONNECT; null for another text. */
export const authorityOf = (text: string): HostPort | null => {
  const [, bracketed, host = bracketed, port = ''] = /^(?:\[([^\]]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(text) ?? []
  return host === undefined ? null : { host, port: Number(port) }
}

const urlOf = (text: string): URL | null => {
  try {
    const url = new URL(text)
    return url.protocol === 'http:' ? url : null
  } catch {
    return null
  }
}

/** What stays of the headers on their way, as pairs of a list. */
const passedOn = (raw: readonly string[]): string[] => {
  const named = new Set(OURS)
  raw.forEach((name, i) => {
    if (i % 2 !== 0 || name.toLowerCase() !== 'connection') return
    for (const one of raw[i + 1]!.split(',')) named.add(one.trim().toLowerCase())
  })
  return raw.flatMap((name, i) => (i % 2 === 0 && !named.has(name.toLowerCase()) ? [name, raw[i + 1]!] : []))
}

const answer = (response: ServerResponse, status: number, text: string): void => {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(text)
}

const pass = async (way: HostWay, asked: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = urlOf(asked.url ?? '')
  if (url === null) return answer(response, 400, 'this is a proxy: ask for a whole URL (http://…), or CONNECT\n')
  const target = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) || 80 }
  const stop = new AbortController()
  response.on('close', () => stop.abort())
  let stream: Duplex
  try {
    stream = await reachHost(way, target, { method: asked.method ?? '', path: url.pathname }, stop.signal)
  } catch (error) {
    return answer(response, statusOf(error), reasonOf(error, target))
  }
  const isChunked = asked.headers['transfer-encoding'] !== undefined
  const passed = requestTo({
    createConnection: () => stream, method: asked.method, path: url.pathname + url.search, setHost: false,
    headers: [
      'host', url.host, 'connection', 'close', ...passedOn(asked.rawHeaders),
      ...(isChunked ? ['transfer-encoding', 'chunked'] : []),
    ],
  })
  const fail = (error: unknown): void => {
    answer(response, statusOf(error), reasonOf(error, target))
    stream.destroy()
  }
  passed.on('error', fail)
  passed.on('response', (got) => {
    got.on('error', fail)
    response.writeHead(got.statusCode ?? BAD_GATEWAY, got.statusMessage, passedOn(got.rawHeaders))
    got.pipe(response)
  })
  asked.pipe(passed)
}

/** Both directions, until both have ended; a broken side breaks the other. */
export const join = (a: Duplex, b: Duplex): void => {
  const end = (): void => {
    a.destroy()
    b.destroy()
  }
  for (const side of [a, b]) {
    side.on('error', end)
    side.on('close', end)
  }
  a.pipe(b)
  b.pipe(a)
}

const tunnel = async (way: HostWay, text: string, client: Duplex, head: Uint8Array): Promise<void> => {
  const refuse = (status: number, words: string): void =>
    void client.end(`HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(words)}\r\nconnection: close\r\n\r\n${words}`)
  client.on('error', () => client.destroy())
  const target = authorityOf(text)
  if (target === null) return refuse(400, 'CONNECT takes a host and a port\n')
  const stop = new AbortController()
  client.on('close', () => stop.abort())
  try {
    const stream = await reachHost(way, target, null, stop.signal)
    client.write('HTTP/1.1 200 Connected\r\n\r\n')
    if (head.length > 0) stream.write(head)
    join(client, stream)
  } catch (error) {
    refuse(statusOf(error), reasonOf(error, target))
  }
}

/** A server that is given its connections by `emit('connection', socket)`. */
export const httpProxy = (way: HostWay): Server => {
  const server = new Server((asked, response) => void pass(way, asked, response))
  server.on('connect', ({ url = '' }: IncomingMessage, client: Duplex, head: Uint8Array) =>
    void tunnel(way, url, client, head))
  server.on('clientError', (_: Error, client: Duplex) => client.destroy())
  return server
}
