/** `wasi:http/outgoing-handler`: a request of the component, made by the machine's service as the task. */
import type { HttpAnswer, HttpRequest } from '@lsmkit/kernel'
import type { Process } from '../../../process.ts'
import type { Callee } from '../../callee.ts'
import { IncompleteBody } from './content.ts'
import { failureOf, putErrorCode } from './error-codes.ts'
import type { HttpFailure } from './error-codes.ts'
import { bytesPairs, textPairs } from './fields.ts'
import { Arriving, IncomingBody } from './incoming-body.ts'
import { FutureResponse, IncomingResponse, OutgoingRequest, RequestOptions } from './messages.ts'
import { httpOf } from './state.ts'

/** Milliseconds for a part of a request that has no time of its own. */
const USUAL = 600_000
/** setTimeout takes no more. */
const MOST_TIME = 2 ** 31 - 1
const NS = 1_000_000n

type Timeouts = HttpRequest['timeouts']

export const timeoutsOf = (options: RequestOptions | null): Timeouts => {
  const ms = (time: bigint | null | undefined): number =>
    time === null || time === undefined ? USUAL : Math.min(MOST_TIME, Number((time + NS - 1n) / NS))
  const { connect, firstByte, betweenBytes } = options?.timeouts ?? {}
  return { connect: ms(connect), firstByte: ms(firstByte), betweenBytes: ms(betweenBytes) }
}

/** The place that the request leads to, or why it has none. */
export const urlOf = ({ method, scheme, authority, path }: OutgoingRequest): URL | HttpFailure => {
  if (method === 'CONNECT') return { code: 'HTTP-request-method-invalid' }
  if (scheme !== null && scheme !== 'http' && scheme !== 'https') return { code: 'HTTP-protocol-error' }
  if (authority === null) return { code: 'HTTP-request-URI-invalid' }
  const rest = path === null || path === '' ? '/' : path.startsWith('?') ? `/${path}` : path
  let url: URL
  try {
    url = new URL(`${scheme ?? 'https'}://${authority}/`)
    if (!rest.startsWith('/')) throw new Error('a path begins with a slash')
    url = new URL(`${url.origin}${rest}`)
  } catch {
    return { code: 'HTTP-request-URI-invalid' }
  }
  return url
}

/** Why a request cannot even begin. */
export const refusalOf = (process: Process): HttpFailure | null => {
  const { machine, maySuspend, isDriven } = process
  if (machine.http === null) return { code: 'HTTP-request-denied' }
  // whoever keeps the thread would wait for an answer that cannot come
  return maySuspend || isDriven ? null
    : { code: 'internal-error', message: 'requests need a program that can wait: runWasiAsync runs it' }
}

/** Makes the request. Its body is sent while it is written, and the answer's comes while it is read. */
export const send = (process: Process, request: OutgoingRequest, url: URL, timeouts: Timeouts): FutureResponse => {
  const http = httpOf(process)
  const stop = http.begin()
  const abort = (): void => stop.abort(new Error('aborted: nobody waits for the answer'))
  const future = new FutureResponse(abort)
  const { content, headers, method } = request
  const over = (): void => {
    http.end(stop)
    content?.lose()
  }
  const answer = ({ status, headers: pairs, body }: HttpAnswer): IncomingResponse =>
    new IncomingResponse(
      status, bytesPairs(pairs), new IncomingBody(Arriving.of(body, over), abort))
  const make = async (): Promise<IncomingResponse | HttpFailure> => {
    try {
      if (content?.state === 'incomplete') throw new IncompleteBody()
      stop.signal.throwIfAborted()
      return answer(await process.machine.http!(process.task, {
        url: url.href, method, headers: textPairs(headers.entries()), body: content?.sent() ?? null, timeouts,
      }, stop.signal))
    } catch (error) {
      over()
      return failureOf(error)
    }
  }
  void make().then((outcome) => future.settle(outcome))
  return future
}

export const outgoingHandlerFunctions = (callee: Callee) => ({
  /** `result<future-incoming-response, error-code>`. */
  handle(self: number, hasOptions: number, options: number, ret: number) {
    const { process } = callee
    const request = callee.take(self, OutgoingRequest)
    const given = hasOptions === 0 ? null : callee.take(options, RequestOptions)
    const url = urlOf(request)
    const failure = url instanceof URL ? refusalOf(process) : url
    callee.put8(ret, failure === null ? 0 : 1)
    if (failure === null) callee.put32(ret + 8, callee.hand(send(process, request, url as URL, timeoutsOf(given))))
    else putErrorCode(callee, ret + 8, failure)
    return 0
  },
})
