/** `wasi:http/types`: the calls on bodies. */
import { bound } from '@lsmkit/kernel/boot'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { BodyOutput } from './content.ts'
import type { Content } from './content.ts'
import { putErrorCode } from './error-codes.ts'
import { Fields } from './fields.ts'
import { FutureTrailers, IncomingBody } from './incoming-body.ts'

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
    callee.hand(callee.take(self, IncomingBody).finish()),
  '[method]future-trailers.subscribe': (callee: Callee, self: number) =>
    callee.hand(callee.resource(self, FutureTrailers).poll()),
  /** `option<result<result<option<trailers>, error-code>>>`: an error from the second time on. */
  '[method]future-trailers.get'(callee: Callee, self: number, ret: number) {
    const future = callee.resource(self, FutureTrailers)
    const { outcome } = future
    callee.put8(ret, outcome === null ? 0 : 1)
    if (outcome === null) return 0
    callee.put8(ret + 8, future.isTaken ? 1 : 0)
    if (future.isTaken) return 0
    future.isTaken = true
    const { failure, trailers } = outcome
    callee.put8(ret + 16, failure === null ? 0 : 1)
    if (failure !== null) {
      putErrorCode(callee, ret + 24, failure)
      return 0
    }
    callee.put8(ret + 24, trailers.length === 0 ? 0 : 1)
    if (trailers.length > 0) callee.put32(ret + 28, callee.hand(Fields.immutable(trailers)))
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
