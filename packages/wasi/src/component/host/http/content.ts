/** The bytes of a body that a component writes: kept until it is whole, or handed on while it is written. */
import { EFBIG, EPIPE, joinedBytes } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core/option-rules'
import { WaitQueue } from '@lsmkit/kernel/boot'
import type { SentBody } from '@lsmkit/kernel'
import type { Process } from '../../../process.ts'
import { Pollable } from '../pollable.ts'
import { OutputStream } from '../streams.ts'
import type { IoError } from '../streams.ts'
import { BodyError } from './body-error.ts'
import type { HttpFailure } from './error-codes.ts'
import { textPairs } from './fields.ts'
import type { Fields, FieldList } from './fields.ts'
import { httpOf } from './state.ts'

/** Bytes that wait to be sent; a component that writes more waits. */
const MOST_WAITING = 2 ** 18

/** Told to a component that need not wait. */
const UNBOUNDED = 2 ** 20

export class Content {
  readonly queue = new WaitQueue()
  #parts: Uint8Array[] = []
  /** Bytes in `#parts`. */
  #waiting = 0
  /** Bytes that were written in all. */
  size = 0
  state: 'open' | 'finished' | 'incomplete' = 'open'
  trailers: FieldList = []
  /** The code of a body that is not as long as it says. */
  readonly wrongSize: 'HTTP-request-body-size' | 'HTTP-response-body-size'
  /** The number of its `content-length`; null without one. */
  readonly #declared: number | null
  /** Somebody takes parts while it is written. */
  #isStreamed = false
  /** Nobody takes parts any more. */
  #isLost = false
  #onChange: (() => void) | null = null

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
    return joinedBytes(this.#parts)
  }

  /** Bytes that may be written without waiting. */
  get room(): number {
    const waits = this.#isStreamed && !this.#isLost && this.state === 'open'
    return waits ? Math.max(0, MOST_WAITING - this.#waiting) : UNBOUNDED
  }

  /** How many of the bytes, or -errno. One that nobody takes yet is kept, within the bounds of the process. */
  write(process: Process, bytes: Uint8Array): number {
    if (this.state !== 'open' || this.#isLost) return -EPIPE
    if (!this.takes(bytes.length)) return -EFBIG
    if (this.#isStreamed && this.room === 0) return process.machine.sleep(this.queue)
    const some = this.#isStreamed ? bytes.subarray(0, this.room) : bytes
    if (!this.#isStreamed && !httpOf(process).mayHold(some.length)) return -EFBIG
    this.#parts.push(some.slice())
    this.#waiting += some.length
    this.size += some.length
    this.#changed()
    return some.length
  }

  /** Nothing more comes. */
  end(isWhole: boolean): HttpFailure | null {
    if (this.state !== 'open') return null
    const isShort = this.#declared !== null && this.size !== this.#declared
    this.state = isWhole && !isShort ? 'finished' : 'incomplete'
    this.#changed()
    return isWhole && isShort ? { code: this.wrongSize, size: this.size } : null
  }

  /** For whoever sends it. Its length is known if it was declared, or all of it is there. */
  sent(): SentBody {
    this.#isStreamed = true
    return {
      parts: this.#taken(), trailers: () => textPairs(this.trailers),
      length: this.#declared ?? (this.state === 'finished' && this.trailers.length === 0 ? this.size : null),
    }
  }

  async *#taken(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const parts = this.#parts
        this.#parts = []
        for (const part of parts) {
          yield part
          this.#waiting -= part.length
          this.queue.wake()
        }
        if (this.#parts.length > 0) continue
        if (this.state === 'finished' || this.#isLost) return
        if (this.state === 'incomplete') throw new IncompleteBody()
        await new Promise<void>((resolve) => (this.#onChange = resolve))
      }
    } finally {
      this.lose()
    }
  }

  /** Nobody takes it any more: writing fails from now on. */
  lose(): void {
    this.#isLost = true
    this.#parts = []
    this.queue.wake()
    this.#changed()
  }

  #changed(): void {
    this.#onChange?.()
    this.#onChange = null
  }
}

/** The component has given its body up. */
export class IncompleteBody extends LsmkitError<'incomplete'> {
  constructor() {
    super('incomplete', 'the body has no end')
  }
}

export class BodyOutput extends OutputStream {
  readonly #content: Content

  constructor(content: Content) {
    super()
    this.#content = content
  }

  write(process: Process, bytes: Uint8Array): number {
    return this.#content.write(process, bytes)
  }

  override errorOf(rc: number): IoError {
    return new BodyError(rc, { code: this.#content.wrongSize, size: this.#content.size })
  }

  override room(): number {
    return this.#content.room
  }

  poll(): Pollable {
    return new Pollable({ isReady: () => this.#content.room > 0, queues: () => [this.#content.queue] })
  }
}
