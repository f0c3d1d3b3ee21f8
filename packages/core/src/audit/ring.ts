/** The last records, oldest first; records that were dropped to make room are counted. */

export class Ring<T> {
  readonly capacity: number
  /** How many were pushed out by newer ones. */
  dropped = 0
  readonly #items: T[] = []
  #start = 0

  /** Throws RangeError unless `capacity` is a whole number of at least 1. */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError(`a ring of ${capacity}`)
    this.capacity = capacity
  }

  push(item: T): void {
    if (this.#items.length < this.capacity) {
      this.#items.push(item)
      return
    }
    this.#items[this.#start] = item
    this.#start = (this.#start + 1) % this.capacity
    this.dropped++
  }

  toArray(): T[] {
    return [...this.#items.slice(this.#start), ...this.#items.slice(0, this.#start)]
  }

  clear(): void {
    this.#items.length = 0
    this.#start = 0
  }
}
