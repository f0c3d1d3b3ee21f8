/** Requests and responses of wasi:http, those that a component makes and those that come to it. */
import { bound, WaitQueue } from '@lsmkit/kernel/boot'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { Pollable } from '../pollable.ts'
import { IoError } from '../streams.ts'
import { OutgoingBody, putOnce } from './bodies.ts'
import { BodyError } from './body-error.ts'
import { Content } from './content.ts'
import { httpCode, putErrorCode } from './error-codes.ts'
import type { HttpFailure } from './error-codes.ts'
import { Fields } from './fields.ts'
import type { FieldList } from './fields.ts'
import { IncomingBody } from './incoming-body.ts'
import type { Arriving } from './incoming-body.ts'

/** `method`, in its order; another one is a text. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const
const SCHEMES = ['http', 'https'] as const

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const SCHEME = /^[a-z][a-z\d+.-]*$/i
/** A path and a query, in characters that a request line may have. */
const PATH = /^[!-~]*$/
/** A host and a port. */
const AUTHORITY = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i

const decoder = new TextDecoder()
const textAt = (callee: Callee, at: number, length: number): string => decoder.decode(callee.bytes(at, length).slice())

/** A variant of known texts, and one more case for others; its text lies at `at + 4`. */
const putCase = (callee: Callee, at: number, known: readonly string[], text: string): number => {
  const index = known.indexOf(text)
  callee.put8(at, index < 0 ? known.length : index)
  if (index < 0) callee.putText(at + 4, text)
  return 0
}

const caseAt = (callee: Callee, known: readonly string[], index: number, at: number, length: number): string =>
  index === known.length ? textAt(callee, at, length) : known[index] ?? callee.trap('no such case')

/** `option<string>`. */
const putOptional = (callee: Callee, ret: number, text: string | null): number => {
  callee.put8(ret, text === null ? 0 : 1)
  if (text !== null) callee.putText(ret + 4, text)
  return 0
}

const putScheme = (callee: Callee, ret: number, scheme: string | null): number => {
  callee.put8(ret, scheme === null ? 0 : 1)
  return scheme === null ? 0 : putCase(callee, ret + 4, SCHEMES, scheme)
}

/** The start of a request. */
export interface Head {
  method: string
  path: string | null
  scheme: string | null
  authority: string | null
}

export class OutgoingRequest extends Resource implements Head {
  readonly headers: Fields
  method = 'GET'
  path: string | null = null
  scheme: string | null = null
  authority: string | null = null
  content: Content | null = null

  constructor(headers: Fields) {
    super()
    this.headers = headers
  }
}

export class IncomingRequest extends Resource {
  readonly head: Readonly<Head>
  readonly headers: FieldList
  body: IncomingBody | null

  constructor(head: Readonly<Head>, headers: FieldList, arriving: Arriving) {
    super()
    this.head = head
    this.headers = headers
    this.body = new IncomingBody(arriving)
  }
}

export class IncomingResponse extends Resource {
  readonly status: number
  readonly headers: FieldList
  body: IncomingBody | null

  constructor(status: number, headers: FieldList, body: IncomingBody) {
    super()
    this.status = status
    this.headers = headers
    this.body = body
  }

  /** One whose body was not taken. */
  override drop(): void {
    this.body?.drop()
  }
}

export class OutgoingResponse extends Resource {
  readonly headers: Fields
  status = 200
  content: Content | null = null

  constructor(headers: Fields) {
    super()
    this.headers = headers
  }
}

export class RequestOptions extends Resource {
  /** Once it belongs to a request. */
  isImmutable = false
  /** Nanoseconds. */
  readonly timeouts: { connect: bigint | null; firstByte: bigint | null; betweenBytes: bigint | null } =
    { connect: null, firstByte: null, betweenBytes: null }
}

/** Where the answer to an incoming request goes. */
export class ResponseOutparam extends Resource {
  readonly take: (outcome: OutgoingResponse | HttpFailure) => void

  constructor(take: (outcome: OutgoingResponse | HttpFailure) => void) {
    super()
    this.take = take
  }
}

/** The answer to an outgoing request, once there is one. */
export class FutureResponse extends Resource {
  readonly #queue = new WaitQueue()
  #outcome: IncomingResponse | HttpFailure | null = null
  isTaken = false
  readonly #stop: () => void

  constructor(stop: () => void) {
    super()
    this.#stop = stop
  }

  get outcome(): IncomingResponse | HttpFailure | null {
    return this.#outcome
  }

