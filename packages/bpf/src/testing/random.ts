/** Random numbers that come again with the same seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 32 bits, unsigned. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return this.word() % count
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  /** Numbers at which arithmetic goes wrong, more often than others. */
  constant(): number {
    const kind = this.below(4)
    if (kind === 0) return this.pick([0, 1, -1, 2, 31, 32, 63, 64, 0x7fffffff, -0x80000000, 0xff, 0xffff, 0x10000])
    return kind === 1 ? this.below(256) - 128 : this.word() | 0
  }
}
