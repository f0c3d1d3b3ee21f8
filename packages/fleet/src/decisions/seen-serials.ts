/** Serials of one host that a reader has seen, in ranges: repeated ones are found, and missing ones. */
import type { Range } from '../spool/gap.ts'

/** Ranges that are kept; a host that skips every second serial does not fill the memory of its readers. */
const MOST_RANGES = 10_000

export class SeenSerials {
  /** Sorted, with something missing between any two. */
  readonly #ranges: [from: number, to: number][] = []

  /** The first range that ends at a serial or behind it. */
  #indexOf(serial: number): number {
    let [low, high] = [0, this.#ranges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ranges[middle]![1] < serial) low = middle + 1
      else high = middle
    }
    return low
  }

  /** False where it was there already. */
  add(serial: number): boolean {
    const last = this.#ranges.at(-1)
    if (last !== undefined && serial === last[1] + 1) {
      last[1] = serial
      return true
    }
    const found = this.#ranges[this.#indexOf(serial)]
    if (found !== undefined && found[0] <= serial) return false
    this.cover([serial, serial])
    return true
  }

  /** These are not missing, whether they were seen or not. */
  cover([from, to]: Range): void {
    const first = this.#indexOf(from - 1)
    let end = first
    const united: [number, number] = [from, to]
    while (end < this.#ranges.length && this.#ranges[end]![0] <= to + 1) {
      const [a, b] = this.#ranges[end]!
      united[0] = Math.min(united[0], a)
      united[1] = Math.max(united[1], b)
      end += 1
    }
    this.#ranges.splice(first, end - first, united)
    // the oldest holes are given up
    if (this.#ranges.length > MOST_RANGES) {
      const [one, other] = this.#ranges.splice(0, 2) as [[number, number], [number, number]]
      this.#ranges.unshift([one[0], other[1]])
    }
  }

  /** Holes between the first that was seen and the last. */
  missing(): Range[] {
    return this.#ranges.slice(1).map(([from], i) => [this.#ranges[i]![1] + 1, from - 1] as const)
  }
}
