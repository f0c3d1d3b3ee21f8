/**
 * A server over HTTP (Streamable HTTP), with the rules of the protocol's security pages: it listens on this machine
 * unless you name another address, takes requests of known hosts and origins alone, and asks for a token.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { aString, listOf, OptionError, orNull, required, wholeNumber } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'
import {
  createMcpHandler, hostHeaderValidationResponse, isLegacyRequest, localhostAllowedHostnames, originValidationResponse,
} from '@modelcontextprotocol/server'
import type { McpServerFactory } from '@modelcontextprotocol/server'
import { HttpSessions } from './http-sessions.ts'

export interface HttpOptions {
  /** Default `127.0.0.1`. Any other address needs `hosts` and a token. */
  readonly address?: string
  /** Default 0: one that is free. */
  readonly port?: number
  /** The bearer token of each request, at least 16 characters. `null`: all programs of this machine may call. */
  readonly token: string | null
  /** Host names by which clients may call the server, beside those of this machine. */
  readonly hosts?: readonly string[]
  /** Host names of web pages that may call it. Default: none. */
  readonly origins?: readonly string[]
}

export interface HttpServer {
  readonly url: URL
  close(): Promise<void>
}

const shape: OptionShape<HttpOptions> = {
  takes: {
    address: aString, port: wholeNumber(0, 65535), token: required(orNull(aString)), hosts: listOf(aString),
    origins: listOf(aString),
  },
}

const PATH = '/mcp'
const SHORTEST_TOKEN = 16
/** Bytes of a request, as the SDK counts them too. */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_CONNECTIONS = 256
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

const wrong = (message: string, place: string, hint: string): OptionError =>
  new OptionError('bad-option', message, { place: `serveHttp: ${place}`, hint })

const check = ({ address = '127.0.0.1', token, hosts = [] }: HttpOptions): void => {
  if (token !== null && token.length < SHORTEST_TOKEN) {
    throw wrong('the token is too short to be a secret', 'token', `${SHORTEST_TOKEN} characters or more`)
  }
  if (LOOPBACK.has(address)) return
  if (token === null) throw wrong(`\`${address}\` is reached from other machines`, 'token', 'a token')
  if (hosts.length === 0) throw wrong(`\`${address}\` has a name that clients use`, 'hosts', 'the name')
}

/** Compares digests, so that the time says nothing about the token. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const isTokenOf = (token: string) => {
  const wanted = digest(`Bearer ${token}`)
  return (header: string | null): boolean => timingSafeEqual(digest(header ?? ''), wanted)
}

const refused = (status: number, message: string, headers: Record<string, string> = {}): Response =>
  Response.json({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }, { status, headers })

/** Why the request is not served; undefined where it is. */
const refusalOf = (request: Request, { token, hosts = [], origins = [] }: HttpOptions): Response | undefined => {
  if (new URL(request.url).pathname !== PATH) return refused(404, `the server is at ${PATH}`)
  const names = localhostAllowedHostnames()
  const host = hostHeaderValidationResponse(request, [...names, ...hosts])
    ?? originValidationResponse(request, [...names, ...origins])
  if (host !== undefined) return host
  if (token !== null && !isTokenOf(token)(request.headers.get('authorization'))) {
    return refused(401, 'a bearer token is needed', { 'www-authenticate': 'Bearer' })
  }
  return undefined
}

/** A request of Node as one of the web; null where its header makes none. */
const requestOf = (message: IncomingMessage, signal: AbortSignal): Request | null => {
  const { method = 'GET', url = '/', headers } = message
  const host = headers.host ?? 'localhost'
  if (!URL.canParse(`http://${host}${url}`)) return null
  const given = new Headers()
  for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) given.append(name, one ?? '')
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(`http://${host}${url}`, {
    method, headers: given, signal, ...hasBody ? { body: Readable.toWeb(message) as never, duplex: 'half' } : {},
  })
}

const send = async (response: Response, to: ServerResponse): Promise<void> => {
  to.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) to.end()
  else await pipeline(Readable.fromWeb(response.body as never), to)
}

/**
 * Serves until `close`. Each request of today's protocol, and each session of that of 2025, gets a server of its own
 * from the factory.
 * Throws OptionError for an address or a token that would let anybody in.
 */
export const serveHttp = async (factory: McpServerFactory, given: HttpOptions): Promise<HttpServer> => {
  const options = plainOptions(given, shape, 'serveHttp')
  check(options)
  const handler = createMcpHandler(factory, { maxRequestBodySize: MOST_BYTES, legacy: 'reject' })
  const sessions = new HttpSessions(factory, MOST_BYTES)
  const fetch = async (request: Request): Promise<Response> => {
    const isLegacy = await isLegacyRequest(request, undefined, { maxRequestBodySize: MOST_BYTES })
    return isLegacy ? sessions.fetch(request) : handler.fetch(request)
  }
  const serve = async (message: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const gone = new AbortController()
    answer.on('close', () => gone.abort())
    const request = requestOf(message, gone.signal)
    const response = request === null ? refused(400, 'the request names no host') :
      refusalOf(request, options) ?? await fetch(request)
    await send(response, answer)
  }
  const server = createHttpServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, (message, answer) => {
    serve(message, answer).catch(() => answer.destroy())
  })
  server.maxConnections = MOST_CONNECTIONS
  const { address = '127.0.0.1', port = 0 } = options
  await listening(server, port, address)
  const { port: bound, family } = server.address() as AddressInfo
  const name = family === 'IPv6' ? `[${address}]` : address
  return {
    url: new URL(`http://${name}:${bound}${PATH}`),
    close: async () => {
      sessions.close()
      await handler.close()
      server.closeAllConnections()
      await new Promise((ended) => server.close(ended))
    },
  }
}

const listening = (server: Server, port: number, address: string): Promise<void> =>
  new Promise((ready, fail) => {
    server.once('error', fail)
    server.listen(port, address, ready)
  })
