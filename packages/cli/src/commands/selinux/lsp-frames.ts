/** Messages of JSON-RPC with the header of the language server protocol. */
import type { Io } from '../../io.ts'

export interface Message {
  readonly id?: number | string | null
  readonly method?: string
  readonly params?: unknown
}

const MOST_BYTES = 64 * 1024 * 1024
const MOST_HEADER = 4096
const headerEnd = '\r\n\r\n'

/** `broken`: what follows cannot be told apart any more. */
export type Frame = { readonly text: string } | 'end' | 'broken'

export class Frames {
  readonly #io: Io
  #buffer: Buffer = Buffer.alloc(0)

  constructor(io: Io) {
    this.#io = io
  }

  async next(): Promise<Frame> {
    for (;;) {
      const at = this.#buffer.indexOf(headerEnd)
      if (at >= 0) {
        const length = /^content-length:\s*(\d{1,9})\s*$/im.exec(this.#buffer.toString('latin1', 0, at))?.[1]
        if (length === undefined || Number(length) > MOST_BYTES) return 'broken'
        const [from, to] = [at + headerEnd.length, at + headerEnd.length + Number(length)]
        if (this.#buffer.length >= to) {
          const text = this.#buffer.toString('utf8', from, to)
          this.#buffer = this.#buffer.subarray(to)
          return { text }
        }
      } else if (this.#buffer.length > MOST_HEADER) return 'broken'
      if (!await this.#more()) return 'end'
    }
  }

  /** False at the end of the input. */
  async #more(): Promise<boolean> {
    const chunk = Buffer.alloc(65_536)
    for (;;) {
      const count = this.#io.stdin(chunk)
      if (count === 0) return false
      if (count !== null) {
        this.#buffer = Buffer.concat([this.#buffer, chunk.subarray(0, count)])
        return true
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }), 'utf8')
    this.#io.stdout(Buffer.concat([Buffer.from(`Content-Length: ${body.length}${headerEnd}`, 'latin1'), body]))
  }
}
