/** Where the rule of a source, target, class and kind stands in its table: open addressing over two words a key. */

const SLOT = 3
/** Odd factors, drawn anew in every process: no policy can be written whose rules all fall into one slot. */
const factor = (): number => Math.floor(Math.random() * 0x1_0000_0000) | 1
const [TYPES, REST] = [factor(), factor()]

export class RuleIndex {
  /** Three words a slot: source and target, class and kind, place plus one. */
  #slots: Int32Array
  #used = 0

  constructor(expected: number) {
    let size = 8
    while (size < expected * 2) size *= 2
    this.#slots = new Int32Array(size * SLOT)
  }

  /** The place of the rule; `place` becomes it when there is none. */
  place(source: number, target: number, tclass: number, specified: number, place: number): number {
    const types = (source << 16) | target
    const rest = (tclass << 16) | specified
    let at = this.#slot(types, rest)
    const known = this.#slots[at + 2]!
    if (known !== 0) return known - 1
    if (this.#used * 2 * SLOT >= this.#slots.length) {
      this.#grow()
      at = this.#slot(types, rest)
    }
    this.#used++
    this.#slots[at] = types
    this.#slots[at + 1] = rest
    this.#slots[at + 2] = place + 1
    return place
  }

  /** The place of the rule, -1 of none. */
  find(source: number, target: number, tclass: number, specified: number): number {
    return this.#slots[this.#slot((source << 16) | target, (tclass << 16) | specified) + 2]! - 1
  }

  #slot(types: number, rest: number): number {
    const mask = this.#slots.length / SLOT - 1
    let hash = Math.imul(types, TYPES) + Math.imul(rest ^ (types >>> 16), REST)
    hash = Math.imul(hash ^ (hash >>> 16), TYPES)
    hash ^= hash >>> 15
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT
      if (this.#slots[at + 2] === 0 || (this.#slots[at] === types && this.#slots[at + 1] === rest)) return at
    }
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    for (let i = 0; i < old.length; i += SLOT) {
      if (old[i + 2] === 0) continue
      const at = this.#slot(old[i]!, old[i + 1]!)
      this.#slots.set(old.subarray(i, i + SLOT), at)
    }
  }
}
