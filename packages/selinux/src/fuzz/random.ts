/** Numbers to make inputs of. */
export interface Random {
  /** A number from 0 to `n` - 1. */
  below(n: number): number
  pick<T>(items: readonly T[]): T
}

/** Those that a seed decides: the same ones each time (xorshift32). */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 0x9e3779b9, 0x85ebca6b) | 1
  }

  below(n: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return Math.floor(((x >>> 0) / 0x1_0000_0000) * n)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}

/** For what is asked of an input: numbers that follow from its bytes. */
export const randomOf = (input: Uint8Array): Random => {
  let hash = input.length
  for (const byte of input) hash = Math.imul(hash ^ byte, 0x01000193)
  return new SeededRandom(hash >>> 0)
}
