/** Denials as they come, for any number of readers; each reader sees what comes after it has begun. */
import type { Denial } from './denial.ts'

/** Denials that a reader may leave unread; the oldest go. */
const MOST = 1024

export class DenialQueue implements AsyncIterable<Denial> {
  private readonly readers = new Set<Reader>()
  private isOver = false

  push(denial: Denial): void {
    for (const reader of this.readers) reader.push(denial)
  }

  /** All readers come to their end. */
  end(): void {
    this.isOver = true
    for (const reader of this.readers) reader.end()
  }

  [Symbol.asyncIterator](): AsyncIterator<Denial, undefined> {
    const reader = new Reader(() => this.readers.delete(reader))
    if (this.isOver) reader.end()
    else this.readers.add(reader)
    return reader
  }
}

class Reader implements AsyncIterator<Denial, undefined> {
  private readonly unread: Denial[] = []
  private wake: (() => void) | null = null
  private isOver = false
  private readonly leave: () => void

  constructor(leave: () => void) {
    this.leave = leave
  }

  push(denial: Denial): void {
    this.unread.push(denial)
    if (this.unread.length > MOST) this.unread.shift()
    this.wake?.()
  }

  end(): void {
    this.isOver = true
    this.wake?.()
  }

  async next(): Promise<IteratorResult<Denial, undefined>> {
    while (this.unread.length === 0 && !this.isOver) {
      await new Promise<void>((resolve) => (this.wake = resolve))
      this.wake = null
    }
    const value = this.unread.shift()
    return value === undefined ? { done: true, value: undefined } : { done: false, value }
  }

  async return(): Promise<IteratorResult<Denial, undefined>> {
    this.leave()
    this.end()
    return { done: true, value: undefined }
  }
}
