/**
 * Matches a path in one pass, however the pattern is made: RegExp goes back and tries again, and `(\.[^/]*)*`, which
 * Debian's file_contexts is full of, makes that minutes for a name of thirty dots. The sets of places that a text can
 * lead to are states, worked out when they are first met, so that a byte is one look into a table.
 *
 * An engine of our own because paths are bytes and only a yes or no is asked: re2js takes up to ten times as long as
 * RegExp here, and 65 kB.
 */
import { BYTE, IF, MATCH, SPLIT } from './program.ts'
import type { Bytes, Condition, Program } from './program.ts'

/** Cells of the table of one pattern; when they are used up it begins anew. */
const MOST_CELLS = 1 << 13
/** Places that the states of one pattern hold; with more they begin anew. */
const MOST_PLACES = 1 << 16
/** Places looked at for one path. A path of 4,096 bytes may look at 512 at each. */
const MOST_STEPS = 1 << 21

/** A text takes more steps than that: of patterns that look around, or repeat what repeats, with texts of thousands. */
export class MatchLimit extends Error {}

const NEWLINE = 0x0a
const UNKNOWN = -1
/** The state that leads nowhere. */
const DEAD = 0

const isWord = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)

/** Places of a program that a text may have led to, each once. */
class Places {
  readonly list: number[] = []
  readonly #has: Uint8Array

  constructor(size: number) {
    this.#has = new Uint8Array(size)
  }

  add(place: number): boolean {
    if (this.#has[place] === 1) return false
    this.#has[place] = 1
    this.list.push(place)
    return true
  }

  clear(): void {
    for (const place of this.list) this.#has[place] = 0
    this.list.length = 0
  }
}

/** Adds a place and all that can be reached from it without reading; `holds` decides conditions. */
const reach = (program: Program, from: number, into: Places, holds: (condition: Condition) => boolean): void => {
  const waiting = [from]
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (!into.add(place)) continue
    const operation = program.operations[place]
    if (operation === SPLIT) waiting.push(program.other[place]!, program.next[place]!)
    else if (operation === IF && holds(program.conditions[place]!)) waiting.push(program.next[place]!)
  }
}

