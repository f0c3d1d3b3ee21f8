/** The terminal of the host as the streams of a run in a box: bytes that are typed, and sizes of the window. */
import type { TerminalChoice } from '@lsmkit/sandbox'
import type { HostTerminal } from '../io.ts'

export interface BoxTerminal {
  readonly stdin: AsyncIterable<Uint8Array>
  readonly terminal: TerminalChoice
  /** Gives it back. */
  readonly end: () => void
}

/** What comes when nobody asks is kept for who asks. */
class Queue<T> implements AsyncIterableIterator<T> {
  readonly #kept: T[] = []
  #wake: ((next: IteratorResult<T>) => void) | null = null

  push(value: T): void {
    const wake = this.#wake
    this.#wake = null
    if (wake === null) this.#kept.push(value)
    else wake({ done: false, value })
  }

  next(): Promise<IteratorResult<T>> {
    const [value] = this.#kept.splice(0, 1)
    if (value !== undefined) return Promise.resolve({ done: false, value })
    return new Promise((resolve) => (this.#wake = resolve))
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

export const boxTerminal = (host: HostTerminal): BoxTerminal => {
  const typed = new Queue<Uint8Array>()
  const sizes = new Queue<ReturnType<HostTerminal['size']>>()
  const size = host.size()
  host.begin((bytes) => typed.push(bytes), () => sizes.push(host.size()))
  return { stdin: typed, terminal: { ...size, resizes: sizes }, end: () => host.end() }
}
