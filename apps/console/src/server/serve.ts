/**
 * The console on 127.0.0.1: pages below a token that nobody can guess, for requests that name this host and come from
 * no other page. A name that was made to lead here (DNS rebinding) is refused by its `Host`.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fleetPage, headers, isWorker, pageAt, workerHeaders } from './pages.ts'

const ADDRESS = '127.0.0.1'
const TOKEN_BYTES = 24

export interface Served {
  readonly url: string
  /** Ends all connections. */
  close(): Promise<void>
}

const sameText = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** The part of a server that its answers need. */
interface Serving {
  readonly server: Server
  readonly token: string
  /** The file behind `fleet.json`; null where there is none. */
  readonly fleet: string | null
}

/** 0 takes a free port. Rejects with what `listen` says. */
export const serve = async (port: number, fleet: string | null = null): Promise<Served> => {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const server = createServer((request, response) => void answer({ server, token, fleet }, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, ADDRESS, resolve)
  })
  return {
    url: `http://${hostOf(server)}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const hostOf = (server: Server): string => `${ADDRESS}:${(server.address() as AddressInfo).port}`

const answer = async (
  { server, token, fleet }: Serving,
  { method, url = '', headers: asked }: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const refuse = (status: number): void => void response.writeHead(status, headers).end()
  const host = hostOf(server)
  if (asked.host !== host) return refuse(421)
  if (asked.origin !== undefined && asked.origin !== `http://${host}`) return refuse(403)
  if (asked['sec-fetch-site'] === 'cross-site') return refuse(403)
  if (method !== 'GET' && method !== 'HEAD') return refuse(405)
  const [, given = '', path = ''] = /^\/([^/?]*)\/([^?]*)/.exec(url) ?? []
  if (!sameText(given, token)) return refuse(404)
  const page = path === 'fleet.json' && fleet !== null ? await fleetPage(fleet) : await pageAt(path)
  if (page === null) return refuse(404)
  const own = isWorker(path) ? workerHeaders : headers
  response.writeHead(200, { ...own, 'content-type': page.type, 'content-length': page.body.length })
  response.end(method === 'HEAD' ? undefined : page.body)
}
