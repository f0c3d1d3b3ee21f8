/** Streams and futures: what one end writes the other reads, as much as both have room for. */
import { joinedBytes } from '@lsmkit/abi'
import { ProgramError } from '../../errors.ts'
import { isOfKind, KIND } from '../kinds.ts'
import type { ValueType } from '../value-types.ts'
import { EVENT, Waitable } from './waitable.ts'

const RESULT = { completed: 0, dropped: 1, cancelled: 2 } as const
type Result = (typeof RESULT)[keyof typeof RESULT]

export type Items = Uint8Array | readonly unknown[]

/** Room for values, or values to be taken. */
export interface CopyBuffer {
  readonly length: number
  /** How many have gone over, and how many may. */
  readonly done: number
  readonly left: number
  readonly take: (count: number) => Items
  readonly put: (items: Items) => void
}

/** An end that copies: of a component, or of JavaScript. */
export interface Copier {
  readonly isReader: boolean
  /** Some of a buffer has gone over. */
  readonly copied: (buffer: CopyBuffer) => void
  readonly ended: (buffer: CopyBuffer, result: Result) => void
}

interface Waiting {
  readonly end: Copier
  readonly buffer: CopyBuffer
}

/** Goes on with the tasks of a component, from JavaScript, until something has come. */
type Drive = (begin: () => void, hasCome: () => boolean) => void

/** Reads up to 65,536 values at a time. */
const CHUNK = 2 ** 16

/** A stream or a future, with both ends. JavaScript gets the readable one from a component, and reads it. */
export class ComponentStream {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isOfKind(value, 'stream')
  }

  readonly [KIND] = 'stream'
  readonly kind: 'stream' | 'future'
  readonly of: ValueType | null
  isDropped = false
  readonly #drive: Drive | null
  /** The end that has asked first. */
  waiting: Waiting | null = null
  /** Called when a reader waits, of a stream that the host writes. */
  onReader: (() => void) | null = null
  /** Called once, when either end is dropped. */
  onDrop: (() => void) | null = null

  /** `drive` is null for one that JavaScript writes: nothing has to go on for that. */
  constructor(kind: 'stream' | 'future', of: ValueType | null, drive: Drive | null) {
    this.kind = kind
    this.of = of
    this.#drive = drive
  }

  /** A stream or a future that gives these values, and ends. */
  static ofValues(kind: 'stream' | 'future', of: ValueType | null, values: Items): ComponentStream {
    const made = new ComponentStream(kind, of, null)
    if (values.length === 0) made.drop()
    else made.give(values, () => made.drop())
    return made
  }

  /** Writes values of the host; `then` is called when all of them are read, or nobody reads any more. */
  give(values: Items, then: () => void = () => {}): void {
    this.copy({ isReader: false, copied() {}, ended: then }, new HostBuffer(values, values.length))
  }

  /**
   * Reads for the host until the end: `take` gets each piece, and null at the end. It calls `next` when it wants the
   * next piece, with false when it wants no more.
   */
  drain(take: (piece: Items | null, next: (goesOn: boolean) => void) => void): void {
    let isInside = false
    let isAsked = false
    const ask = (): void => {
      isAsked = true
      if (isInside) return
      isInside = true
      while (isAsked) {
        isAsked = false
        this.#drainOnce(take, ask)
      }
      isInside = false
    }
    ask()
  }

  #drainOnce(take: Parameters<ComponentStream['drain']>[0], again: () => void): void {
    const buffer = new HostBuffer([], CHUNK)
    const pass = (isEnd: boolean): void => {
      const goOn = (): void => (isEnd ? take(null, () => {}) : again())
      if (buffer.done === 0) return goOn()
      take(buffer.values, (goesOn) => (goesOn ? goOn() : this.drop()))
    }
    this.copy({
      isReader: true, ended: (_, result) => pass(result === RESULT.dropped),
      copied: () => {
        this.waiting = null
        pass(false)
      },
    }, buffer)
  }

  /**
   * Values that have come, at least one and up to `most`: a Uint8Array of a stream of bytes, a list of others. Null at
   * the end. The component goes on meanwhile, within the limits of its reactor. Throws a ProgramError: `ended` when the
   * reactor ends by it, `bad-value` for a stream that a component reads.
   */
  read(most = CHUNK): Items | null {
    if (this.waiting?.end.isReader ?? false)
      throw new ProgramError('bad-value', 'the stream is read by a component')
    const buffer = new HostBuffer([], most)
    let isDone = false
    const finish = (): void => void (isDone = true)
    const end: Copier = {
      isReader: true, ended: finish,
      copied: () => {
        this.waiting = null
        finish()
      },
    }
    const begin = (): void => this.copy(end, buffer)
    if (this.#drive === null) begin()
    else this.#drive(begin, () => isDone)
    return buffer.done === 0 ? null : buffer.values
  }

  /** Nobody reads or writes it any more: the other end learns it. */
  drop(): void {
    if (this.isDropped) return
    this.isDropped = true
    this.#end(RESULT.dropped)
    this.onDrop?.()
  }

  /** Gives up the copy that waits. */
  cancel(): void {
    this.#end(RESULT.cancelled)
  }

  #end(result: Result): void {
    const { waiting } = this
    this.waiting = null
    waiting?.end.ended(waiting.buffer, result)
  }

  /** One end reads into the buffer, or writes what is in it. */
  copy(end: Copier, buffer: CopyBuffer): void {
    const { waiting } = this
    if (this.isDropped) return end.ended(buffer, RESULT.dropped)
    if (waiting === null) {
      this.waiting = { end, buffer }
      if (end.isReader) this.onReader?.()
      return
    }
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

/** Values of JavaScript, to be written or read. */
class HostBuffer implements CopyBuffer {
  readonly length: number
  done = 0
  values: Items

  constructor(values: Items, length: number) {
    this.values = values
    this.length = length
  }

  get left(): number {
    return this.length - this.done
  }

  take(count: number): Items {
    this.done += count
    return this.values.slice(this.done - count, this.done)
  }

  put(items: Items): void {
    this.done += items.length
    const { values } = this
    if (values.length === 0) this.values = items
    else if (values instanceof Uint8Array && items instanceof Uint8Array)
      this.values = joinedBytes([values, items])
    else this.values = [...values, ...items]
  }
}

/** One end, as a component holds it. */
export class CopyEnd extends Waitable implements Copier {
  readonly shared: ComponentStream
  readonly isReader: boolean
  state: 'idle' | 'copying' | 'cancelling' | 'done' = 'idle'
  index = 0

  constructor(shared: ComponentStream, isReader: boolean) {
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
