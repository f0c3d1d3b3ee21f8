/** Canonical prefix codes as bzip2 has them: lengths of 1 to 20 bits, shorter codes first. */
import type { BitReader } from './bit-reader.ts'
import { damaged } from './packed-error.ts'

export const MOST_BITS = 20

export class Huffman {
  /** By length: the first code, how many there are, and where their symbols begin. */
  readonly #first = new Int32Array(MOST_BITS + 2)
  readonly #count = new Int32Array(MOST_BITS + 2)
  readonly #offset = new Int32Array(MOST_BITS + 2)
  readonly #symbols: Uint16Array

  /** `lengths`: of the code of each symbol, 1 to 20. */
  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length)
    for (const length of lengths) this.#count[length]!++
    let [code, at] = [0, 0]
    for (let length = 1; length <= MOST_BITS; length++) {
      this.#first[length] = code
      this.#offset[length] = at
      lengths.forEach((own, symbol) => {
        if (own === length) this.#symbols[at++] = symbol
      })
      code = (code + this.#count[length]!) * 2
    }
  }

  /** The next symbol. Throws PackedError for a code that nothing has. */
  read(bits: BitReader): number {
    let code = 0
    for (let length = 1; length <= MOST_BITS; length++) {
      code = code * 2 + bits.take(1)
      const at = code - this.#first[length]!
      if (at >= 0 && at < this.#count[length]!) return this.#symbols[this.#offset[length]! + at]!
    }
    throw damaged('it has a code that stands for nothing')
  }
}
