/** A bar on stderr for commands that take long; nothing where stderr is not a terminal. */
import { isatty } from 'node:tty'
import type { Io } from './io.ts'

const STDERR = 2
const WIDTH = 30
/** Milliseconds between two pictures. */
const PAUSE = 100

const encoder = new TextEncoder()

export class Progress {
  readonly #io: Io
  readonly #what: string
  readonly #isShown: boolean
  #last = 0

  constructor(io: Io, what: string, isShown: boolean = isatty(STDERR)) {
    this.#io = io
    this.#what = what
    this.#isShown = isShown
  }

  show(done: number, total: number): void {
    if (!this.#isShown) return
    const now = Date.now()
    if (now - this.#last < PAUSE && done < total) return
    this.#last = now
    const full = total === 0 ? WIDTH : Math.floor((done / total) * WIDTH)
    const bar = '#'.repeat(full).padEnd(WIDTH, '.')
    this.#io.stderr(encoder.encode(`\r[${bar}] ${done} of ${total} ${this.#what}`))
  }

  /** The line is free again. */
  end(): void {
    if (this.#isShown && this.#last > 0) this.#io.stderr(encoder.encode('\r\u001B[K'))
  }
}
