/** `lsm serve --policy FILE COMPONENT`: a component that answers requests of HTTP, in a box under that policy. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpBody } from '@lsmkit/kernel'
import type { RunResult, Service, ServiceRequest } from '@lsmkit/sandbox'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { EXIT } from '../output.ts'
import { imageOf, openBox, tell } from './sandbox.ts'
import type { SandboxCommandOptions } from './sandbox.ts'

export interface ServeCommandOptions extends Omit<SandboxCommandOptions, 'explain' | 'json' | 'cow' | 'stdin'> {
  /** `ADDRESS:PORT`. */
  readonly listen?: string
}

const LISTEN = '127.0.0.1:8080'
const PLACE = /^(?:\[([\da-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i

const placeOf = (text: string): { host: string; port: number } => {
  const [, v6, name, port = ''] = PLACE.exec(text) ?? []
  const host = v6 ?? name
  if (host !== undefined && Number(port) <= 0xffff) return { host, port: Number(port) }
  throw new CommandError('usage', `\`${text}\` is not ADDRESS:PORT`, `--listen ${LISTEN}; port 0 takes a free one`)
}

/** Until somebody interrupts the command. */
const interrupted = (): Promise<void> => new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

/** Serves until `stop` resolves. 0 then. */
export const serveCommand = async (
  io: Io, program: string, options: ServeCommandOptions, stop: () => Promise<void> = interrupted,
): Promise<number> => {
  const place = placeOf(options.listen ?? LISTEN)
  const image = imageOf(io, program)
  if (image === null)
    throw new CommandError('usage', `\`${program}\` is neither a file of the host nor a path of the box`)
  const { box, env } = await openBox(io, options)
  try {
    const { cwd, quiet = false } = options
    const onRun = (run: RunResult): void => {
      io.stdout(new TextEncoder().encode(run.stdout))
      io.stderr(new TextEncoder().encode(run.stderr))
      if (!quiet) tell(io, run)
    }
    const service = box.serve(image, { name: program, env, onRun, ...(cwd === undefined ? {} : { cwd }) })
    const server = createServer((request, response) => void answer(service, io, request, response))
    await listening(server, place)
    const { port } = server.address() as AddressInfo
    io.note(`lsm: ${program} answers at http://${place.host.includes(':') ? `[${place.host}]` : place.host}:${port}`)
    await stop()
    server.closeAllConnections()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
    return EXIT.ok
  } finally {
    await box.close()
  }
}

const listening = (server: Server, { host, port }: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new CommandError('usage', `${host}:${port}: ${error.message}`)))
    server.listen(port, host, () => resolve())
  })

/** They are about one connection, and not about the request (RFC 9110, section 7.6.1). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
])

type Pairs = readonly (readonly [name: string, value: string])[]

const ofMessage = (pairs: Pairs): Pairs => pairs.filter(([name]) => !OF_CONNECTION.has(name.toLowerCase()))

/** Node's list of names and values, one after the other. */
const pairsOf = (raw: readonly string[]): Pairs =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]!] as const] : []))

const requestOf = (request: IncomingMessage, signal: AbortSignal): ServiceRequest => {
  const { headers: { host = 'localhost' }, method = 'GET', rawHeaders, url = '/' } = request
  return {
    method, url: new URL(url, `http://${host}`).href, headers: ofMessage(pairsOf(rawHeaders)), signal,
    body: { parts: request as AsyncIterable<Uint8Array>, trailers: () => pairsOf(request.rawTrailers) },
  }
}

/** Sends the parts as quickly as the client takes them, and the trailers behind them. */
const send = async (response: ServerResponse, body: HttpBody): Promise<void> => {
  let goOn = (): void => {}
  for (const event of ['drain', 'close']) response.on(event, () => goOn())
  for await (const part of body.parts) {
    if (response.destroyed) return
    if (!response.write(part)) await new Promise<void>((resolve) => (goOn = resolve))
  }
  const trailers = ofMessage(body.trailers())
  if (trailers.length > 0) response.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]))
  response.end()
}

/** A request that is none, and a client that has gone, are no failures of the server. */
const answer = async (
  service: Service, io: Io, request: IncomingMessage, response: ServerResponse,
): Promise<void> => {
  const stop = new AbortController()
  response.on('close', () => stop.abort(new Error('the client has gone')))
  try {
    const given = await service.answer(requestOf(request, stop.signal))
    response.writeHead(given.status, ofMessage(given.headers).flatMap(([name, value]) => [name, value]))
    await send(response, given.body)
  } catch (error) {
    if (stop.signal.aborted) return
    io.note(`lsm: ${error instanceof Error ? error.message : String(error)}`)
    // a client must not take half an answer for a whole one
    if (response.headersSent) return void response.destroy()
    response.writeHead(error instanceof TypeError ? 400 : 500)
    response.end()
  }
}
