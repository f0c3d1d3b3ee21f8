/** A run that answers a request of HTTP: its body comes and its answer goes in parts, across threads too. */
import type { HeaderPairs, HttpAnswer, HttpBody } from '@lsmkit/kernel'
import type { ServedRequest } from '@lsmkit/wasi'

/** The start of a request, as data. Characters of headers are bytes. */
export type ServedHead = Pick<ServedRequest, 'method' | 'url' | 'headers'>

/** The ends of a request and its answer, for a box wherever it is. */
export interface RunHttp {
  /** The next part of the request's body; its trailers at the end. Rejects where it breaks off. */
  readonly pull: () => Promise<Uint8Array | HeaderPairs>
  /** The component has begun its answer. */
  readonly begin: (status: number, headers: HeaderPairs) => void
  /** A part of the answer. Resolves when there is room for the next; rejects where nobody takes it any more. */
  readonly push: (bytes: Uint8Array) => Promise<void>
  /** The answer is whole, or breaks off: why, for people. */
  readonly end: (trailers: HeaderPairs, failure: string | null) => void
}

const isBytes = (value: Uint8Array | HeaderPairs): value is Uint8Array => value instanceof Uint8Array

/** The body that is pulled, as a program reads it. */
const pulled = ({ pull }: RunHttp): HttpBody => {
  let last: HeaderPairs = []
  const parts = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await pull()
      if (isBytes(next)) yield next
      else return void (last = next)
    }
  }
  return { parts: parts(), trailers: () => last }
}

/** Hands an answer on while the component writes it. Never rejects. */
const handOn = async ({ status, headers, body }: HttpAnswer, { begin, push, end }: RunHttp): Promise<void> => {
  begin(status, headers)
  try {
    for await (const part of body.parts) await push(part)
    end(body.trailers(), null)
  } catch (error) {
    end([], error instanceof Error ? error.message : String(error))
  }
}

/** The request as the program gets it. */
export const requestFor = (head: ServedHead, http: RunHttp): ServedRequest =>
  ({ ...head, body: pulled(http), onResponse: (answer) => void handOn(answer, http) })

/** The answer of a run on its way: parts are asked for one by one. */
export class AnswerParts implements HttpBody {
  #part: Uint8Array | null = null
  #isOver = false
  #failure: Error | null = null
  #last: HeaderPairs = []
  /** Called when a part has come or the answer is over. */
  #onCome: (() => void) | null = null
  /** Called when the part was taken. */
  #onTaken: ((isTaken: boolean) => void) | null = null
  readonly #onLost: () => void
  readonly parts: AsyncGenerator<Uint8Array>

  /** `onLost` is called where nobody takes more of it before its end. */
  constructor(onLost: () => void) {
    this.#onLost = onLost
    this.parts = this.#taken()
  }

  trailers(): HeaderPairs {
    return this.#last
  }

  /** Resolves when the part was taken. */
  async push(part: Uint8Array): Promise<void> {
    if (!this.#isOver) {
      const taken = new Promise<boolean>((resolve) => (this.#onTaken = resolve))
      this.#part = part
      this.#come()
      if (await taken) return
    }
    throw new Error('nobody takes the answer')
  }

  end(trailers: HeaderPairs, failure: Error | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#last = trailers
    this.#failure = failure
    this.#come()
  }

  #come(): void {
    this.#onCome?.()
    this.#onCome = null
  }

  async *#taken(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const part = this.#part
        this.#part = null
        if (part !== null) {
          this.#onTaken?.(true)
          this.#onTaken = null
          yield part
          continue
        }
        if (this.#failure !== null) throw this.#failure
        if (this.#isOver) return
        await new Promise<void>((resolve) => (this.#onCome = resolve))
      }
    } finally {
      if (!this.#isOver) {
        this.#isOver = true
        this.#onLost()
      }
      this.#onTaken?.(false)
      this.#onTaken = null
    }
  }
}