/** Of an expression with conditions: goes through the text with the set of places, and no table. */
class Walk {
  readonly #text: string
  #steps = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Whether the program matches from `from` up to `to`; null stands for anywhere. */
  matches(program: Program, from: number | null, to: number | null): boolean {
    const size = program.operations.length
    this.#steps += size >>> 4
    let [now, then] = [new Places(size), new Places(size)]
    for (let at = from ?? 0; ; at++) {
      const holds = (condition: Condition): boolean => this.#holds(condition, at)
      if (from === null || at === from) reach(program, program.start, now, holds)
      this.#steps += now.list.length + 1
      if (this.#steps > MOST_STEPS) throw new MatchLimit()
      const isHere = now.list.some((place) => program.operations[place] === MATCH)
      if (isHere && (to === null || at === to)) return true
      if (at >= (to ?? this.#text.length) || (from !== null && now.list.length === 0)) return false
      const byte = this.#text.charCodeAt(at)
      const after = (condition: Condition): boolean => this.#holds(condition, at + 1)
      for (const place of now.list) {
        if (program.operations[place] === BYTE && program.bytes[place]![byte] === 1) {
          reach(program, program.next[place]!, then, after)
        }
      }
      now.clear()
      ;[now, then] = [then, now]
    }
  }

  #holds(condition: Condition, at: number): boolean {
    const text = this.#text
    switch (condition.kind) {
      case 'start': return at === 0
      case 'end': return at === text.length || (at === text.length - 1 && text.charCodeAt(at) === NEWLINE)
      case 'ahead': return this.matches(condition.program, at, null) === condition.isWanted
      case 'behind': return this.matches(condition.program, null, at) === condition.isWanted
      default: {
        const [before, after] = [at > 0 && isWord(text.charCodeAt(at - 1)),
          at < text.length && isWord(text.charCodeAt(at))]
        return (before !== after) === (condition.kind === 'boundary')
      }
    }
  }
}

/** Bytes that no instruction tells apart, as one number each; and one byte of each. */
const kindsOf = ({ bytes }: Program): { kindOf: Uint8Array; samples: number[] } => {
  const sets = [...new Set(bytes.filter((set) => set !== null))] as Bytes[]
  const known = new Map<string, number>()
  const kindOf = new Uint8Array(256)
  const samples: number[] = []
  for (let byte = 0; byte < 256; byte++) {
    const key = sets.map((set) => set[byte]).join('')
    let kind = known.get(key)
    if (kind === undefined) {
      kind = samples.push(byte) - 1
      known.set(key, kind)
    }
    kindOf[byte] = kind
  }
  return { kindOf, samples }
}

const never = (): boolean => false

export class Automaton {
  readonly #program: Program
  readonly #kindOf: Uint8Array
  readonly #samples: readonly number[]
  readonly #places: Places
  /** By state, then by kind of byte: the next state. */
  #table = new Int32Array()
  #states: { readonly list: readonly number[]; readonly isMatch: boolean }[] = []
  #known = new Map<string, number>()
  #held = 0
  #first = DEAD
  #steps = 0

  constructor(program: Program) {
    this.#program = program
    const { kindOf, samples } = kindsOf(program)
    this.#kindOf = kindOf
    this.#samples = samples
    this.#places = new Places(program.operations.length)
    this.#begin()
  }

  /** Whether the text has a match in it somewhere. Throws MatchLimit. */
  finds(text: string): boolean {
    return new Walk(text).matches(this.#program, null, null)
  }

  /**
   * Whether the text, one character a byte, matches from `from` to its end or to the newline at its end. Throws
   * MatchLimit.
   */
  matches(text: string, from: number): boolean {
    const isLine = text.charCodeAt(text.length - 1) === NEWLINE && text.length > from
    if (!this.#program.isPlain) {
      const walk = new Walk(text)
      return walk.matches(this.#program, from, text.length) ||
        (isLine && walk.matches(this.#program, from, text.length - 1))
    }
    const kindOf = this.#kindOf
    const width = this.#samples.length
    const end = isLine ? text.length - 1 : text.length
    let state = this.#first
    this.#steps = 0
    for (let at = from; at < end; at++) {
      const kind = kindOf[text.charCodeAt(at)]!
      let next = this.#table[state * width + kind]!
      if (next === UNKNOWN) next = this.#step(state, kind)
      if (next === DEAD) return false
      state = next
    }
    if (this.#states[state]!.isMatch) return true
    return isLine && this.#states[this.#step(state, kindOf[NEWLINE]!)]!.isMatch
  }

  #begin(): void {
    this.#table = new Int32Array(this.#samples.length * 4).fill(UNKNOWN)
    this.#states = []
    this.#known.clear()
    this.#held = 0
    this.#state()
    reach(this.#program, this.#program.start, this.#places, never)
    this.#first = this.#state()
  }

  /** The state of the places gathered, which are forgotten. */
  #state(): number {
    const program = this.#program
    const places = this.#places
    const table = this.#table
    const isKept = (place: number): boolean => program.operations[place] === BYTE || program.operations[place] === MATCH
    this.#steps += places.list.length
    if (this.#steps > MOST_STEPS) {
      places.clear()
      throw new MatchLimit()
    }
    const list = places.list.filter(isKept).sort((a, b) => a - b)
    places.clear()
    const key = list.join()
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const state = this.#states.push(
      { list, isMatch: list.some((place) => program.operations[place] === MATCH) }) - 1
    this.#known.set(key, state)
    this.#held += list.length
    if (this.#states.length * this.#samples.length > table.length) {
      this.#table = new Int32Array(table.length * 2).fill(UNKNOWN)
      this.#table.set(table)
    }
    return state
  }

  #step(state: number, kind: number): number {
    const program = this.#program
    const places = this.#places
    const { list } = this.#states[state]!
    const byte = this.#samples[kind]!
    const isFull = (this.#states.length + 1) * this.#samples.length > MOST_CELLS || this.#held > MOST_PLACES
    if (isFull) this.#begin()
    for (const place of list) {
      if (program.operations[place] === BYTE && program.bytes[place]![byte] === 1) {
        reach(program, program.next[place]!, places, never)
      }
    }
    const next = this.#state()
    if (!isFull) this.#table[state * this.#samples.length + kind] = next
    return next
  }
}
