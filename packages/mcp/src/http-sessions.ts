/**
 * Sessions of clients of 2025 over HTTP: the server may ask the client something while a call goes on. A session does
 * not replace the token, which is checked before a request comes here (basic/security_best_practices).
 */
import { randomUUID } from 'node:crypto'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import type { McpServerFactory } from '@modelcontextprotocol/server'

/** Sessions that are open; the one that was used least recently goes first. */
const MOST_SESSIONS = 64
/** Milliseconds after which a session that nobody used is closed. */
const IDLE = 30 * 60 * 1000
const HEADER = 'mcp-session-id'

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport
  used: number
}

export class HttpSessions {
  readonly #factory: McpServerFactory
  readonly #mostBytes: number
  /** By id, the least recently used first. */
  readonly #open = new Map<string, Session>()
  readonly #sweep: ReturnType<typeof setInterval>

  constructor(factory: McpServerFactory, mostBytes: number) {
    this.#factory = factory
    this.#mostBytes = mostBytes
    this.#sweep = setInterval(() => this.#closeIdle(), IDLE / 10)
    this.#sweep.unref()
  }

  async fetch(request: Request): Promise<Response> {
    const id = request.headers.get(HEADER)
    if (id === null) return (await this.#begin()).handleRequest(request)
    const session = this.#open.get(id)
    if (session === undefined) {
      const error = { code: -32001, message: 'the session is over' }
      return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 })
    }
    session.used = Date.now()
    this.#open.delete(id)
    this.#open.set(id, session)
    return session.transport.handleRequest(request)
  }

  /** A transport for a client that has no session yet. It gets one when it initializes. */
  async #begin(): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: this.#mostBytes,
      onsessioninitialized: (id) => {
        this.#open.set(id, { transport, used: Date.now() })
        const [oldest] = this.#open.keys()
        if (this.#open.size > MOST_SESSIONS && oldest !== undefined) this.#close(oldest)
      },
      onsessionclosed: (id) => void this.#open.delete(id),
    })
    const server = await this.#factory({ era: 'legacy' })
    await server.connect(transport)
    return transport
  }

  #close(id: string): void {
    const session = this.#open.get(id)
    this.#open.delete(id)
    session?.transport.close().catch(() => {})
  }

  #closeIdle(): void {
    const now = Date.now()
    for (const [id, { used }] of this.#open) if (now - used > IDLE) this.#close(id)
  }

  close(): void {
    clearInterval(this.#sweep)
    for (const id of this.#open.keys()) this.#close(id)
  }
}
