/**
 * The fast path: transitions spread out to a row a state, with a column a class of bytes, so that a step is one read.
 * Rows are filled when a match first comes by, from the plain steps; a state that is never matched costs nothing. A
 * state that no byte of a name leaves ends the match: the dead one, and that behind `/**`.
 */
import { nameBytes } from '../name.ts'
import type { Dfa } from './dfa.ts'
import { DFA_NOMATCH } from './dfa.ts'
import { matchLen, next } from './step.ts'

/** A cell that has not been filled. */
const UNKNOWN = -1
/** Cells of a table; an automaton that needs more is matched by plain steps. */
const MOST_CELLS = 1 << 22

/** Whether a state keeps names to their end. */
const LEAVES = 1
const KEEPS = 2

const SLASH = 0x2f

const BYTES = 256
/** Columns of an automaton without classes, and their bytes. */
const identity = Uint8Array.from({ length: BYTES }, (_, byte) => byte)

const textOf = (parts: readonly string[], slash: boolean): string =>
  `/${parts.toReversed().join('/')}${slash && parts.length > 0 ? '/' : ''}`

export class Matcher {
  readonly dfa: Dfa
  /** Column of each byte; this and the two below are looked at when the first name is matched. */
  #column: Uint8Array = identity
  #columns = 0
  /** A byte of each column. */
  #sample: Uint8Array = identity
  /**
   * Where the row of the next state begins; its complement less one where that state keeps what follows, or UNKNOWN.
   * Empty before the first match, null where there is no room.
   */
  #cells: Int32Array | null = new Int32Array(0)
  /** LEAVES, KEEPS, or 0 where that has not been looked at. */
  #kinds = new Uint8Array(0)

  constructor(dfa: Dfa) {
    this.dfa = dfa
  }

  /** Whether there is room for rows; otherwise every match goes by plain steps. */
  get spread(): boolean {
    if (this.#columns === 0) this.#findColumns()
    return this.dfa.base.length * this.#columns <= MOST_CELLS
  }

  /**
   * The state after a name without NULs (UTF-8; a lone surrogate U+DC80 to U+DCFF is the byte 80 to FF). As
   * `matchLen`, the dead state is never left at the start.
   */
  matchName(start: number, name: string): number {
    if (start === DFA_NOMATCH) return DFA_NOMATCH
    const cells = this.#cells?.length === 0 ? this.#spreadOut() : this.#cells
    if (cells === null) return matchLen(this.dfa, start, nameBytes(name))
    const column = this.#column
    const width = this.#columns
    const { length } = name
    let row = start * width
    for (let i = 0; i < length; i++) {
      const unit = name.charCodeAt(i)
      if (unit >= 0x80) return this.#walkBytes(cells, row, nameBytes(name.slice(i)))
      const at = column[unit]!
      let to = cells[row + at]!
      if (to < 0) {
        if (to === UNKNOWN) to = this.#fill(cells, row, at)
        if (to < 0) return ((UNKNOWN - 1 - to) / width) | 0
      }
      row = to
    }
    return (row / width) | 0
  }

  /** As `matchName` of a path that is given by its parts, the last one first. */
  matchParts(start: number, parts: readonly string[], slash: boolean): number {
    const cells = this.#cells
    const isReady = cells !== null && cells.length > 0
    if (start === DFA_NOMATCH || !isReady) return this.matchName(start, textOf(parts, slash))
    const column = this.#column
    const width = this.#columns
    const slashAt = column[SLASH]!
    let row = start * width
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]!
      const { length } = part
      for (let j = -1; j < length; j++) {
        const unit = j < 0 ? SLASH : part.charCodeAt(j)
        if (unit >= 0x80) return this.matchName(start, textOf(parts, slash))
        const at = j < 0 ? slashAt : column[unit]!
        let to = cells[row + at]!
        if (to < 0) {
          if (to === UNKNOWN) to = this.#fill(cells, row, at)
          if (to < 0) return ((UNKNOWN - 1 - to) / width) | 0
        }
        row = to
      }
    }
    const state = (row / width) | 0
    return slash || parts.length === 0 ? this.matchName(state, '/') : state
  }

  /** As `matchLen`. */
  matchBytes(start: number, bytes: Uint8Array): number {
    if (start === DFA_NOMATCH) return DFA_NOMATCH
    const cells = this.#cells?.length === 0 ? this.#spreadOut() : this.#cells
    if (cells === null) return matchLen(this.dfa, start, bytes)
    return this.#walkBytes(cells, start * this.#columns, bytes)
  }

  #walkBytes(cells: Int32Array, from: number, bytes: Uint8Array): number {
    const column = this.#column
    let row = from
    for (let i = 0; i < bytes.length; i++) {
      const at = column[bytes[i]!]!
      let to = cells[row + at]!
      if (to === UNKNOWN) to = this.#fill(cells, row, at)
      // NULs may follow, which such a state need not keep
      row = to < 0 ? UNKNOWN - 1 - to : to
    }
    return (row / this.#columns) | 0
  }

  #findColumns(): void {
    const { equivalence } = this.dfa
    this.#columns = BYTES
    if (equivalence === null) return
    this.#column = equivalence
    let columns = 0
    for (let byte = 0; byte < BYTES; byte++) columns = Math.max(columns, equivalence[byte]! + 1)
    this.#columns = columns
    this.#sample = new Uint8Array(columns)
    for (let byte = BYTES - 1; byte >= 0; byte--) this.#sample[equivalence[byte]!] = byte
  }

  #spreadOut(): Int32Array | null {
    this.#cells = this.spread ? new Int32Array(this.dfa.base.length * this.#columns).fill(UNKNOWN) : null
    this.#kinds = new Uint8Array(this.dfa.base.length)
    return this.#cells
  }

  #fill(cells: Int32Array, row: number, column: number): number {
    const state = (row / this.#columns) | 0
    const to = next(this.dfa, state, this.#sample[column]!)
    const found = to * this.#columns
    const cell = this.#keeps(to) ? UNKNOWN - 1 - found : found
    cells[row + column] = cell
    return cell
  }

  /** Whether no byte but NUL leads out of a state. */
  #keeps(state: number): boolean {
    if (this.#kinds[state] === 0) {
      let keeps = true
      for (let byte = 1; byte < 256 && keeps; byte++) keeps = next(this.dfa, state, byte) === state
      this.#kinds[state] = keeps ? KEEPS : LEAVES
    }
    return this.#kinds[state] === KEEPS
  }
}
