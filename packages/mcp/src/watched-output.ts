/** The output of a program, collected, and reported to a client that asks for reports while it runs. */
import { promptText } from '@lsmkit/abi'
import type { Progress } from './progress.ts'

/** Milliseconds between two reports. */
const EVERY = 500
/** Bytes of the last line that a report shows. */
const SHOWN = 200

/** Reports that something goes on, until what is returned is called. */
export const reportWhile = (progress: Progress | undefined, message: (seconds: number) => string): (() => void) => {
  if (progress === undefined) return () => {}
  const start = Date.now()
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - start) / 100) / 10
    progress({ progress: Date.now() - start, message: message(seconds) })
  }, EVERY)
  return () => clearInterval(timer)
}

/** One stream of a program. */
export class WatchedOutput {
  readonly #decoder = new TextDecoder()
  readonly #texts: string[] = []
  #last = ''
  bytes = 0

  /** For `box.run`. */
  readonly sink = new WritableStream<Uint8Array>({
    write: (part) => {
      this.bytes += part.length
      const text = this.#decoder.decode(part, { stream: true })
      this.#texts.push(text)
      this.#last = (this.#last + text).slice(-SHOWN * 4)
    },
  })

  get text(): string {
    return this.#texts.join('') + this.#decoder.decode()
  }

  /** The last line that is not empty. */
  get lastLine(): string {
    const lines = this.#last.split('\n').filter((line) => line.trim() !== '')
    return promptText((lines.at(-1) ?? '').slice(-SHOWN))
  }
}
