/** `wasi:http/incoming-handler`: one request that a component answers, and what it has answered. */
import type { Answered, Exchange } from '../../../served.ts'
import type { Callee } from '../../callee.ts'
import type { HttpFailure } from './error-codes.ts'
import { bytesPairs, textPairs } from './fields.ts'
import { Arriving } from './incoming-body.ts'
import { IncomingRequest, OutgoingResponse, ResponseOutparam } from './messages.ts'
import type { Head } from './messages.ts'

/** The answer of a component, whose body may still be written. */
export const answeredWith = ({ status, headers, content }: OutgoingResponse): Answered => {
  const own = textPairs(headers.entries())
  return {
    status, headers: own,
    whole: () => (content !== null && content.state !== 'finished' ? null : {
      status, headers: own, trailers: textPairs(content?.trailers ?? []), body: content?.bytes ?? new Uint8Array(0),
    }),
    inParts: () => content?.sent() ?? { parts: nothing(), trailers: () => [] },
    end: () => void content?.end(false),
  }
}

const nothing = async function* (): AsyncGenerator<Uint8Array> {}

/** Why a component gives no answer. */
export const failureText = ({ code, message }: HttpFailure): string =>
  `the error ${code}${message === undefined ? '' : `: ${message}`}`

/** The start of a request, and its body as it comes. */
export const arrived = ({ request: { method, url }, body }: Exchange): { head: Head; arriving: Arriving } => {
  const { protocol, host, pathname, search } = new URL(url)
  return {
    head: { method, scheme: protocol.slice(0, -1), authority: host, path: pathname + search },
    arriving: body instanceof Uint8Array ? Arriving.whole(body) : Arriving.of(body, () => {}),
  }
}

/** The two arguments of `handle`. */
export const handlerWords = (callee: Callee, exchange: Exchange): readonly [request: number, out: number] => {
  const { head, arriving } = arrived(exchange)
  const out = new ResponseOutparam((outcome) =>
    exchange.answer(outcome instanceof OutgoingResponse ? answeredWith(outcome) : failureText(outcome)))
  const request = new IncomingRequest(head, bytesPairs(exchange.request.headers), arriving)
  return [callee.hand(request), callee.hand(out)]
}
