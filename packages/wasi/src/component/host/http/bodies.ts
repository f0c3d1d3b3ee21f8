/** Bodies of wasi:http: bytes that have come, to be read once, and bytes that a component writes. */
import { EFBIG, EPIPE, joinedBytes } from '@lsmkit/abi'
import { bound } from '@lsmkit/kernel'
import type { Process } from '../../../process.ts'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { Pollable } from '../pollable.ts'
import { InputStream, IoError, OutputStream } from '../streams.ts'
import { putErrorCode } from './error-codes.ts'
import type { HttpFailure } from './error-codes.ts'
import { Fields } from './fields.ts'
import type { FieldList } from './fields.ts'
import { httpOf } from './state.ts'

export const always = (): Pollable => new Pollable({ isReady: () => true, queues: () => [] })

/** Bytes that are all there. */
class BodyInput extends InputStream {
  #rest: Uint8Array

  constructor(bytes: Uint8Array) {
    super()
    this.#rest = bytes
  }

  read(_process: Process, buffer: Uint8Array): number {
    const part = this.#rest.subarray(0, buffer.length)
    buffer.set(part)
    this.#rest = this.#rest.subarray(part.length)
    return part.length
  }

  poll(): Pollable {
    return always()
  }
}

export class IncomingBody extends Resource {
  readonly #bytes: Uint8Array
  readonly trailers: FieldList
  #isTaken = false

  constructor(bytes: Uint8Array, trailers: FieldList) {
    super()
    this.#bytes = bytes
    this.trailers = trailers
  }

  /** Null from the second time on. */
  take(): InputStream | null {
    if (this.#isTaken) return null
    this.#isTaken = true
    return new BodyInput(this.#bytes)
  }
}

class FutureTrailers extends Resource {
  readonly trailers: FieldList
  isTaken = false

  constructor(trailers: FieldList) {
    super()
    this.trailers = trailers
  }
}

/** The bytes of a body that is being written. */
export class Content {
  readonly parts: Uint8Array[] = []
  size = 0
  state: 'open' | 'finished' | 'incomplete' = 'open'
  trailers: FieldList = []
  /** The code of a body that is not as long as it says. */
  readonly wrongSize: 'HTTP-request-body-size' | 'HTTP-response-body-size'
  /** The number of its `content-length`; null without one. */
  readonly #declared: number | null
  #onEnd: (() => void) | null = null

  constructor(headers: Fields, wrongSize: Content['wrongSize']) {
    this.wrongSize = wrongSize
    const [length] = headers.get('content-length')
    const text = length === undefined ? '' : new TextDecoder().decode(length)
    this.#declared = /^\d{1,15}$/.test(text) ? Number(text) : null
  }

  /** False for bytes beyond what was declared. */
  takes(length: number): boolean {
    return this.#declared === null || this.size + length <= this.#declared
  }

  get bytes(): Uint8Array {
    return joinedBytes(this.parts)
  }

  /** Nothing more comes. */
  end(isWhole: boolean): HttpFailure | null {
    if (this.state !== 'open') return null
    const isShort = this.#declared !== null && this.size !== this.#declared
    this.state = isWhole && !isShort ? 'finished' : 'incomplete'
    this.#onEnd?.()
    return isWhole && isShort ? { code: this.wrongSize, size: this.size } : null
  }

  /** Calls `then` when nothing more comes. */
  whenEnded(then: () => void): void {
    if (this.state === 'open') this.#onEnd = then
    else then()
  }
}

/** An error of a body's own. */
export class BodyError extends IoError {
  readonly failure: HttpFailure

  constructor(rc: number, failure: HttpFailure) {
    super(rc)
    this.failure = failure
  }
}

class BodyOutput extends OutputStream {
  readonly #content: Content

  constructor(content: Content) {
    super()
    this.#content = content
  }

  write(process: Process, bytes: Uint8Array): number {
    const content = this.#content
    if (content.state !== 'open') return -EPIPE
    if (!content.takes(bytes.length) || !httpOf(process).mayHold(bytes.length)) return -EFBIG
    content.parts.push(bytes.slice())
    content.size += bytes.length
    return bytes.length
  }

  override errorOf(rc: number): IoError {
    return new BodyError(rc, { code: this.#content.wrongSize, size: this.#content.size })
  }

  poll(): Pollable {
    return always()
  }
}

export class OutgoingBody extends Resource {
  readonly content: Content
  isTaken = false

  constructor(content: Content) {
    super()
    this.content = content
  }

  /** One that is given up without an end is not whole. */
  override drop(): void {
    this.content.end(false)
  }
}

/** `result<resource>`: an error without a payload where there is none. */
export const putOnce = (callee: Callee, ret: number, resource: Resource | null): number => {
  callee.put8(ret, resource === null ? 1 : 0)
  if (resource !== null) callee.put32(ret + 4, callee.hand(resource))
  return 0
}

const onBodies = {
  '[method]incoming-body.stream': (callee: Callee, self: number, ret: number) =>
    putOnce(callee, ret, callee.resource(self, IncomingBody).take()),
  '[static]incoming-body.finish': (callee: Callee, self: number) =>
    callee.hand(new FutureTrailers(callee.take(self, IncomingBody).trailers)),
  '[method]future-trailers.subscribe'(callee: Callee, self: number) {
    callee.resource(self, FutureTrailers)
    return callee.hand(always())
  },
  /** `option<result<result<option<trailers>, error-code>>>`: an error from the second time on. */
  '[method]future-trailers.get'(callee: Callee, self: number, ret: number) {
    const future = callee.resource(self, FutureTrailers)
    callee.put8(ret, 1)
    callee.put8(ret + 8, future.isTaken ? 1 : 0)
    if (future.isTaken) return 0
    future.isTaken = true
    callee.put8(ret + 16, 0)
    callee.put8(ret + 24, future.trailers.length === 0 ? 0 : 1)
    if (future.trailers.length > 0) callee.put32(ret + 28, callee.hand(Fields.immutable(future.trailers)))
    return 0
  },
  '[method]outgoing-body.write'(callee: Callee, self: number, ret: number) {
    const body = callee.resource(self, OutgoingBody)
    const stream = body.isTaken ? null : new BodyOutput(body.content)
    body.isTaken = true
    return putOnce(callee, ret, stream)
  },
  /** `result<_, error-code>`. */
  '[static]outgoing-body.finish'(callee: Callee, self: number, hasTrailers: number, trailers: number, ret: number) {
    const { content } = callee.take(self, OutgoingBody)
    if (hasTrailers !== 0) content.trailers = callee.take(trailers, Fields).entries()
    const failure = content.end(true)
    callee.put8(ret, failure === null ? 0 : 1)
    if (failure !== null) putErrorCode(callee, ret + 8, failure)
    return 0
  },
}

export const bodyFunctions = (callee: Callee) => bound(callee, onBodies)
