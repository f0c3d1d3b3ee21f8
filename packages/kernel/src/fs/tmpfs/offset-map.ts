/**
 * Names of a directory by position: a tree with 32 branches at each node, in which the highest position up to a given
 * one is found in as many steps as the tree is high.
 */
const BITS = 5
const WAYS = 1 << BITS
const MASK = WAYS - 1
/** Levels of a tree that has grown to its highest. */
const LEVELS = 7

class Node<T> {
  /** Bit n: something is at slot n. */
  used = 0
  readonly slots: (Node<T> | T | null)[] = Array<Node<T> | T | null>(WAYS).fill(null)
}

export class OffsetMap<T extends object> {
  #root = new Node<T>()
  /** Bits that the root does not look at. */
  #shift = 0
  /** Emptied nodes, for the next: a name that comes and goes is alone in its branch, which would be made anew. */
  readonly #spares: Node<T>[] = []

  /** `at` is 0 or more, and below 2^31. */
  set(at: number, value: T): void {
    while (at >>> this.#shift > MASK) this.#grow()
    let node = this.#root
    for (let shift = this.#shift; shift > 0; shift -= BITS) {
      const slot = (at >>> shift) & MASK
      node.used |= 1 << slot
      node = (node.slots[slot] ??= this.#spares.pop() ?? new Node<T>()) as Node<T>
    }
    node.used |= 1 << (at & MASK)
    node.slots[at & MASK] = value
  }

  #grow(): void {
    const root = new Node<T>()
    if (this.#root.used !== 0) {
      root.slots[0] = this.#root
      root.used = 1
    }
    this.#root = root
    this.#shift += BITS
  }

  delete(at: number): void {
    if (at >>> this.#shift <= MASK) this.#take(this.#root, this.#shift, at)
  }

  /** Whether nothing is left below `node`. */
  #take(node: Node<T>, shift: number, at: number): boolean {
    const slot = (at >>> shift) & MASK
    const next = node.slots[slot]!
    if (next === null) return false
    if (shift > 0) {
      if (!this.#take(next as Node<T>, shift - BITS, at)) return false
      if (this.#spares.length < LEVELS) this.#spares.push(next as Node<T>)
    }
    node.slots[slot] = null
    node.used &= ~(1 << slot)
    return node.used === 0
  }

  /** The value at the highest position up to `at`, or null. */
  atOrBelow(at: number): T | null {
    return this.#below(this.#root, this.#shift, at >>> this.#shift > MASK ? 2 ** 31 - 1 : at)
  }

  #below(node: Node<T>, shift: number, at: number): T | null {
    const slot = (at >>> shift) & MASK
    const exact = node.slots[slot] ?? null
    if (exact !== null) {
      const found = shift === 0 ? (exact as T) : this.#below(exact as Node<T>, shift - BITS, at)
      if (found !== null) return found
    }
    const lower = node.used & ((1 << slot) - 1)
    if (lower === 0) return null
    const next = node.slots[31 - Math.clz32(lower)]!
    return shift === 0 ? (next as T) : this.#below(next as Node<T>, shift - BITS, 2 ** 31 - 1)
  }
}