  settle(outcome: IncomingResponse | HttpFailure): void {
    this.#outcome = outcome
    this.#queue.wake()
  }

  poll(): Pollable {
    return new Pollable({ isReady: () => this.#outcome !== null, queues: () => [this.#queue] })
  }

  /** An answer that was taken goes on without it. */
  override drop(): void {
    if (!this.isTaken) this.#stop()
  }
}

/** Each time a child of its own, which nobody changes. */
const immutable = (callee: Callee, headers: FieldList): number => callee.hand(Fields.immutable(headers))

const constructed = <T extends Resource>(make: new (headers: Fields) => T) => (callee: Callee, headers: number) => {
  const own = callee.take(headers, Fields)
  own.isImmutable = true
  return callee.hand(new make(own))
}

/** `result<outgoing-body>`: an error from the second time on. */
const body = (of: typeof OutgoingRequest | typeof OutgoingResponse) => (callee: Callee, self: number, ret: number) => {
  const message = callee.resource<OutgoingRequest | OutgoingResponse>(self, of)
  if (message.content !== null) return putOnce(callee, ret, null)
  message.content = new Content(
    message.headers, of === OutgoingRequest ? 'HTTP-request-body-size' : 'HTTP-response-body-size')
  return putOnce(callee, ret, new OutgoingBody(message.content))
}

/** `result<incoming-body>`. */
const consume = (of: typeof IncomingRequest | typeof IncomingResponse) =>
  (callee: Callee, self: number, ret: number) => {
    const message = callee.resource<IncomingRequest | IncomingResponse>(self, of)
    const own = message.body
    message.body = null
    return putOnce(callee, ret, own)
  }

const request = (callee: Callee, self: number): OutgoingRequest => callee.resource(self, OutgoingRequest)
const head = (callee: Callee, self: number): Readonly<Head> => callee.resource(self, IncomingRequest).head

/** 0 for a text that the request may have; null is one. */
const optional = (
  callee: Callee, self: number, field: 'path' | 'authority' | 'scheme', text: string | null, form: RegExp,
): number => {
  if (text !== null && !form.test(text)) return 1
  request(callee, self)[field] = text
  return 0
}

const onRequests = {
  '[constructor]outgoing-request': constructed(OutgoingRequest),
  '[method]outgoing-request.body': body(OutgoingRequest),
  '[method]outgoing-request.method': (callee: Callee, self: number, ret: number) =>
    putCase(callee, ret, METHODS, request(callee, self).method),
  '[method]outgoing-request.set-method'(callee: Callee, self: number, index: number, at: number, length: number) {
    const method = caseAt(callee, METHODS, index, at, length)
    if (!TOKEN.test(method)) return 1
    request(callee, self).method = method
    return 0
  },
  '[method]outgoing-request.path-with-query': (callee: Callee, self: number, ret: number) =>
    putOptional(callee, ret, request(callee, self).path),
  '[method]outgoing-request.set-path-with-query': (
    callee: Callee, self: number, isGiven: number, at: number, length: number,
  ) => optional(callee, self, 'path', isGiven === 0 ? null : textAt(callee, at, length), PATH),
  '[method]outgoing-request.scheme': (callee: Callee, self: number, ret: number) =>
    putScheme(callee, ret, request(callee, self).scheme),
  '[method]outgoing-request.set-scheme': (
    callee: Callee, self: number, isGiven: number, index: number, at: number, length: number,
  ) => optional(callee, self, 'scheme', isGiven === 0 ? null : caseAt(callee, SCHEMES, index, at, length), SCHEME),
  '[method]outgoing-request.authority': (callee: Callee, self: number, ret: number) =>
    putOptional(callee, ret, request(callee, self).authority),
  '[method]outgoing-request.set-authority': (
    callee: Callee, self: number, isGiven: number, at: number, length: number,
  ) => optional(callee, self, 'authority', isGiven === 0 ? null : textAt(callee, at, length), AUTHORITY),
  '[method]outgoing-request.headers': (callee: Callee, self: number) =>
    immutable(callee, request(callee, self).headers.entries()),
  '[method]incoming-request.method': (callee: Callee, self: number, ret: number) =>
    putCase(callee, ret, METHODS, head(callee, self).method),
  '[method]incoming-request.path-with-query': (callee: Callee, self: number, ret: number) =>
    putOptional(callee, ret, head(callee, self).path),
  '[method]incoming-request.scheme': (callee: Callee, self: number, ret: number) =>
    putScheme(callee, ret, head(callee, self).scheme),
  '[method]incoming-request.authority': (callee: Callee, self: number, ret: number) =>
    putOptional(callee, ret, head(callee, self).authority),
  '[method]incoming-request.headers': (callee: Callee, self: number) =>
    immutable(callee, callee.resource(self, IncomingRequest).headers),
  '[method]incoming-request.consume': consume(IncomingRequest),
}

type Timeout = keyof RequestOptions['timeouts']
/** `option<duration>`, and 0 for one that was set. */
const timeoutMethods = (name: string, of: Timeout) => ({
  [`[method]request-options.${name}`](callee: Callee, self: number, ret: number) {
    const time = callee.resource(self, RequestOptions).timeouts[of]
    callee.put8(ret, time === null ? 0 : 1)
    if (time !== null) callee.put64(ret + 8, time)
    return 0
  },
  [`[method]request-options.set-${name}`](callee: Callee, self: number, isGiven: number, time: bigint) {
    callee.resource(self, RequestOptions).timeouts[of] = isGiven === 0 ? null : BigInt.asUintN(64, time)
    return 0
  },
})

/** The words of a `result` behind the one that says which: a handle, or a code and its payload. */
const outcomeOf = (
  callee: Callee, isError: number, first: number, hasText: number, at: number | bigint, length: number,
): OutgoingResponse | HttpFailure => {
  if (isError === 0) return callee.take(first, OutgoingResponse)
  const code = httpCode(callee, first)
  return code !== 'internal-error' || hasText === 0 ? { code }
    : { code, message: textAt(callee, Number(BigInt.asUintN(32, BigInt(at))), length) }
}

const onResponses = {
  '[constructor]request-options': (callee: Callee) => callee.hand(new RequestOptions()),
  ...timeoutMethods('connect-timeout', 'connect'),
  ...timeoutMethods('first-byte-timeout', 'firstByte'),
  ...timeoutMethods('between-bytes-timeout', 'betweenBytes'),
  '[static]response-outparam.set'(
    callee: Callee, param: number, isError: number, first: number, hasText: number, at: number | bigint, length: number,
  ) {
    callee.take(param, ResponseOutparam).take(outcomeOf(callee, isError, first, hasText, at, length))
    return 0
  },
  '[method]incoming-response.status': (callee: Callee, self: number) => callee.resource(self, IncomingResponse).status,
  '[method]incoming-response.headers': (callee: Callee, self: number) =>
    immutable(callee, callee.resource(self, IncomingResponse).headers),
  '[method]incoming-response.consume': consume(IncomingResponse),
  '[constructor]outgoing-response': constructed(OutgoingResponse),
  '[method]outgoing-response.status-code': (callee: Callee, self: number) =>
    callee.resource(self, OutgoingResponse).status,
  '[method]outgoing-response.set-status-code'(callee: Callee, self: number, status: number) {
    const response = callee.resource(self, OutgoingResponse)
    const code = status & 0xffff
    if (code < 100 || code > 999) return 1
    response.status = code
    return 0
  },
  '[method]outgoing-response.headers': (callee: Callee, self: number) =>
    immutable(callee, callee.resource(self, OutgoingResponse).headers.entries()),
  '[method]outgoing-response.body': body(OutgoingResponse),
  '[method]future-incoming-response.subscribe': (callee: Callee, self: number) =>
    callee.hand(callee.resource(self, FutureResponse).poll()),
  /** `option<result<result<incoming-response, error-code>>>`: an error from the second time on. */
  '[method]future-incoming-response.get'(callee: Callee, self: number, ret: number) {
    const future = callee.resource(self, FutureResponse)
    const { outcome } = future
    callee.put8(ret, outcome === null ? 0 : 1)
    if (outcome === null) return 0
    callee.put8(ret + 8, future.isTaken ? 1 : 0)
    if (future.isTaken) return 0
    future.isTaken = true
    const isAnswer = outcome instanceof IncomingResponse
    callee.put8(ret + 16, isAnswer ? 0 : 1)
    if (isAnswer) callee.put32(ret + 24, callee.hand(outcome))
    else putErrorCode(callee, ret + 24, outcome)
    return 0
  },
  /** `option<error-code>`: of an error of a body; those of other streams have none. */
  'http-error-code'(callee: Callee, error: number, ret: number) {
    const of = callee.resource(error, IoError)
    callee.put8(ret, of instanceof BodyError ? 1 : 0)
    if (of instanceof BodyError) putErrorCode(callee, ret + 8, of.failure)
    return 0
  },
}

export const messageFunctions = (callee: Callee) => ({ ...bound(callee, onRequests), ...bound(callee, onResponses) })
