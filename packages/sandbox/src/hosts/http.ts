/**
 * Requests of HTTP that the box makes for a task: over a socket of that task, so that the hooks are asked, to a host
 * that the policy names for this method and path. Each redirect is a request of its own.
 */
import {
  AF_INET, AF_INET6, ECONNRESET, joinedBytes, PR_SET_DUMPABLE, SOCK_NONBLOCK, SOCK_STREAM, SUID_DUMP_DISABLE,
} from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core/option-rules'
import type { Task } from '@lsmkit/core'
import { sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel/boot'
import type { HttpRequest, HttpService, Kernel, SentBody } from '@lsmkit/kernel'
import { parseAddress, plainHost } from './address.ts'
import { builtin } from '../node-host.ts'
import type { HostGuard } from './guard.ts'
import { hostText } from './host-rule.ts'
import type { HttpAsk, Target } from './hosts.ts'
import { CallError, TaskSocket } from './socket-stream.ts'
import type { NodeStream, NodeStreams } from './socket-stream.ts'

export type HeaderList = readonly (readonly [name: string, value: string])[]

export interface FetchRequest {
  readonly url: string
  readonly method: string
  readonly headers: HeaderList
  readonly body: Uint8Array | null
  /** How many redirects are followed; 0: the first answer is the answer. */
  readonly redirects: number
  /** Milliseconds for all of it, or for its stages one after another. */
  readonly timeout: number | StageTimes
  /** The most bytes of an answer. */
  readonly largest: number
}

/** Milliseconds: to connect, from then on to the first byte, and between bytes. */
export type StageTimes = HttpRequest['timeouts']

export interface FetchResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderList
  readonly trailers: HeaderList
  readonly body: Uint8Array
  /** Where the last redirect has led. */
  readonly url: string
}

/** Why there is no answer, for whoever asked on behalf of a program. */
export type FetchFailure = 'refused' | 'redirect-refused' | 'too-many-redirects' | 'too-large' | 'timeout' | 'failed'

export class FetchError extends LsmkitError<FetchFailure> {
  constructor(code: FetchFailure, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause })
  }
}

export interface HttpClient {
  readonly kernel: Kernel
  readonly guard: HostGuard
  /** Certificates (PEM) that are trusted beside Node's. */
  readonly ca: string | null
  /** Whether the policy lets it; it has reported a refusal then. */
  readonly mayAsk: (task: Task, target: Target, ask: HttpAsk) => boolean
  /** An answer has begun. */
  readonly answered: (task: Task, target: Target, ask: HttpAsk, status: number) => void
}

/** A request whose body may come in parts. */
interface SentRequest extends Omit<FetchRequest, 'body' | 'largest' | 'redirects'> {
  readonly body: Uint8Array | SentBody | null
}

/** An answer whose body is still coming. It is read to its end, or its request is aborted. */
interface OpenResponse extends Omit<FetchResponse, 'trailers' | 'body'> {
  readonly parts: AsyncIterable<Uint8Array>
  readonly trailers: () => HeaderList
}

interface NodeResponse extends NodeStream, AsyncIterable<Uint8Array> {
  /** All of it has come. */
  readonly complete: boolean
  readonly statusCode: number
  readonly statusMessage: string
  readonly rawHeaders: readonly string[]
  readonly rawTrailers: readonly string[]
}
interface NodeRequest {
  readonly destroyed: boolean
  on(event: string, take: (value: never) => void): void
  write(part: Uint8Array): boolean
  addTrailers(trailers: readonly (readonly [string, string])[]): void
  end(body?: Uint8Array): void
  destroy(): void
}
interface NodeHttp {
  request(options: object): NodeRequest
}
interface NodeTls {
  readonly rootCertificates: readonly string[]
  connect(options: object): NodeStream
}

const nodeHttp = () => {
  const [http, tls, streams] =
    [builtin<NodeHttp>('node:http'), builtin<NodeTls>('node:tls'), builtin<NodeStreams>('node:stream')]
  if (http === undefined || tls === undefined || streams === undefined) throw failed('this host has no HTTP')
  return { http, tls, streams }
}

