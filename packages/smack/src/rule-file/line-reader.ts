/** The lines of a rule file by the places of their fields: one object for the whole file, as there may be many. */
import { isSpace } from '../parse/bytes.ts'
import type { RulePlaces } from '../parse/rule.ts'

/** A rule has at most four fields; those behind the fifth are counted no more. */
const MOST = 5

export class LineReader implements RulePlaces {
  /** The line, from 1. */
  line = 0
  start = 0
  /** Where its newline is. */
  end = -1
  /** Fields of the line, up to five. */
  count = 0
  readonly #text: string
  readonly #starts: number[] = Array<number>(MOST).fill(0)
  readonly #ends: number[] = Array<number>(MOST).fill(0)

  constructor(text: string) {
    this.#text = text
  }

  /** Goes to the next line that is neither blank nor a comment (`#` in front); false at the end of the text. */
  next(): boolean {
    while (this.end + 1 < this.#text.length) {
      this.line++
      this.start = this.end + 1
      const found = this.#text.indexOf('\n', this.start)
      this.end = found < 0 ? this.#text.length : found
      this.#split()
      if (this.count > 0 && this.#text[this.#starts[0]!] !== '#') return true
    }
    return false
  }

  get subject(): number {
    return this.#starts[0]!
  }

  get object(): number {
    return this.#starts[1]!
  }

  get allow(): number {
    return this.#starts[2]!
  }

  get deny(): number {
    return this.count > 3 ? this.#starts[3]! : -1
  }

  /** Text of a field. */
  field(index: number): string {
    return this.#text.slice(this.#starts[index]!, this.#ends[index]!)
  }

  /** Column of a field, and of what stands behind it, from 1. */
  column(index: number): number {
    return this.#starts[index]! - this.start + 1
  }

  columnBehind(index: number): number {
    return this.#ends[index]! - this.start + 1
  }

  #split(): void {
    const { end } = this
    const text = this.#text
    const starts = this.#starts
    const ends = this.#ends
    this.count = 0
    for (let at = this.start; this.count < MOST; this.count++) {
      while (at < end && isSpace(text.charCodeAt(at))) at++
      if (at === end) return
      starts[this.count] = at
      while (at < end && !isSpace(text.charCodeAt(at))) at++
      ends[this.count] = at
    }
  }
}
