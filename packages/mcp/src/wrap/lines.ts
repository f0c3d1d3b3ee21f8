/** Messages of MCP over stdio: one line of JSON each, which is handed on as it came. */

/** Longer lines end the connection: nobody sends such. */
const MOST_LINE = 64 * 2 ** 20

/** Cuts bytes into lines. A line is taken with its end. */
export class Lines {
  #open: Buffer[] = []
  #length = 0
  readonly #take: (line: Buffer) => void
  readonly #tooLong: () => void

  constructor(take: (line: Buffer) => void, tooLong: () => void) {
    this.#take = take
    this.#tooLong = tooLong
  }

  push(bytes: Buffer): void {
    let rest = bytes
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#take(Buffer.concat([...this.#open, rest.subarray(0, end + 1)]))
      this.#open = []
      this.#length = 0
      rest = rest.subarray(end + 1)
    }
    if (rest.length === 0) return
    this.#open.push(rest)
    this.#length += rest.length
    if (this.#length > MOST_LINE) this.#tooLong()
  }
}

/** The parts of a message that count here. */
export interface Message {
  readonly id?: string | number
  readonly method?: string
  readonly params?: { readonly name?: unknown }
  readonly result?: { readonly _meta?: object; readonly tools?: readonly { readonly name?: unknown }[] }
  readonly error?: object
}

/** Null for a line that is not a message. */
export const messageOf = (line: Buffer): Message | null => {
  try {
    const message: unknown = JSON.parse(line.toString('utf8'))
    return typeof message === 'object' && message !== null && !Array.isArray(message) ? message : null
  } catch {
    return null
  }
}