const failed = (message: string, cause?: unknown): FetchError => new FetchError('failed', message, cause)

const ipv6Bytes = (address: string): Uint8Array => Uint8Array.from(parseAddress(address)!)

/** Where a URL leads, by the name that is compared with rules. */
const targetOf = (url: URL): Target => ({
  host: plainHost(url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')),
  port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  protocol: 'tcp',
})

/** A connection of the task to the host of a request. Rejects with FetchError. */
const connected = async (
  { kernel, guard }: HttpClient, task: Task, target: Target, ask: HttpAsk,
): Promise<TaskSocket> => {
  const { host, port } = target
  const isV6 = host.includes(':')
  const address = parseAddress(host) === null ? guard.names.addressOf(host) : host
  const why = (reason: string, cause?: unknown): FetchError =>
    failed(`Failed to connect to ${host} port ${port}: ${reason}`, cause)
  if (address === null) throw why('ENOENT')
  const { sys } = kernel
  // a socket that was judged for one request is for that request: no other process may take it (pidfd_getfd)
  const rc = sys.prctl(task, PR_SET_DUMPABLE, SUID_DUMP_DISABLE, 0, 0, 0)
  if (rc !== 0) throw why(new CallError(rc).code)
  const fd = sys.socket(task, isV6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)
  if (fd < 0) throw why(new CallError(fd).code)
  const socket = new TaskSocket(kernel, task, fd)
  try {
    const to = isV6 ? sockaddrIn6(ipv6Bytes(address), port) : sockaddrIn(address, port)
    await socket.opened(guard.asking(ask, () => sys.connect(task, fd, to, to.length)))
  } catch (error) {
    socket.close()
    if (!(error instanceof CallError)) throw error
    if (error.code === 'EACCES') throw new FetchError('refused', hostText(host, port), error)
    throw why(error.code, error)
  }
  return socket
}

const secured = (stream: NodeStream, tls: NodeTls, { host }: Target, ca: string | null): Promise<NodeStream> =>
  new Promise((resolve, reject) => {
    const secure = tls.connect({
      socket: stream, ALPNProtocols: ['http/1.1'],
      ...(parseAddress(host) === null ? { servername: host } : { host }),
      ...(ca === null ? {} : { ca: [...tls.rootCertificates, ca] }),
    })
    secure.on('secureConnect', () => resolve(secure))
    secure.on('error', (error: Error) => reject(failed(`TLS with ${host}: ${error.message}`, error)))
  })

/** Headers that say how the bytes of one connection are laid out are ours. */
const OURS: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect',
  'upgrade', 'te', 'trailer', 'proxy-connection', 'keep-alive'])

const pairs = (raw: readonly string[]): HeaderList =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1]!] as const] : []))

/** The time that a request has left, by its stages if it has such. */
class Deadline {
  readonly #times: FetchRequest['timeout']
  readonly #stop: AbortController
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(times: FetchRequest['timeout'], stop: AbortController) {
    this.#times = times
    this.#stop = stop
    if (typeof times === 'number') this.#set(times, 'all')
  }

