/** A request of HTTP that a program is run for, and what has become of it. */
import { joinedBytes } from '@lsmkit/abi'
import type { HeaderPairs, HttpAnswer, HttpBody } from '@lsmkit/kernel'

/** A request of HTTP for a component. Characters of headers are bytes. */
export interface ServedRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderPairs
  /** All bytes, or parts that come as quickly as the component reads them. */
  readonly body: Uint8Array | HttpBody
  /**
   * Called once the component has begun its answer; parts of the body then come as it writes them, and it waits while
   * nobody takes them. A body that the component gives up is an error of `parts`. Without this function the whole
   * answer is in the result of the run.
   */
  readonly onResponse?: (answer: HttpAnswer) => void
}

/** The answer of a component to a request. */
export interface ServedResponse {
  readonly status: number
  readonly headers: HeaderPairs
  readonly trailers: HeaderPairs
  readonly body: Uint8Array
}

/** An answer that a component has begun. */
export interface Answered {
  readonly status: number
  readonly headers: HeaderPairs
  /** All of it; null while its body has no end. */
  readonly whole: () => ServedResponse | null
  /** From now on its parts are handed on while they are written. */
  readonly inParts: () => HttpBody
  /** The component has ended: a body without an end never gets one. */
  readonly end: () => void
}

/** Parts that are there already. */
const partsOf = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

export class Exchange {
  readonly request: ServedRequest
  /** The body of the request as it comes to the component. */
  body: Uint8Array | HttpBody
  /** Whether the host goes on while the component runs: only then may parts come and go. */
  isOpen = true
  /** The answer that has begun, why there is none, or null while nothing is known. */
  #answer: Answered | string | null = null
  #isHandedOn = false

  constructor(request: ServedRequest) {
    this.request = request
    this.body = request.body
  }

  /** For a component that keeps the thread: nothing would come while it runs. Rejects as the body does. */
  async close(): Promise<void> {
    this.isOpen = false
    const { body } = this
    if (body instanceof Uint8Array) return
    const parts: Uint8Array[] = []
    for await (const part of body.parts) parts.push(part.slice())
    const [bytes, trailers] = [joinedBytes(parts), body.trailers()]
    this.body = trailers.length === 0 ? bytes : { parts: partsOf(bytes), trailers: () => trailers }
  }

  /** The component has answered; why it has not, for people. */
  answer(answer: Answered | string): void {
    this.#answer = answer
    if (typeof answer !== 'string' && this.isOpen) this.#handOn(answer.inParts)
  }

  /** The component has ended. */
  end(): void {
    const answer = this.#answer
    if (answer === null || typeof answer === 'string') return
    answer.end()
    const whole = this.isOpen ? null : answer.whole()
    if (whole === null) return
    this.#handOn(() => ({ parts: partsOf(whole.body), trailers: () => whole.trailers }))
  }

  #handOn(body: () => HttpBody): void {
    const { request: { onResponse } } = this
    const answer = this.#answer
    if (onResponse === undefined || answer === null || typeof answer === 'string') return
    this.#isHandedOn = true
    onResponse({ status: answer.status, headers: answer.headers, body: body() })
  }

  /** For the result of the run; `response` is missing where it was handed on. */
  get outcome(): { readonly response?: ServedResponse | null; readonly failure: string } {
    const answer = this.#answer
    if (answer === null) return { response: null, failure: 'the component has set no response' }
    if (typeof answer === 'string') return { response: null, failure: `the component has answered with ${answer}` }
    const response = answer.whole()
    const failure = response === null ? 'the component has not finished the body of its response' : ''
    return this.#isHandedOn ? { failure } : { response, failure }
  }
}
