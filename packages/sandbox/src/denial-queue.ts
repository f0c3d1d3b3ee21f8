/** Denials as they come, for any number of readers; each reader sees what comes after it has begun. */
import type { Denial } from './denial.ts'

/** Denials that a reader may leave unread; the oldest go. */
const MOST = 1024

/** The refusals of all runs, as they come. */
export interface Denials extends AsyncIterable<Denial> {
  /** Denials that some reader has not got, since it left too many unread. */
  readonly leftOut: number
}

export class DenialQueue implements Denials {
  leftOut = 0
  readonly #readers = new Set<Reader>()
  #isOver = false

  push(denial: Denial): void {
    for (const reader of this.#readers) if (!reader.push(denial)) this.leftOut++
  }

  /** All readers come to their end. */
  end(): void {
    this.#isOver = true
    for (const reader of this.#readers) reader.end()
  }

  [Symbol.asyncIterator](): AsyncIterator<Denial, undefined> {
    const reader = new Reader(() => this.#readers.delete(reader))
    if (this.#isOver) reader.end()
    else this.#readers.add(reader)
    return reader
  }
}

class Reader implements AsyncIterator<Denial, undefined> {
  readonly #unread: Denial[] = []
  #wake: (() => void) | null = null
  #isOver = false
  readonly #leave: () => void

  constructor(leave: () => void) {
    this.#leave = leave
  }

  /** Whether there was room; the oldest goes where there was not. */
  push(denial: Denial): boolean {
    const hasRoom = this.#unread.length < MOST
    if (!hasRoom) this.#unread.shift()
    this.#unread.push(denial)
    this.#wake?.()
    return hasRoom
  }

  end(): void {
    this.#isOver = true
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<Denial, undefined>> {
    while (this.#unread.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = null
    }
    const value = this.#unread.shift()
    return value === undefined ? { done: true, value: undefined } : { done: false, value }
  }

  async return(): Promise<IteratorResult<Denial, undefined>> {
    this.#leave()
    this.end()
    return { done: true, value: undefined }
  }
}
