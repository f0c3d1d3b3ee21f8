/** Reads a text that is made piece by piece (fs/seq_file.c); only the current piece is kept. */
import { copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'

const encoder = new TextEncoder()
const NOTHING = new Uint8Array()

/** The pieces of a text in order; -errno ends it, and is the answer where nothing came before. */
export type Pieces = Iterable<string | number>

export class PieceReader {
  readonly #begin: () => Pieces
  #rest: Iterator<string | number> | null = null
  #piece: Uint8Array = NOTHING
  /** Where in the text the piece begins. */
  #at = 0
  #error = 0

  constructor(begin: () => Pieces) {
    this.#begin = begin
  }

  /** Going on is cheap; a place before the last piece is found from the start. */
  read(buf: GuestBytes, off: number, len: number, pos: number): number {
    if (pos === 0 || pos < this.#at) this.#rest = null
    let done = 0
    while (done < len) {
      const from = pos + done - this.#at
      if (this.#rest !== null && from < this.#piece.length) {
        const part = this.#piece.subarray(from, from + len - done)
        copyOut(part, buf, off + done)
        done += part.length
      } else if (!this.#next()) break
    }
    return done > 0 || pos > 0 ? done : this.#error
  }

  #next(): boolean {
    if (this.#rest === null) {
      this.#rest = this.#begin()[Symbol.iterator]()
      this.#piece = NOTHING
      this.#at = this.#error = 0
    }
    const { done, value } = this.#rest.next()
    if (done === true) return false
    if (typeof value === 'number') {
      this.#error = value
      this.#rest = [][Symbol.iterator]()
      return false
    }
    this.#at += this.#piece.length
    this.#piece = encoder.encode(value)
    return true
  }
}
