/** Streams and futures: what one end writes the other reads, as much as both have room for. */
import type { ComponentValue } from '../scalars.ts'
import type { ValueType } from '../value-types.ts'
import { EVENT, Waitable } from './waitable.ts'

const RESULT = { completed: 0, dropped: 1, cancelled: 2 } as const
type Result = (typeof RESULT)[keyof typeof RESULT]

export type Items = Uint8Array | readonly ComponentValue[]

/** Room for values, or values to be taken. */
export interface CopyBuffer {
  readonly length: number
  /** How many have gone over, and how many may. */
  readonly done: number
  readonly left: number
  readonly take: (count: number) => Items
  readonly put: (items: Items) => void
}

interface Waiting {
  readonly end: CopyEnd
  readonly buffer: CopyBuffer
}

/** Both ends of a stream or a future. */
export class Shared {
  readonly kind: 'stream' | 'future'
  readonly of: ValueType | null
  isDropped = false
  /** The end that has asked first. */
  waiting: Waiting | null = null

  constructor(kind: 'stream' | 'future', of: ValueType | null) {
    this.kind = kind
    this.of = of
  }

  drop(): void {
    if (this.isDropped) return
    this.isDropped = true
    this.#end(RESULT.dropped)
  }

  cancel(): void {
    this.#end(RESULT.cancelled)
  }

  #end(result: Result): void {
    const { waiting } = this
    this.waiting = null
    waiting?.end.ended(waiting.buffer, result)
  }

  /** One end reads into the buffer, or writes what is in it. */
  copy(end: CopyEnd, buffer: CopyBuffer): void {
    const { waiting } = this
    if (this.isDropped) return end.ended(buffer, RESULT.dropped)
    if (waiting === null) return void (this.waiting = { end, buffer })
    const [from, to] = end.isReader ? [waiting.buffer, buffer] : [buffer, waiting.buffer]
    // a writer of nothing asks whether there is a reader
    const isProbe = !end.isReader && buffer.length === 0 && waiting.buffer.length === 0
    if (waiting.buffer.left > 0) {
      const count = Math.min(from.left, to.left)
      if (count > 0) {
        to.put(from.take(count))
        if (this.kind === 'future' || waiting.buffer.left === 0) this.#end(RESULT.completed)
        else waiting.end.copied(waiting.buffer)
      }
      return end.ended(buffer, RESULT.completed)
    }
    if (isProbe) return end.ended(buffer, RESULT.completed)
    this.#end(RESULT.completed)
    this.waiting = { end, buffer }
  }
}

/** One end, as a component holds it. */
export class CopyEnd extends Waitable {
  readonly shared: Shared
  readonly isReader: boolean
  state: 'idle' | 'copying' | 'cancelling' | 'done' = 'idle'
  index = 0

  constructor(shared: Shared, isReader: boolean) {
    super()
    this.shared = shared
    this.isReader = isReader
  }

  get isBusy(): boolean {
    return this.state === 'copying' || this.state === 'cancelling'
  }

  get #code(): number {
    if (this.shared.kind === 'stream') return this.isReader ? EVENT.streamRead : EVENT.streamWrite
    return this.isReader ? EVENT.futureRead : EVENT.futureWrite
  }

  /** Some of a buffer has gone over, and the rest may follow until the component looks. */
  copied(buffer: CopyBuffer): void {
    this.event = () => {
      if (this.shared.waiting?.end === this) this.shared.waiting = null
      return this.#event(buffer, RESULT.completed)
    }
  }

  ended(buffer: CopyBuffer, result: Result): void {
    this.event = () => this.#event(buffer, result)
  }

  #event(buffer: CopyBuffer, result: Result) {
    const { kind } = this.shared
    this.state = result === RESULT.dropped || (kind === 'future' && result === RESULT.completed) ? 'done' : 'idle'
    return [this.#code, this.index, kind === 'future' ? result : result + buffer.done * 16] as const
  }
}
