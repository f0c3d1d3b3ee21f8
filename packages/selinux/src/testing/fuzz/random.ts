/** Numbers that a seed decides: the same ones each time (xorshift32). */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed + 0x9e3779b9, 0x85ebca6b) | 1
  }

  /** A number from 0 to `n` - 1. */
  below(n: number): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return Math.floor(((x >>> 0) / 0x1_0000_0000) * n)
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}
