/**
 * The fast path: transitions spread out to a row a state, with a column a class of bytes, so that a step is one read.
 * Rows are filled when a match first comes by, from the plain steps; what is never matched costs nothing.
 */
import { nameBytes } from '../name.ts'
import type { Dfa } from './dfa.ts'
import { DFA_NOMATCH } from './dfa.ts'
import { matchLen, next } from './step.ts'

/** A cell that has not been filled. */
const UNKNOWN = -1
/** Cells of a table; an automaton that needs more is matched by plain steps. */
const MOST_CELLS = 1 << 22

export class Matcher {
  readonly dfa: Dfa
  /** Column of each byte. */
  readonly #column: Uint8Array
  readonly #columns: number
  /** A byte of each column. */
  readonly #sample: Uint8Array
  /** Where the row of the next state begins, or UNKNOWN. Empty before the first match, null where there is no room. */
  #cells: Int32Array | null = new Int32Array(0)

  constructor(dfa: Dfa) {
    this.dfa = dfa
    this.#column = dfa.equivalence ?? Uint8Array.from({ length: 256 }, (_, byte) => byte)
    let columns = 0
    for (const column of this.#column) if (column >= columns) columns = column + 1
    this.#columns = columns
    this.#sample = new Uint8Array(columns)
    for (let byte = 255; byte >= 0; byte--) this.#sample[this.#column[byte]!] = byte
  }

  /** Whether there is room for rows; otherwise every match goes by plain steps. */
  get spread(): boolean {
    return this.dfa.base.length * this.#columns <= MOST_CELLS
  }

  /** As `matchLen`, of the bytes of a name (UTF-8; a lone surrogate U+DC80 to U+DCFF is the byte 80 to FF). */
  matchName(start: number, name: string): number {
    if (start === DFA_NOMATCH) return DFA_NOMATCH
    const cells = this.#cells?.length === 0 ? this.#spreadOut() : this.#cells
    if (cells === null) return matchLen(this.dfa, start, nameBytes(name))
    const column = this.#column
    const width = this.#columns
    let row = start * width
    for (let i = 0; i < name.length; i++) {
      const unit = name.charCodeAt(i)
      if (unit >= 0x80) return (this.#walk(cells, row, nameBytes(name.slice(i))) / width) | 0
      const at = column[unit]!
      const to = cells[row + at]!
      row = to === UNKNOWN ? this.#fill(cells, row, at) : to
    }
    return (row / width) | 0
  }

  /** As `matchLen`. */
  matchBytes(start: number, bytes: Uint8Array): number {
    if (start === DFA_NOMATCH) return DFA_NOMATCH
    const cells = this.#cells?.length === 0 ? this.#spreadOut() : this.#cells
    if (cells === null) return matchLen(this.dfa, start, bytes)
    return (this.#walk(cells, start * this.#columns, bytes) / this.#columns) | 0
  }

  #walk(cells: Int32Array, from: number, bytes: Uint8Array): number {
    const column = this.#column
    let row = from
    for (let i = 0; i < bytes.length; i++) {
      const at = column[bytes[i]!]!
      const to = cells[row + at]!
      row = to === UNKNOWN ? this.#fill(cells, row, at) : to
    }
    return row
  }

  #spreadOut(): Int32Array | null {
    this.#cells = this.spread ? new Int32Array(this.dfa.base.length * this.#columns).fill(UNKNOWN) : null
    return this.#cells
  }

  #fill(cells: Int32Array, row: number, column: number): number {
    const state = (row / this.#columns) | 0
    const to = next(this.dfa, state, this.#sample[column]!) * this.#columns
    cells[row + column] = to
    return to
  }
}
