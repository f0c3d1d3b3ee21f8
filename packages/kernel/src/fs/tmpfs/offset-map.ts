/**
 * What lies at which position of a directory: a tree of 32 ways, so that the highest position that is not beyond a
 * given one is found in as many steps as the tree is high, whatever has been taken out.
 */
const BITS = 5
const WAYS = 1 << BITS
const MASK = WAYS - 1

class Node<T> {
  /** Bit n: something is at slot n. */
  used = 0
  readonly slots: (Node<T> | T | null)[] = Array<Node<T> | T | null>(WAYS).fill(null)
}

export class OffsetMap<T extends object> {
  private root = new Node<T>()
  /** Bits that the root does not look at. */
  private shift = 0

  /** `at` is no negative number, and below 2^31. */
  set(at: number, value: T): void {
    while (at >>> this.shift > MASK) this.grow()
    let node = this.root
    for (let shift = this.shift; shift > 0; shift -= BITS) {
      const slot = (at >>> shift) & MASK
      node.used |= 1 << slot
      node = (node.slots[slot] ??= new Node<T>()) as Node<T>
    }
    node.used |= 1 << (at & MASK)
    node.slots[at & MASK] = value
  }

  private grow(): void {
    const root = new Node<T>()
    if (this.root.used !== 0) {
      root.slots[0] = this.root
      root.used = 1
    }
    this.root = root
    this.shift += BITS
  }

  delete(at: number): void {
    const way: Node<T>[] = []
    let node = this.root
    if (at >>> this.shift > MASK) return
    for (let shift = this.shift; shift > 0; shift -= BITS) {
      way.push(node)
      const next = node.slots[(at >>> shift) & MASK] as Node<T> | null
      if (next === null) return
      node = next
    }
    way.push(node)
    for (let shift = 0; way.length > 0; shift += BITS) {
      const last = way.pop()!
      const slot = (at >>> shift) & MASK
      last.slots[slot] = null
      last.used &= ~(1 << slot)
      if (last.used !== 0) return
    }
  }

  /** What is at the highest position up to `at`; null: there is nothing. */
  atOrBelow(at: number): T | null {
    return this.below(this.root, this.shift, at >>> this.shift > MASK ? 2 ** 31 - 1 : at)
  }

  private below(node: Node<T>, shift: number, at: number): T | null {
    const slot = (at >>> shift) & MASK
    const exact = node.slots[slot] ?? null
    if (exact !== null) {
      const found = shift === 0 ? (exact as T) : this.below(exact as Node<T>, shift - BITS, at)
      if (found !== null) return found
    }
    const lower = node.used & ((1 << slot) - 1)
    if (lower === 0) return null
    const next = node.slots[31 - Math.clz32(lower)]!
    return shift === 0 ? (next as T) : this.below(next as Node<T>, shift - BITS, 2 ** 31 - 1)
  }
}