  /** From now on the stage counts, and none before it. */
  begin(stage: keyof StageTimes): void {
    if (typeof this.#times !== 'number') this.#set(this.#times[stage], stage)
  }

  #set(ms: number, stage: string): void {
    clearTimeout(this.#timer)
    const late = (): void =>
      this.#stop.abort(new FetchError('timeout', `aborted: no answer within ${ms} ms`, stage))
    this.#timer = setTimeout(late, ms)
  }

  /** No stage counts for now. */
  pause(): void {
    if (typeof this.#times !== 'number') clearTimeout(this.#timer)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

interface Exchange {
  readonly url: URL
  readonly request: SentRequest
  readonly signal: AbortSignal
  readonly deadline: Deadline
  /** Nothing more is sent or comes. */
  readonly over: () => void
}

/** A signal may have any reason. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const asFetchError = (error: unknown): FetchError =>
  (error instanceof FetchError ? error : failed(textOf(error), error))

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

/** The header that says where the body ends. */
const lengthHeader = ({ method, body }: SentRequest): readonly string[] => {
  if (body === null) return WITHOUT_BODY.has(method) ? [] : ['content-length', '0']
  return body.length === null ? ['transfer-encoding', 'chunked'] : ['content-length', String(body.length)]
}

/** Sends the parts as quickly as the other end takes them. */
const sendParts = async (asked: NodeRequest, { parts, trailers, length }: SentBody): Promise<void> => {
  let goOn = (): void => {}
  for (const event of ['drain', 'close']) asked.on(event, () => goOn())
  for await (const part of parts) {
    if (asked.destroyed) return
    if (!asked.write(part)) await new Promise<void>((resolve) => (goOn = resolve))
  }
  const last = trailers()
  if (length === null && last.length > 0) asked.addTrailers(last)
  asked.end()
}

/** The parts of an answer. Time counts while the next one is waited for. */
const partsOf = async function* (
  response: NodeResponse, { signal, deadline, over }: Exchange,
): AsyncGenerator<Uint8Array> {
  try {
    deadline.begin('betweenBytes')
    for await (const part of response) {
      deadline.pause()
      yield part
      deadline.begin('betweenBytes')
    }
  } catch (error) {
    throw asFetchError(signal.aborted ? signal.reason : error)
  } finally {
    over()
  }
}

/** One request over an open stream. */
const exchanged = (http: NodeHttp, stream: NodeStream, exchange: Exchange): Promise<OpenResponse> =>
  new Promise((resolve, reject) => {
    const { url, request, signal, over } = exchange
    const { method, body } = request
    const headers = request.headers.filter(([name]) => !OURS.has(name.toLowerCase())).flat()
    const asked = http.request({
      createConnection: () => stream, method, path: url.pathname + url.search, setHost: false, maxHeaderSize: 65_536,
      headers: ['host', url.host, 'connection', 'close', ...lengthHeader(request), ...headers],
    })
    let begun: NodeResponse | null = null
    const fail = (error: unknown): void => {
      reject(asFetchError(error))
      begun?.destroy(asFetchError(error))
      asked.destroy()
      over()
    }
    signal.addEventListener('abort', () => fail(signal.reason))
    asked.on('error', fail)
    asked.on('response', (response: NodeResponse) => {
      begun = response
      response.on('error', () => {})
      resolve({
        status: response.statusCode, statusText: response.statusMessage, headers: pairs(response.rawHeaders),
        url: url.href, parts: partsOf(response, exchange), trailers: () => pairs(response.rawTrailers),
      })
    })
    // half-open streams do not close by themselves
    stream.on('end', () => {
      if (begun !== null && !begun.complete) fail(failed('the answer breaks off', new CallError(-ECONNRESET)))
    })
    if (body === null || body instanceof Uint8Array) asked.end(body ?? undefined)
    else sendParts(asked, body).catch(fail)
  })

const once = async (
  client: HttpClient, task: Task, request: SentRequest, isRedirect: boolean, signal: AbortSignal, deadline: Deadline,
): Promise<OpenResponse> => {
  const url = urlOf(request.url)
  const target = targetOf(url)
  const ask: HttpAsk = { method: request.method, path: url.pathname }
  const { http, tls, streams } = nodeHttp()
  if (!client.mayAsk(task, target, ask))
    throw new FetchError(isRedirect ? 'redirect-refused' : 'refused', url.href)
  deadline.begin('connect')
  const socket = await connected(client, task, target, ask)
  const plain = socket.stream(streams)
  const over = (): void => {
    plain.destroy()
    socket.close()
  }
  try {
    plain.on('error', () => {})
    signal.addEventListener('abort', over)
    const stream = url.protocol === 'https:' ? await secured(plain, tls, target, client.ca) : plain
    deadline.begin('firstByte')
    const response = await exchanged(http, stream, { url, request, signal, deadline, over })
    client.answered(task, target, ask, response.status)
    return response
  } catch (error) {
    over()
    throw error
  }
}

const urlOf = (text: string): URL => {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw failed(`\`${text}\` is not a URL`)
  }
  if (!['http:', 'https:'].includes(url.protocol)) throw failed(`\`${url.protocol}\` is neither http: nor https:`)
  return url
}

const MOVED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Headers for one host are not for the next (fetch standard, "HTTP-redirect fetch"). */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** The request that a redirect asks for; null for an answer that is none. */
const redirected = (
  request: FetchRequest, { status, headers, url }: Pick<FetchResponse, 'status' | 'headers' | 'url'>,
): FetchRequest | null => {
  const to = headers.find(([name]) => name === 'location')?.[1]
  if (to === undefined || !MOVED.has(status)) return null
  const next = new URL(to, url)
  const dropsBody = status === 303 ? request.method !== 'HEAD' && request.method !== 'GET'
    : status < 303 && request.method === 'POST'
  const isElsewhere = next.origin !== new URL(url).origin
  const kept = request.headers.filter(([given]) => {
    const name = given.toLowerCase()
    return !(isElsewhere && CREDENTIALS.has(name)) && !(dropsBody && name.startsWith('content-'))
  })
  return {
    ...request, url: next.href, headers: kept, redirects: request.redirects - 1,
    ...(dropsBody ? { method: 'GET', body: null } : {}),
  }
}

/** All of an answer. Rejects with FetchError. */
const wholeOf = async ({ parts, trailers, ...head }: OpenResponse, largest: number): Promise<FetchResponse> => {
  const all: Uint8Array[] = []
  let size = 0
  for await (const part of parts) {
    size += part.length
    if (size > largest) throw new FetchError('too-large', `the answer is longer than ${largest} bytes`)
    all.push(part)
  }
  return { ...head, trailers: trailers(), body: joinedBytes(all) }
}

/** Runs `work` until it ends, its time is up, or the outer signal ends it. */
const untilStopped = async <T>(
  times: FetchRequest['timeout'], outer: AbortSignal | undefined,
  work: (signal: AbortSignal, deadline: Deadline, end: () => void) => Promise<T>, isOver: (answer: T) => boolean,
): Promise<T> => {
  const stop = new AbortController()
  const deadline = new Deadline(times, stop)
  const abort = (): void => stop.abort(outer?.reason)
  outer?.addEventListener('abort', abort)
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error))
  })
  stopped.catch(() => {})
  const end = (): void => {
    deadline.end()
    outer?.removeEventListener('abort', abort)
    stop.abort(failed('aborted: it is over'))
  }
  let answer: T | null = null
  try {
    outer?.throwIfAborted()
    answer = await Promise.race([work(stop.signal, deadline, end), stopped])
    return answer
  } finally {
    if (answer === null || isOver(answer)) end()
  }
}

