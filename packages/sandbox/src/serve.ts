/** `box.serve`: a component that answers requests of HTTP, one run of it for each. */
import { joinedBytes } from '@lsmkit/abi'
import { aFunction, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { ServedRequest, ServedResponse } from '@lsmkit/wasi'
import { serveRunRules } from './run-options.ts'
import type { ProgramSource, RunOptions, RunResult } from './run-options.ts'

export interface ServeOptions extends Pick<RunOptions,
  'args' | 'name' | 'env' | 'cwd' | 'user' | 'label' | 'role' | 'limits' | 'imports'> {
  /** The most bytes of a request's body: 413 beyond it. Default: 16 MiB. */
  readonly largest?: number
  /** Called with the result of each run: its denials, its `stderr`, and why it gave no response. */
  readonly onRun?: (result: RunResult) => void
}

const LARGEST = 16 * 2 ** 20

const rules: OptionRules<ServeOptions & { readonly program: ProgramSource }> =
  { ...serveRunRules, largest: wholeNumber(0), onRun: aFunction }

/** Throws OptionError. */
export const checkServe = (program: ProgramSource, options: ServeOptions): void =>
  checkOptions({ program, ...options }, rules, 'box.serve')

export type RunOne = (options: RunOptions, request: ServedRequest) => Promise<RunResult>

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
   * reason. Rejects as `box.run` does, and with the reason of the request's signal.
   */
  async fetch(request: Request): Promise<Response> {
    const body = await bodyOf(request, this.#largest)
    if (body === null) return plain(413, 'Content Too Large')
    const { method, url, signal } = request
    const headers = [...request.headers]
    const result = await this.#runOne({ ...this.#options, signal }, { method, url, headers, body })
    this.#onRun(result)
    return responseOf(result.response ?? null)
  }
}

/** The bytes of a body; null for more than `largest`. */
const bodyOf = async ({ body }: Request, largest: number): Promise<Uint8Array | null> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > largest) return null
    parts.push(part)
  }
  return joinedBytes(parts)
}

const plain = (status: number, statusText: string): Response =>
  new Response(`${statusText}\n`, { status, statusText, headers: { 'content-type': 'text/plain' } })

/** Statuses whose answer has no body (RFC 9110, section 6.4.1). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** What no response can have (an informational status, for one) is the server's mistake. */
const responseOf = (response: ServedResponse | null): Response => {
  try {
    const { status, headers, body } = response!
    return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), {
      status, headers: headers.map(([name, value]): [string, string] => [name, value]),
    })
  } catch {
    return plain(500, 'Internal Server Error')
  }
}
