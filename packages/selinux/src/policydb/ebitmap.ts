/** Sparse bit sets as policies store them: 64 bits a node, nodes in ascending order, none of them empty. */

/** Three words a node: which 64 bits, then the low and the high half of them. */
const NODE = 3

const popcount = (word: number): number => {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** A set of numbers, from 0. It never changes. */
export class Ebitmap implements Iterable<number> {
  static readonly empty = new Ebitmap(new Uint32Array(0), 0, 0)

  readonly #store: Uint32Array
  readonly #from: number
  readonly #to: number

  /** Nodes lie in `store` from `from` to `to`; sets that were read from one file share a store. */
  constructor(store: Uint32Array, from: number, to: number) {
    this.#store = store
    this.#from = from
    this.#to = to
  }

  /** The set of `bits`, in any order, with or without repeats. */
  static of(bits: Iterable<number>): Ebitmap {
    const sorted = Uint32Array.from(bits).sort()
    const nodes: number[] = []
    for (const bit of sorted) {
      if (nodes.length === 0 || nodes[nodes.length - NODE] !== bit >>> 6) nodes.push(bit >>> 6, 0, 0)
      nodes[nodes.length - (bit & 32 ? 1 : 2)]! |= 1 << (bit & 31)
    }
    return nodes.length === 0 ? Ebitmap.empty : new Ebitmap(Uint32Array.from(nodes), 0, nodes.length)
  }

  get isEmpty(): boolean {
    return this.#from === this.#to
  }

  /** How many nodes there are. */
  get nodes(): number {
    return (this.#to - this.#from) / NODE
  }

  /** How many bits are set. */
  get size(): number {
    let count = 0
    for (let at = this.#from; at < this.#to; at += NODE) {
      count += popcount(this.#store[at + 1]!) + popcount(this.#store[at + 2]!)
    }
    return count
  }

  /** One more than the highest bit that could be set in the last node; 0 of an empty set. */
  get highbit(): number {
    return this.isEmpty ? 0 : (this.#store[this.#to - NODE]! + 1) * 64
  }

  /** The highest bit set, -1 of an empty set. */
  get max(): number {
    if (this.isEmpty) return -1
    const start = this.#store[this.#to - NODE]! * 64
    const high = this.#store[this.#to - 1]!
    return high === 0 ? start + 31 - Math.clz32(this.#store[this.#to - 2]!) : start + 63 - Math.clz32(high)
  }

  has(bit: number): boolean {
    let low = this.#from / NODE
    let high = this.#to / NODE
    const node = bit >>> 6
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#store[middle * NODE]!
      if (at === node) return (this.#store[middle * NODE + (bit & 32 ? 2 : 1)]! & (1 << (bit & 31))) !== 0
      if (at < node) low = middle + 1
      else high = middle
    }
    return false
  }

  /** Calls `visit` with each bit, ascending. */
  forEach(visit: (bit: number) => void): void {
    for (let at = this.#from; at < this.#to; at += NODE) {
      const start = this.#store[at]! * 64
      for (let half = 0; half < 2; half++) {
        let word = this.#store[at + 1 + half]!
        while (word !== 0) {
          const lowest = word & -word
          visit(start + half * 32 + 31 - Math.clz32(lowest))
          word ^= lowest
        }
      }
    }
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const bits: number[] = []
    this.forEach((bit) => void bits.push(bit))
    yield* bits
  }

  /** Calls `visit` with each node: its first bit, and the low and high 32 bits. */
  forEachNode(visit: (start: number, low: number, high: number) => void): void {
    for (let at = this.#from; at < this.#to; at += NODE) {
      visit(this.#store[at]! * 64, this.#store[at + 1]!, this.#store[at + 2]!)
    }
  }

  equals(other: Ebitmap): boolean {
    const length = this.#to - this.#from
    if (other.#to - other.#from !== length) return false
    for (let i = 0; i < length; i++) {
      if (this.#store[this.#from + i] !== other.#store[other.#from + i]) return false
    }
    return true
  }

  /** True when every bit of `other` is set here too. */
  contains(other: Ebitmap): boolean {
    let at = this.#from
    for (let theirs = other.#from; theirs < other.#to; theirs += NODE) {
      const node = other.#store[theirs]!
      while (at < this.#to && this.#store[at]! < node) at += NODE
      if (at === this.#to || this.#store[at] !== node) return false
      if ((other.#store[theirs + 1]! & ~this.#store[at + 1]!) !== 0) return false
      if ((other.#store[theirs + 2]! & ~this.#store[at + 2]!) !== 0) return false
    }
    return true
  }

  intersects(other: Ebitmap): boolean {
    let [at, theirs] = [this.#from, other.#from]
    while (at < this.#to && theirs < other.#to) {
      const difference = this.#store[at]! - other.#store[theirs]!
      if (difference < 0) at += NODE
      else if (difference > 0) theirs += NODE
      else {
        if ((this.#store[at + 1]! & other.#store[theirs + 1]!) !== 0) return true
        if ((this.#store[at + 2]! & other.#store[theirs + 2]!) !== 0) return true
        at += NODE
        theirs += NODE
      }
    }
    return false
  }

  intersection(other: Ebitmap): Ebitmap {
    const common: number[] = []
    this.forEach((bit) => void (other.has(bit) && common.push(bit)))
    return Ebitmap.of(common)
  }

  /** Sets the bits in `words`, bit n in word n >>> 5; bits behind its end are left out. */
  copyInto(words: Uint32Array): void {
    for (let at = this.#from; at < this.#to; at += NODE) {
      const word = this.#store[at]! * 2
      if (word < words.length) words[word]! |= this.#store[at + 1]!
      if (word + 1 < words.length) words[word + 1]! |= this.#store[at + 2]!
    }
  }
}
