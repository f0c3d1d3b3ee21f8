/** `fetch` for one task, over http and https of Node: each address of each redirection is asked about. */
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { guardedLookup } from './connect.ts'
import { plainRequest } from './fetch-options.ts'
import { mayConnect } from './permission.ts'

const MOST_REDIRECTIONS = 20
const redirections = new Set([301, 302, 303, 307, 308])
const bodiless = new Set([101, 204, 205, 304])
const ports: ReadonlyMap<string, number> = new Map([['http:', 80], ['https:', 443]])

const failed = (message: string, cause?: unknown): TypeError =>
  new TypeError(`fetch failed: ${message}`, cause === undefined ? {} : { cause })

const send = async (
  kernel: Kernel, task: Task, request: Request, body: Buffer | null,
): Promise<IncomingMessage> => {
  const url = new URL(request.url)
  const port = Number(url.port) || ports.get(url.protocol)
  if (port === undefined) throw failed(`\`${url.protocol}\` is not supported`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) mayConnect(kernel, task, host, port)
  const make = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const sent = make(url, {
      method: request.method, headers: { ...Object.fromEntries(request.headers), 'accept-encoding': 'identity' },
      lookup: guardedLookup(kernel, task, port), signal: request.signal, agent: false,
    }, resolve)
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

const responseOf = (message: IncomingMessage, url: string, redirected: boolean): Response => {
  const { statusCode: status = 200, statusMessage: statusText = '', rawHeaders } = message
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  const body = bodiless.has(status) ? null : Readable.toWeb(message) as ReadableStream<Uint8Array>
  const response = new Response(body, { status, statusText, headers })
  Object.defineProperty(response, 'url', { value: url })
  Object.defineProperty(response, 'redirected', { value: redirected })
  return response
}

/** What a redirection asks for: 303, and 301 and 302 of a POST, become a GET; credentials stay with their origin. */
const redirectedTo = (request: Request, status: number, to: URL): Request => {
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST'
  const headers = new Headers(request.headers)
  if (becomesGet) for (const name of ['content-length', 'content-type', 'content-encoding']) headers.delete(name)
  if (new URL(request.url).origin !== to.origin) for (const name of ['authorization', 'cookie']) headers.delete(name)
  const method = becomesGet ? 'GET' : request.method
  return new Request(to, { method, headers, signal: request.signal, redirect: request.redirect })
}

/**
 * Rejects with TypeError, as fetch does; its `cause` is what the kernel refused. Rejects with OptionError for options
 * that nothing would hold, such as `integrity`.
 */
export const guardedFetch = (kernel: Kernel, task: Task): typeof fetch => async (input, init) => {
  let request = plainRequest(input, init)
  let body = request.body === null ? null : Buffer.from(await request.arrayBuffer())
  for (let redirected = 0; ; redirected++) {
    request.signal.throwIfAborted()
    let message: IncomingMessage
    try {
      message = await send(kernel, task, request, body)
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      throw error instanceof TypeError ? error : failed((error as Error).message, error)
    }
    const { statusCode: status = 200, headers: { location } } = message
    if (!redirections.has(status) || location === undefined || request.redirect === 'manual') {
      return responseOf(message, request.url, redirected > 0)
    }
    message.resume()
    if (request.redirect === 'error') throw failed('a redirection, which was to be an error')
    if (redirected >= MOST_REDIRECTIONS) throw failed('more than twenty redirections')
    const next = redirectedTo(request, status, new URL(location, request.url))
    if (next.method !== request.method) body = null
    request = next
  }
}
