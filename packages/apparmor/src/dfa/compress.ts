/**
 * An automaton as the tables that the kernel walks: rows of exceptions overlap in two shared arrays wherever they fit
 * (facts of the format: `aa_dfa_unpack`, `verify_dfa`).
 */
import { DEAD, outOfBandClass, type Automaton } from './automaton.ts'

/** A state number has 16 bits in the tables, and the highest is not used. */
export const MOST_STATES = 65_534
/** In a base word: the state has an out-of-band step. */
const BASE_OUT_OF_BAND = 0x20000000
const FLAG_OUT_OF_BAND = 2
/** Tries before a row goes behind all others. */
const MOST_TRIES = 20_000

export interface Tables {
  /** Of the header: 2 when a state has an out-of-band step. */
  readonly flags: number
  readonly base: Uint32Array
  readonly default: Uint16Array
  readonly next: Uint16Array
  readonly check: Uint16Array
}

/** The shared arrays while rows are put in. */
class Packing {
  next = new Uint16Array(4096)
  check = new Uint16Array(4096)
  used = new Uint8Array(4096)
  /** One behind the last place in use. */
  end = 256
  /** No place below it is free. */
  #free = 1
  /** Where rows of a size found room the last time. */
  readonly #hints = new Int32Array(258)

  /** The base of a row whose offsets are `offsets` (ascending, -1 for out of band). */
  place(state: number, offsets: readonly number[], targets: readonly number[]): number {
    const first = offsets[0]!
    let at = Math.max(this.#free, this.#hints[offsets.length]!, first, 1)
    for (let tries = 0; tries < MOST_TRIES && at < this.end; tries++, at++) {
      if (this.used[at] === 0 && this.#fits(at - first, offsets)) break
      if (tries === MOST_TRIES - 1) at = this.end
    }
    const base = at - first
    this.#hints[offsets.length] = at
    this.#reserve(base + 256)
    for (const [i, offset] of offsets.entries()) {
      this.used[base + offset] = 1
      this.next[base + offset] = targets[i]!
      this.check[base + offset] = state
    }
    while (this.used[this.#free] === 1) this.#free++
    return base
  }

  #fits(base: number, offsets: readonly number[]): boolean {
    for (const offset of offsets) if (this.used[base + offset] === 1) return false
    return true
  }

  #reserve(end: number): void {
    this.end = Math.max(this.end, end)
    if (end < this.used.length) return
    const room = Math.max(end + 1, this.used.length * 2)
    const grow = <T extends Uint16Array | Uint8Array>(old: T, made: T): T => {
      made.set(old)
      return made
    }
    this.next = grow(this.next, new Uint16Array(room))
    this.check = grow(this.check, new Uint16Array(room))
    this.used = grow(this.used, new Uint8Array(room))
  }
}

/** The bytes of each class; the out-of-band class has offset -1. */
const offsetsOfClasses = ({ classOf, classes }: Automaton): readonly number[][] => {
  const offsets: number[][] = Array.from({ length: classes }, () => [])
  for (const [symbol, one] of classOf.entries()) offsets[one]!.push(symbol === 256 ? -1 : symbol)
  return offsets
}

/**
 * State `numbers[s]` of the tables is state `s`: 0 is the dead state and 1 the start, which are two even where they
 * mean the same. The automaton has at most `MOST_STATES` states.
 */
export const compress = (automaton: Automaton): { readonly tables: Tables, readonly order: Int32Array } => {
  const { start, size, rows, rowClasses, rowTargets, defaults } = automaton
  const order = [DEAD, start]
  for (let state = 1; state < size; state++) if (state !== start) order.push(state)
  const numbers = new Int32Array(size)
  for (const [number, state] of order.entries()) numbers[state] = number
  numbers[DEAD] = 0
  const offsetsOf = offsetsOfClasses(automaton)
  const outOfBand = outOfBandClass(automaton)
  const packing = new Packing()
  const base = new Uint32Array(order.length)
  let flags = 0
  const fullest = [...order.keys()].sort((a, b) => rowLength(automaton, order[b]!) - rowLength(automaton, order[a]!))
  for (const number of fullest) {
    const state = order[number]!
    const entries: [number, number][] = []
    let below = 0
    for (let i = rows[state]!; i < rows[state + 1]!; i++) {
      if (rowClasses[i] === outOfBand) below = BASE_OUT_OF_BAND
      for (const offset of offsetsOf[rowClasses[i]!]!) entries.push([offset, numbers[rowTargets[i]!]!])
    }
    if (entries.length === 0) continue
    entries.sort((a, b) => a[0] - b[0])
    base[number] = packing.place(number, entries.map(([offset]) => offset), entries.map(([, target]) => target)) | below
    if (below !== 0) flags = FLAG_OUT_OF_BAND
  }
  const tables = {
    flags, base, default: Uint16Array.from(order, (state) => numbers[defaults[state]!]!),
    next: packing.next.slice(0, packing.end), check: packing.check.slice(0, packing.end),
  }
  return { tables, order: Int32Array.from(order) }
}

const rowLength = ({ rows }: Automaton, state: number): number => rows[state + 1]! - rows[state]!
