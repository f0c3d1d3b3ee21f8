/** `wasi:http/incoming-handler`: one request that a component answers, and what it has answered. */
import type { Exchange, Outcome, ServedResponse } from '../../../served.ts'
import type { Callee } from '../../callee.ts'
import type { HttpFailure } from './error-codes.ts'
import { bytesPairs, textPairs } from './fields.ts'
import { IncomingRequest, OutgoingResponse, ResponseOutparam } from './messages.ts'

/** A response whose body may still be written. */
class Answered implements Outcome {
  readonly #given: OutgoingResponse

  constructor(given: OutgoingResponse) {
    this.#given = given
  }

  get response(): ServedResponse | null {
    const { status, headers, content } = this.#given
    if (content !== null && content.state !== 'finished') return null
    return {
      status, headers: textPairs(headers.entries()), trailers: textPairs(content?.trailers ?? []),
      body: content?.bytes ?? new Uint8Array(0),
    }
  }

  get failure(): string {
    return this.response === null ? 'the component has not finished the body of its response' : ''
  }
}

const failed = ({ code, message }: HttpFailure): Outcome => {
  const more = message === undefined ? '' : `: ${message}`
  return { response: null, failure: `the component has answered with the error ${code}${more}` }
}

/** The two arguments of `handle`. */
export const handlerWords = (callee: Callee, exchange: Exchange): readonly [request: number, out: number] => {
  const { method, url, headers, body } = exchange.request
  const { protocol, host, pathname, search } = new URL(url)
  const head = { method, scheme: protocol.slice(0, -1), authority: host, path: pathname + search }
  const out = new ResponseOutparam((outcome) => {
    exchange.outcome = outcome instanceof OutgoingResponse ? new Answered(outcome) : failed(outcome)
  })
  return [callee.hand(new IncomingRequest(head, bytesPairs(headers), body)), callee.hand(out)]
}
