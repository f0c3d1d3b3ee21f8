/**
 * Growing arrays of 32-bit numbers, and a map from pairs of them to one: automata of a million states fit in memory
 * with these.
 */

export class Ints {
  data: Int32Array
  length = 0

  constructor(room = 64) {
    this.data = new Int32Array(room)
  }

  /** The index of the new number. */
  push(value: number): number {
    if (this.length === this.data.length) this.#grow()
    this.data[this.length] = value
    return this.length++
  }

  #grow(): void {
    const next = new Int32Array(this.data.length * 2)
    next.set(this.data)
    this.data = next
  }
}

const mix = (a: number, b: number): number => {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** (a, b) to a number that is not negative; a is not negative. */
export class PairMap {
  #slots = new Int32Array(3 * 1024).fill(-1)
  #mask = 1023
  #size = 0

  /** -1 when it is not there. */
  get(a: number, b: number): number {
    const at = this.#find(a, b)
    return this.#slots[at + 2]!
  }

  set(a: number, b: number, value: number): void {
    if (this.#size * 2 > this.#mask) this.#grow()
    const at = this.#find(a, b)
    if (this.#slots[at] === -1) this.#size++
    this.#slots[at] = a
    this.#slots[at + 1] = b
    this.#slots[at + 2] = value
  }

  #find(a: number, b: number): number {
    const slots = this.#slots
    for (let slot = mix(a, b) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * 3
      if (slots[at] === -1 || (slots[at] === a && slots[at + 1] === b)) return at
    }
  }

  #grow(): void {
    const old = this.#slots
    this.#mask = this.#mask * 2 + 1
    this.#slots = new Int32Array(3 * (this.#mask + 1)).fill(-1)
    for (let at = 0; at < old.length; at += 3) {
      if (old[at] === -1) continue
      const to = this.#find(old[at]!, old[at + 1]!)
      this.#slots[to] = old[at]!
      this.#slots[to + 1] = old[at + 1]!
      this.#slots[to + 2] = old[at + 2]!
    }
  }
}

/** Runs of numbers, each kept once: a run is known by its index. */
export class IntRuns {
  readonly #pool = new Ints(1024)
  /** Where run `i` begins; it ends where the next begins. */
  readonly #starts = new Ints(1024)
  #slots = new Int32Array(2048).fill(-1)
  #mask = 2047

  constructor() {
    this.#starts.push(0)
  }

  get size(): number {
    return this.#starts.length - 1
  }

  get(index: number): Int32Array {
    return this.#pool.data.subarray(this.#starts.data[index]!, this.#starts.data[index + 1]!)
  }

  /** The index of a run with the first `length` numbers of `run`; a new one when there is none yet. */
  add(run: ArrayLike<number>, length: number): number {
    if (this.size * 2 > this.#mask) this.#grow()
    let slot = hashRun(run, 0, length) & this.#mask
    for (let index = this.#slots[slot]!; index !== -1; index = this.#slots[slot]!) {
      if (this.#equals(index, run, length)) return index
      slot = (slot + 1) & this.#mask
    }
    for (let i = 0; i < length; i++) this.#pool.push(run[i]!)
    this.#starts.push(this.#pool.length)
    return this.#slots[slot] = this.size - 1
  }

  #equals(index: number, run: ArrayLike<number>, length: number): boolean {
    const start = this.#starts.data[index]!
    if (this.#starts.data[index + 1]! - start !== length) return false
    for (let i = 0; i < length; i++) if (this.#pool.data[start + i] !== run[i]) return false
    return true
  }

  #grow(): void {
    this.#mask = this.#mask * 2 + 1
    this.#slots = new Int32Array(this.#mask + 1).fill(-1)
    for (let index = 0; index < this.size; index++) {
      const start = this.#starts.data[index]!
      let slot = hashRun(this.#pool.data, start, this.#starts.data[index + 1]! - start) & this.#mask
      while (this.#slots[slot] !== -1) slot = (slot + 1) & this.#mask
      this.#slots[slot] = index
    }
  }
}

const hashRun = (run: ArrayLike<number>, start: number, length: number): number => {
  let hash = length
  for (let i = 0; i < length; i++) hash = mix(hash, run[start + i]!)
  return hash
}
