/** Slots of the store in the order in which they were filled: a ring that is searched by the numbers of decisions. */
export class SlotQueue {
  readonly #slots: Int32Array
  readonly #numbers: Float64Array
  #begin = 0
  #end = 0

  /** `numbers`: of the decision in each slot. */
  constructor(numbers: Float64Array) {
    this.#numbers = numbers
    this.#slots = new Int32Array(numbers.length)
  }

  get length(): number {
    return this.#end - this.#begin
  }

  clear(): void {
    this.#begin = this.#end = 0
  }

  /** The newest. There is room: no more slots are in use than exist. */
  push(slot: number): void {
    this.#slots[this.#end++ % this.#slots.length] = slot
  }

  /** Takes the oldest out. */
  shift(): number {
    return this.#slots[this.#begin++ % this.#slots.length]!
  }

  /** The slot at a place, the oldest first. */
  at(index: number): number {
    return this.#slots[(this.#begin + index) % this.#slots.length]!
  }

  /** The place of the first decision whose number, or time, is not less than `least`; the length if there is none. */
  from(least: number, column: Float64Array = this.#numbers): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (column[this.at(middle)]! < least) low = middle + 1
      else high = middle
    }
    return low
  }
}
