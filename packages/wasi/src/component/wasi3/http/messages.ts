/** `wasi:http/types` of WASI 0.3: requests and responses, whose bodies are streams, and trailers futures. */
import { ComponentStream } from '../../async/streams.ts'
import { after } from '../../calls.ts'
import { Fields } from '../../host/http/fields.ts'
import type { IncomingBody } from '../../host/http/incoming-body.ts'
import { OutgoingRequest, OutgoingResponse, RequestOptions } from '../../host/http/messages.ts'
import type { ComponentValue } from '../../scalars.ts'
import { variant } from '../../value-types.ts'
import type { Signature, ValueType } from '../../value-types.ts'
import { getters, setters, spelled } from '../member.ts'
import type { Functions, Member } from '../member.ts'
import { fieldTypes, inputStream, passedBy } from '../streams.ts'
import type { EndOf, Host3 } from '../streams.ts'
import { httpError } from './errors.ts'

const TYPES = 'wasi:http/types'

/** A body that a component gives: its bytes, its trailers, and the future of what has become of it. */
interface GivenBody {
  readonly contents: ComponentStream | null
  readonly trailers: ComponentStream
  readonly sent: ComponentStream
  /** The type of what `sent` passes. */
  readonly sentType: ValueType | null
}

/** A body of a component, or one that comes from outside. */
export type Body3 = GivenBody | IncomingBody

const isGiven = (body: Body3): body is GivenBody => 'contents' in body

const dropBody = (body: Body3): void => {
  if (!isGiven(body)) return body.drop()
  body.contents?.drop()
  body.trailers.drop()
}

export class Request3 extends OutgoingRequest {
  options: RequestOptions | null = null
  readonly body: Body3

  constructor(headers: Fields, body: Body3) {
    super(headers)
    this.body = body
  }

  override drop(): void {
    dropBody(this.body)
  }
}

export class Response3 extends OutgoingResponse {
  readonly body: Body3

  constructor(headers: Fields, body: Body3) {
    super(headers)
    this.body = body
  }

  override drop(): void {
    dropBody(this.body)
  }
}

/** Goes on with the value of a future; null for one that is dropped without it. */
export const whenCome = (future: ComponentStream, then: (value: ComponentValue) => void): void => {
  let isCome = false
  future.drain((piece, next) => {
    if (isCome) return
    isCome = true
    then(piece === null ? null : (piece as readonly ComponentValue[])[0]!)
    next(false)
  })
}

/** Gives the result of sending a body to the component that has given it. */
export const settle = (body: Body3, result: ComponentValue): void => {
  if (isGiven(body)) body.sent.give([result])
}

/** The `result` that says that a body was sent, or why not. */
export const sentType = (body: Body3): ValueType | null => (isGiven(body) ? body.sentType : null)

/** Its bytes and its trailers: `types` are those of both. */
export const streamsOf = (
  host: Host3, body: Body3, types: readonly (ValueType | undefined)[],
): readonly [contents: ComponentStream | null, trailers: ComponentStream] => {
  if (isGiven(body)) return [body.contents, body.trailers]
  const endOf: EndOf = (type) => {
    const { failure = null, trailers = [] } = body.arriving.ending ?? {}
    if (failure !== null) return httpError(host, type, failure)
    return { ok: trailers.length === 0 ? null : Fields.immutable(trailers) as never }
  }
  return inputStream(host, types, { from: body.take() ?? -1, endOf, over: () => body.drop() })
}

/** `new` of a message: its headers, contents, trailers and, of a request, its options. */
const made = <T extends Request3 | Response3>(make: (headers: Fields, body: GivenBody) => T): Member => ({
  call: ([headers, contents, trailers, options], { result }) => {
    const [, sent] = fieldTypes(result)
    const own = headers as never as Fields
    own.isImmutable = true
    const future = new ComponentStream('future', passedBy(sent), null)
    const message = make(own, {
      contents: contents as ComponentStream | null, trailers: trailers as ComponentStream, sent: future,
      sentType: passedBy(sent),
    })
    if (message instanceof Request3 && options !== null && options !== undefined) {
      message.options = optionsOf(options)
      message.options.isImmutable = true
    }
    return [message as never, future]
  },
})

