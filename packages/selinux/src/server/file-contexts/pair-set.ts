/**
 * Which pairs of neighbouring characters a text has, as 128 bits: a text that lacks one of another's cannot contain it.
 * Asking costs four words, where looking for the text itself costs a call.
 */

const WORDS = 4

const bitOf = (first: number, second: number): number => Math.imul(first * 31 + second, 0x9e3779b1) >>> 25

export class PairSet {
  readonly #words = new Int32Array(WORDS)

  fill(text: string): void {
    const words = this.#words
    words.fill(0)
    let last = text.charCodeAt(0)
    for (let i = 1; i < text.length; i++) {
      const next = text.charCodeAt(i)
      const bit = bitOf(last, next)
      words[bit >>> 5]! |= 1 << (bit & 31)
      last = next
    }
  }

  static of(text: string): PairSet {
    const set = new PairSet()
    set.fill(text)
    return set
  }

  /** Every bit of the other is here. */
  covers(set: PairSet): boolean {
    const words = this.#words
    const other = set.#words
    return (
      (other[0]! & ~words[0]!) === 0 && (other[1]! & ~words[1]!) === 0 &&
      (other[2]! & ~words[2]!) === 0 && (other[3]! & ~words[3]!) === 0
    )
  }
}
