/** Bodies of wasi:http that come to a component: in parts, as quickly as it reads them. */
import { EIO } from '@lsmkit/abi'
import { WaitQueue } from '@lsmkit/kernel/boot'
import type { HttpBody } from '@lsmkit/kernel'
import type { Process } from '../../../process.ts'
import { Resource } from '../../handles.ts'
import { Pollable } from '../pollable.ts'
import { InputStream } from '../streams.ts'
import type { IoError } from '../streams.ts'
import { BodyError } from './body-error.ts'
import { failureOf } from './error-codes.ts'
import type { HttpFailure } from './error-codes.ts'
import { bytesPairs } from './fields.ts'
import type { FieldList } from './fields.ts'

/** Bytes that wait here for a component that does not read them. */
const MOST_WAITING = 2 ** 18

/** The parts that have come and are not read yet. */
export class Arriving {
  readonly queue = new WaitQueue()
  readonly #parts: Uint8Array[] = []
  #size = 0
  /** Null while more may come. */
  ending: { readonly failure: HttpFailure | null; readonly trailers: FieldList } | null = null
  /** Nobody reads it any more: what comes is dropped. */
  isDropped = false
  #taken: (() => void) | null = null

  /** A body that is whole already. */
  static whole(bytes: Uint8Array, trailers: FieldList = []): Arriving {
    const made = new Arriving()
    if (bytes.length > 0) made.#put(bytes)
    made.ending = { failure: null, trailers }
    return made
  }

  /** `then` is called when nothing more comes. */
  static of(body: HttpBody, then: () => void): Arriving {
    const made = new Arriving()
    void made.#fill(body).finally(() => {
      made.queue.wake()
      then()
    })
    return made
  }

  async #fill({ parts, trailers }: HttpBody): Promise<void> {
    try {
      for await (const part of parts) {
        if (this.isDropped || part.length === 0) continue
        this.#put(part)
        this.queue.wake()
        while (this.#size >= MOST_WAITING && !this.isDropped) {
          await new Promise<void>((resolve) => (this.#taken = resolve))
        }
      }
      this.ending = { failure: null, trailers: bytesPairs(trailers()) }
    } catch (error) {
      this.ending = { failure: failureOf(error), trailers: [] }
    }
  }

  #put(part: Uint8Array): void {
    this.#parts.push(part)
    this.#size += part.length
  }

  /** How many bytes; null where there are none yet. */
  read(buffer: Uint8Array): number | null {
    let done = 0
    for (let [part] = this.#parts; part !== undefined && done < buffer.length; [part] = this.#parts) {
      const some = part.subarray(0, buffer.length - done)
      buffer.set(some, done)
      done += some.length
      if (some.length === part.length) this.#parts.shift()
      else this.#parts[0] = part.subarray(some.length)
    }
    this.#size -= done
    if (done > 0) this.#more()
    return done > 0 || buffer.length === 0 ? done : this.ending === null ? null : 0
  }

  drop(): void {
    this.isDropped = true
    this.#parts.length = 0
    this.#size = 0
    this.#more()
  }

  #more(): void {
    this.#taken?.()
    this.#taken = null
  }

  get isReady(): boolean {
    return this.#size > 0 || this.ending !== null
  }

  get failure(): HttpFailure | null {
    return this.#size > 0 ? null : this.ending?.failure ?? null
  }
}

class BodyInput extends InputStream {
  readonly #arriving: Arriving

  constructor(arriving: Arriving) {
    super()
    this.#arriving = arriving
  }

  read({ machine }: Process, buffer: Uint8Array): number {
    const count = this.#arriving.read(buffer)
    if (count === null) return machine.sleep(this.#arriving.queue)
    return count === 0 && this.#arriving.failure !== null ? -EIO : count
  }

  override errorOf(rc: number): IoError {
    const { failure } = this.#arriving
    return failure === null ? super.errorOf(rc) : new BodyError(rc, failure)
  }

  poll(): Pollable {
    const { queue } = this.#arriving
    return new Pollable({ isReady: () => this.#arriving.isReady, queues: () => [queue] })
  }
}

export class IncomingBody extends Resource {
  readonly arriving: Arriving
  /** Ends the message that it belongs to. */
  readonly #stop: () => void
  #isTaken = false
  /** The trailers are waited for: what nobody has read is dropped, and the message goes on to its end. */
  isFinished = false

  constructor(arriving: Arriving, stop: () => void = () => {}) {
    super()
    this.arriving = arriving
    this.#stop = stop
  }

  /** Null from the second time on. */
  take(): InputStream | null {
    if (this.#isTaken) return null
    this.#isTaken = true
    return new BodyInput(this.arriving)
  }

  finish(): FutureTrailers {
    this.isFinished = true
    this.arriving.drop()
    return new FutureTrailers(this.arriving, this.#stop)
  }

  override drop(): void {
    if (this.isFinished) return
    this.arriving.drop()
    this.#stop()
  }
}

export class FutureTrailers extends Resource {
  readonly #arriving: Arriving
  readonly #stop: () => void
  isTaken = false

  constructor(arriving: Arriving, stop: () => void) {
    super()
    this.#arriving = arriving
    this.#stop = stop
  }

  /** Null while the body is not at its end. */
  get outcome(): Arriving['ending'] {
    return this.#arriving.ending
  }

  poll(): Pollable {
    const { queue } = this.#arriving
    return new Pollable({ isReady: () => this.outcome !== null, queues: () => [queue] })
  }

  override drop(): void {
    if (this.outcome === null) this.#stop()
  }
}
