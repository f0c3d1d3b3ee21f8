/**
 * Objects by pid (struct idr), in leaves of 64 numbers: a lookup is two steps, and freeing a number allocates nothing.
 * A leaf exists while it is not empty.
 */
const BITS = 6
const LEAF = 1 << BITS

class Leaf<T> {
  readonly slots: (T | null)[] = Array<T | null>(LEAF).fill(null)
  used = 0
}

export class PidTable<T> {
  readonly #leaves: (Leaf<T> | null)[] = []
  size = 0

  /** The object with this number; null if there is none. Any number may be passed. */
  get(nr: number): T | null {
    if (nr !== (nr & 0x7fffffff)) return null
    const leaf = this.#leaves[nr >>> BITS]
    return leaf === undefined || leaf === null ? null : (leaf.slots[nr & (LEAF - 1)] ?? null)
  }

  has(nr: number): boolean {
    return this.get(nr) !== null
  }

  /** `nr` is a pid: from 0 up to what pid_max allows. */
  set(nr: number, value: T): void {
    const at = nr >>> BITS
    while (this.#leaves.length <= at) this.#leaves.push(null)
    const leaf = (this.#leaves[at] ??= new Leaf<T>())
    if (leaf.slots[nr & (LEAF - 1)] === null) {
      leaf.used++
      this.size++
    }
    leaf.slots[nr & (LEAF - 1)] = value
  }

  delete(nr: number): void {
    if (!this.has(nr)) return
    const leaf = this.#leaves[nr >>> BITS]!
    leaf.slots[nr & (LEAF - 1)] = null
    this.size--
    if (--leaf.used === 0) this.#leaves[nr >>> BITS] = null
  }

  /** By rising number, from `first` on. */
  *values(first = 0): Generator<T> {
    for (let at = first >>> BITS; at < this.#leaves.length; at++) {
      const slots = this.#leaves[at]?.slots ?? []
      const from = at === first >>> BITS ? first & (LEAF - 1) : 0
      for (let i = from; i < slots.length; i++) if (slots[i] !== null) yield slots[i]!
    }
  }
}
