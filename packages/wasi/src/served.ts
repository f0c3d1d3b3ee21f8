/** A request of HTTP that a program is run for, and what has become of it. */
import type { HeaderPairs } from '@lsmkit/kernel'

/** A request of HTTP for a component. Characters of headers are bytes. */
export interface ServedRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderPairs
  readonly body: Uint8Array
}

/** The answer of a component to a request. */
export interface ServedResponse {
  readonly status: number
  readonly headers: HeaderPairs
  readonly trailers: HeaderPairs
  readonly body: Uint8Array
}

export interface Outcome {
  /** Null for a failure, and while its body has no end. */
  readonly response: ServedResponse | null
  /** Why there is no response, for people; '' where there is one. */
  readonly failure: string
}

const NOTHING: Outcome = { response: null, failure: 'the component has set no response' }

export class Exchange {
  readonly request: ServedRequest
  outcome = NOTHING

  constructor(request: ServedRequest) {
    this.request = request
  }
}