/** Rejects with FetchError, or with the reason of the signal. */
export const fetchFor = (
  client: HttpClient, task: Task, given: FetchRequest, outer?: AbortSignal,
): Promise<FetchResponse> => untilStopped(given.timeout, outer, async (signal, deadline) => {
  for (let request = given; ;) {
    const open = await once(client, task, request, request !== given, signal, deadline)
    const response = await wholeOf(open, given.largest)
    const next = given.redirects === 0 ? null : redirected(request, response)
    if (next === null) return response
    if (next.redirects < 0) throw new FetchError('too-many-redirects', `Too many redirects: ${given.redirects}`)
    request = next
  }
}, () => true)

/** Calls `end` behind the last part. */
const endedBy = async function* (parts: AsyncIterable<Uint8Array>, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* parts
  } finally {
    end()
  }
}

/** For programs that ask their machine: one request and its first answer, redirects included. */
export const httpService = (client: HttpClient): HttpService => (task, { timeouts, ...request }, signal) =>
  untilStopped(timeouts, signal, async (stop, deadline, end) => {
    const { status, headers, parts, trailers } =
      await once(client, task, { ...request, timeout: timeouts }, false, stop, deadline)
    return { status, headers, body: { parts: endedBy(parts, end), trailers } }
  }, () => false)
