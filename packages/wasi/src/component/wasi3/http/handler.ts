/** `wasi:http/handler` and `wasi:http/client` of WASI 0.3: what a component answers, and what it asks. */
import type { Process } from '../../../process.ts'
import type { Exchange } from '../../../served.ts'
import { BodyOutput, Content } from '../../host/http/content.ts'
import type { HttpFailure } from '../../host/http/error-codes.ts'
import { bytesPairs, Fields } from '../../host/http/fields.ts'
import { refusalOf, send, timeoutsOf, urlOf } from '../../host/http/handler.ts'
import { IncomingBody } from '../../host/http/incoming-body.ts'
import { answeredWith, arrived, failureText } from '../../host/http/incoming.ts'
import { IncomingResponse } from '../../host/http/messages.ts'
import type { FutureResponse } from '../../host/http/messages.ts'
import type { ComponentValue } from '../../scalars.ts'
import type { Functions } from '../member.ts'
import { outputStream } from '../streams.ts'
import type { Host3 } from '../streams.ts'
import { failureOfValue, httpError } from './errors.ts'
import { Request3, Response3, sentType, settle, streamsOf, whenCome } from './messages.ts'

/** The request that a component answers. */
export const requestOf = (exchange: Exchange): Request3 => {
  const { head, arriving } = arrived(exchange)
  const headers = Fields.immutable(bytesPairs(exchange.request.headers))
  return Object.assign(new Request3(headers, new IncomingBody(arriving)), head)
}

/** The body of a message goes where `content` is taken, and behind it its trailers. */
const fill = (host: Host3, { body }: Request3 | Response3, content: Content): void => {
  const { scheduler } = host
  const [contents, trailers] = streamsOf(host, body, [])
  const end = (isWhole: boolean): void => {
    scheduler.writing -= 1
    const failure = content.end(isWhole) ?? (isWhole ? null : { code: 'connection-terminated' as const })
    settle(body, failure === null ? { ok: null } : httpError(host, sentType(body), failure))
  }
  const finish = (): void => whenCome(trailers, (value) => {
    const { ok } = (value ?? {}) as { readonly ok?: ComponentValue }
    if (ok !== null && ok !== undefined) content.trailers = (ok as never as Fields).entries()
    end(ok !== undefined)
  })
  scheduler.writing += 1
  if (contents === null) return finish()
  outputStream(host, contents, null, {
    to: new BodyOutput(content),
    over: (rc) => {
      if (rc < 0) end(false)
      else finish()
      return rc
    },
  })
}

/** The answer of a component goes on its way. */
export const answerWith = (host: Host3, exchange: Exchange, answer: ComponentValue | undefined): void => {
  const { ok, error } = (answer ?? {}) as { readonly ok?: ComponentValue; readonly error?: ComponentValue }
  const response: unknown = ok
  if (!(response instanceof Response3)) return exchange.answer(failureText(failureOfValue(error!)))
  response.content = new Content(response.headers, 'HTTP-response-body-size')
  exchange.answer(answeredWith(response))
  fill(host, response, response.content)
}

/** Begins a request of the component's, or why it cannot begin. */
const begin = (host: Host3, process: Process, request: Request3): FutureResponse | HttpFailure => {
  const url = urlOf(request)
  const failure = url instanceof URL ? refusalOf(process) : url
  if (failure !== null || !(url instanceof URL)) return failure as HttpFailure
  const { body } = request
  const hasBody = body instanceof IncomingBody || body.contents !== null
  request.content = hasBody ? new Content(request.headers, 'HTTP-request-body-size') : null
  const future = send(process, request, url, timeoutsOf(request.options))
  if (request.content === null) settle(body, { ok: null })
  else fill(host, request, request.content)
  return future
}

export const client: Functions = (host) => ({
  send: {
    later: ([given], answer, { result }) => {
      const request = given as never as Request3
      const future = begin(host, host.process, request)
      if ('code' in future) {
        request.drop()
        return answer(httpError(host, result, future))
      }
      host.scheduler.waitForHost(future.poll(), () => {
        const outcome = future.outcome!
        future.isTaken = true
        if (!(outcome instanceof IncomingResponse)) return answer(httpError(host, result, outcome))
        const { status, headers, body } = outcome
        answer({ ok: Object.assign(new Response3(Fields.immutable(headers), body!), { status }) as never })
      })
    },
  },
})
