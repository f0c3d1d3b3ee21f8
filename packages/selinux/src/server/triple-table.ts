/** A hash table of numbers under (source, target, class and kind): open addressing in flat words, no objects. */

const FIRST = 8
const WORDS = 3

/** A key is two words: source and target, and class with a kind of at most 15 in it; the second is never 0. */
const mix = (pair: number, rest: number): number => {
  let h = Math.imul(pair ^ Math.imul(rest, 0x85ebca6b), 0x9e3779b1)
  h ^= h >>> 15
  return Math.imul(h, 0x2c1b3c6d)
}

export class TripleTable {
  size = 0
  #cells: Int32Array
  #shift: number
  #mask: number

  constructor(expected = 0) {
    let cells = FIRST
    while (cells < 2 * expected) cells *= 2
    this.#cells = new Int32Array(WORDS * cells)
    this.#mask = cells - 1
    this.#shift = Math.clz32(this.#mask)
  }

  /** The value, 0 of none. Values are 31 bits, not 0. */
  get(source: number, target: number, tclass: number, kind = 0): number {
    const pair = (source << 16) | target
    const rest = (tclass << 4) | kind
    const cells = this.#cells
    const mask = this.#mask
    let at = mix(pair, rest) >>> this.#shift
    for (;;) {
      const cell = WORDS * at
      const found = cells[cell + 1]!
      if (found === 0) return 0
      if (found === rest && cells[cell] === pair) return cells[cell + 2]!
      at = (at + 1) & mask
    }
  }

  /** Sets a value; answers the one that was there, 0 if none. */
  set(source: number, target: number, tclass: number, kind: number, value: number): number {
    if (2 * this.size > this.#mask) this.#grow()
    return this.#put((source << 16) | target, (tclass << 4) | kind, value)
  }

  #put(pair: number, rest: number, value: number): number {
    let at = mix(pair, rest) >>> this.#shift
    for (;;) {
      const cell = WORDS * at
      const found = this.#cells[cell + 1]!
      if (found === 0) {
        this.#cells[cell] = pair
        this.#cells[cell + 1] = rest
        this.#cells[cell + 2] = value
        this.size++
        return 0
      }
      if (found === rest && this.#cells[cell] === pair) {
        const before = this.#cells[cell + 2]!
        this.#cells[cell + 2] = value
        return before
      }
      at = (at + 1) & this.#mask
    }
  }

  #grow(): void {
    const old = this.#cells
    this.#cells = new Int32Array(2 * old.length)
    this.#mask = 2 * (this.#mask + 1) - 1
    this.#shift = Math.clz32(this.#mask)
    this.size = 0
    for (let cell = 0; cell < old.length; cell += WORDS) {
      if (old[cell + 1] !== 0) this.#put(old[cell]!, old[cell + 1]!, old[cell + 2]!)
    }
  }
}