/** `consume-body`: the component takes the body, and says by `res` what has become of it. */
const consumed = (host: Host3): Member => ({
  call: ([message, res], { result }) => {
    const { body } = message as never as Request3 | Response3
    const types = fieldTypes(result)
    whenCome(res as ComponentStream, (value) => settle(body, value ?? { ok: null }))
    const [contents, trailers] = streamsOf(host, body, types)
    return [contents ?? ComponentStream.ofValues('stream', passedBy(types[0]), new Uint8Array(0)), trailers]
  },
})

type Timeout = keyof RequestOptions['timeouts']
const TIMEOUTS: readonly (readonly [name: string, of: Timeout])[] = [
  ['connect-timeout', 'connect'], ['first-byte-timeout', 'firstByte'], ['between-bytes-timeout', 'betweenBytes'],
]

const optionsOf = (value: ComponentValue | undefined): RequestOptions => value as never

const copyOf = (of: RequestOptions): RequestOptions => {
  const made3 = new RequestOptions()
  Object.assign(made3.timeouts, of.timeouts)
  return made3
}

const setTimeoutOf = (of: Timeout): Member => ({
  call: ([self, time]): ComponentValue => {
    const options = optionsOf(self)
    if (options.isImmutable) return { error: { case: 'immutable', value: null } }
    options.timeouts[of] = time as bigint | null
    return { ok: null }
  },
})

const requestOptions: Functions = (host) => ({
  '[constructor]request-options': spelled(host, TYPES, '[constructor]request-options'),
  ...Object.fromEntries(TIMEOUTS.flatMap(([name, of]): (readonly [string, Member])[] => [
    [`[method]request-options.get-${name}`, { call: ([self]) => optionsOf(self).timeouts[of] }],
    [`[method]request-options.set-${name}`, setTimeoutOf(of)],
  ])),
  '[method]request-options.clone': { call: ([self]) => copyOf(optionsOf(self)) as never },
})

/** Two functions of 0.2 are one here. */
const getAndDelete = ({ spelling }: Host3): Member => ({
  call: ([self, name], signature) => {
    const { result } = signature
    const own = fieldsOf(self)
    const values = [...own.get(name as string)]
    const args = [self!, name!]
    const deleted = spelling.call(TYPES, '[method]fields.delete', args, withoutValue(signature))
    return after(deleted, (answer) => ('error' in (answer as object) || result === null ? answer : { ok: values }))
  },
})

const fieldsOf = (value: ComponentValue | undefined): Fields => value as never

/** The same `result`, which carries nothing when it went well. */
const withoutValue = (signature: Signature): Signature => {
  const { result } = signature
  if (result === null || !('cases' in result)) return signature
  return { ...signature, result: variant('result', [['ok', null], result.cases[1]!]) }
}

const fields: Functions = (host) => ({
  ...Object.fromEntries(['[constructor]fields', '[static]fields.from-list', ...['get', 'has', 'set', 'delete', 'append',
    'clone'].map((name) => `[method]fields.${name}`)].map((name) => [name, spelled(host, TYPES, name)])),
  '[method]fields.copy-all': spelled(host, TYPES, '[method]fields.entries'),
  '[method]fields.get-and-delete': getAndDelete(host),
})

const REQUEST = ['request', 'outgoing-request'] as const
const RESPONSE = ['response', 'outgoing-response'] as const
const HEAD = ['method', 'path-with-query', 'scheme', 'authority']

export const messages: Functions = (host) => ({
  ...fields(host),
  ...requestOptions(host),
  '[static]request.new': made((headers, body) => new Request3(headers, body)),
  ...getters(host, TYPES, REQUEST, [...HEAD, 'headers']),
  ...setters(host, TYPES, REQUEST, HEAD),
  '[method]request.get-options': {
    call: ([self]) => {
      const { options } = self as never as Request3
      if (options === null) return null
      const own = copyOf(options)
      own.isImmutable = true
      return own as never
    },
  },
  '[static]request.consume-body': consumed(host),
  '[static]response.new': made((headers, body) => new Response3(headers, body)),
  ...getters(host, TYPES, RESPONSE, ['status-code', 'headers']),
  ...setters(host, TYPES, RESPONSE, ['status-code']),
  '[static]response.consume-body': consumed(host),
})
