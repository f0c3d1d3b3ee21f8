/** Random numbers that come again with the same seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

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

  /** True once in `count` times. */
  once(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  /** Numbers at which arithmetic and bounds go wrong, more often than others. */
  constant(): number {
    switch (this.below(4)) {
      case 0: return this.pick([0, 1, -1, 2, 31, 32, 63, 64, 0x7fffffff, -0x80000000, 0xff, 0xffff, 0x10000, -4095])
      case 1: return this.below(256) - 128
      case 2: return this.pick([4, 8, 12, 15, 16, 17, 24, 40, 47, 48, 512])
      default: return this.word() | 0
    }
  }
}
