/** `box.serve`: a component that answers requests of HTTP, one run of it for each. Bodies come and go in parts. */
import {
  aFunction, aString, checkOptions, instanceOf, listOf, optionsOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { HeaderPairs, HttpAnswer, HttpBody } from '@lsmkit/kernel'
import { serveRunRules } from './run-options.ts'
import type { ProgramSource, RunOptions, RunResult } from './run-options.ts'
import { SandboxError } from './sandbox-error.ts'
import { AnswerParts } from './served-run.ts'
import type { RunHttp, ServedHead } from './served-run.ts'

export interface ServeOptions extends Pick<RunOptions,
  'args' | 'name' | 'env' | 'cwd' | 'user' | 'label' | 'role' | 'limits' | 'imports'> {
  /** The most bytes of a request's body: 413 beyond it. Default: 16 MiB. */
  readonly largest?: number
  /** Called with the result of each run: its denials, its `stderr`, and why it gave no response. */
  readonly onRun?: (result: RunResult) => void
}

/** A request for `service.answer`. Characters of headers are bytes. */
export interface ServiceRequest extends ServedHead {
  readonly body: HttpBody
  /** Ends the run. */
  readonly signal?: AbortSignal
}

const LARGEST = 16 * 2 ** 20

const rules: OptionRules<ServeOptions & { readonly program: ProgramSource }> =
  { ...serveRunRules, largest: wholeNumber(0), onRun: aFunction }

const inParts = {
  is: (value: unknown) =>
    typeof (value as { [Symbol.asyncIterator]?: unknown } | null)?.[Symbol.asyncIterator] === 'function',
  what: 'an async iterable',
}
const requestRules: OptionRules<ServiceRequest> = {
  method: required(aString), url: required(aString), headers: required(listOf(listOf(aString))),
  body: required(optionsOf<HttpBody>({ parts: required(inParts), trailers: required(aFunction) })),
  signal: instanceOf(AbortSignal),
}

/** Throws OptionError. */
export const checkServe = (program: ProgramSource, options: ServeOptions): void =>
  checkOptions({ program, ...options }, rules, 'box.serve')

export type RunOne = (options: RunOptions, request: ServedHead, http: RunHttp) => Promise<RunResult>

/** One request and its answer, while its run goes on. */
class Serving {
  readonly #stop = new AbortController()
  readonly #reading: AsyncIterator<Uint8Array>
  readonly #body: HttpBody
  readonly #largest: number
  #size = 0
  readonly #parts = new AnswerParts(() => this.#stop.abort(new Error('nobody takes the answer')))
  /** Settles `begun`. */
  #begin: (answer: HttpAnswer) => void = () => {}
  readonly begun = new Promise<HttpAnswer>((resolve) => (this.#begin = resolve))
  isTooLarge = false

  constructor(body: HttpBody, largest: number) {
    this.#body = body
    this.#reading = body.parts[Symbol.asyncIterator]()
    this.#largest = largest
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  async #pull(): Promise<Uint8Array | HeaderPairs> {
    const { done, value } = await this.#reading.next()
    if (done === true) return this.#body.trailers()
    this.#size += value.length
    if (this.#size <= this.#largest) return value
    this.isTooLarge = true
    const error = new Error(`the body is longer than ${this.#largest} bytes`)
    this.#parts.end([], error)
    this.#stop.abort(error)
    throw error
  }

  readonly http: RunHttp = {
    pull: () => this.#pull(),
    begin: (status, headers) => this.#begin({ status, headers, body: this.#parts }),
    push: (part) => this.#parts.push(part),
    end: (trailers, failure) =>
      this.#parts.end(trailers, failure === null ? null : new SandboxError('answer-incomplete', failure)),
  }

  /** Nothing more of the body is read. */
  async #leave(): Promise<void> {
    try {
      await this.#reading.return?.()
    } catch {
      // it has broken off, and nobody reads it
    }
  }

  /** Its run has ended. */
  over(error: Error | null): void {
    if (error !== null) this.#parts.end([], error)
    void this.#leave()
  }
}

/** From `box.serve`. It holds nothing beside its box: there is nothing to close. */
export class Service {
  readonly #runOne: RunOne
  readonly #options: RunOptions
  readonly #largest: number
  readonly #onRun: (result: RunResult) => void

  /** @internal */
  constructor(options: ServeOptions, runOne: RunOne) {
    const { largest = LARGEST, onRun = () => {}, ...run } = options
    this.#runOne = runOne
    this.#options = run
    this.#largest = largest
    this.#onRun = onRun
  }

  /**
   * The answer to a request. A component that gives none is answered for with status 500; `onRun` is called with the
   * reason. Rejects as `box.run` does, and with the reason of the request's signal. An answer that breaks off is an
   * error of its body; one whose body is cancelled ends the run.
   */
  async fetch(request: Request): Promise<Response> {
    const { method, url, signal, body } = request
    return responseOf(await this.answer({
      method, url, headers: [...request.headers], signal,
      body: { parts: (body ?? nothing()) as AsyncIterable<Uint8Array>, trailers: () => [] },
    }))
  }

  /**
   * As `fetch`, with trailers: those of the request come behind its parts, those of the answer are known when its parts
   * have been read. Rejects with OptionError, too.
   */
  async answer(request: ServiceRequest): Promise<HttpAnswer> {
    checkOptions(request, requestRules, 'service.answer')
    const { signal, body, ...head } = request
    const declared = Number(head.headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0)
    if (declared > this.#largest) return plain(413, 'Content Too Large')
    const serving = new Serving(body, this.#largest)
    const stop = signal === undefined ? serving.signal : AbortSignal.any([signal, serving.signal])
    const run = this.#runOne({ ...this.#options, signal: stop }, head, serving.http)
    const none = this.#ended(run, serving)
    const answer = await Promise.race([serving.begun, none])
    if (answer.status >= 200 && answer.status <= 599) return answer
    // what no response can have (an informational status, for one) is the server's mistake
    void answer.body.parts[Symbol.asyncIterator]().return?.()
    return plain(500, 'Internal Server Error')
  }

  /** Follows a run to its end; the answer where the component has given none. */
  async #ended(run: Promise<RunResult>, serving: Serving): Promise<HttpAnswer> {
    try {
      const result = await run
      serving.over(null)
      this.#onRun(result)
    } catch (error) {
      serving.over(error as Error)
      if (serving.isTooLarge) return plain(413, 'Content Too Large')
      throw error
    }
    // an answer that has begun was first
    await Promise.resolve()
    return plain(500, 'Internal Server Error')
  }
}

const nothing = async function* (): AsyncGenerator<Uint8Array> {}

const plain = (status: number, text: string): HttpAnswer => ({
  status, headers: [['content-type', 'text/plain']],
  body: {
    parts: (async function* () {
      yield new TextEncoder().encode(`${text}\n`)
    }()),
    trailers: () => [],
  },
})

/** Statuses whose answer has no body (RFC 9110, section 6.4.1). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

const streamOf = (parts: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const reading = parts[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reading.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void await reading.return?.(),
  }, { highWaterMark: 0 })
}

const responseOf = ({ status, headers, body }: HttpAnswer): Response => {
  const init = { status, headers: headers.map(([name, value]): [string, string] => [name, value]) }
  if (!WITHOUT_BODY.has(status)) return new Response(streamOf(body.parts), init)
  void body.parts[Symbol.asyncIterator]().return?.()
  return new Response(null, init)
}
