/** Bits of a file from the highest to the lowest of each byte, as bzip2 writes them. */
import { damaged } from './packed-error.ts'

export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #held = 0
  #left = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether bytes are left behind the one that is being read. */
  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  /** Up to 24 bits. Throws PackedError behind the end. */
  take(count: number): number {
    while (this.#left < count) {
      if (this.#at === this.#bytes.length) throw damaged('it ends too early')
      // a byte more than was held fits: at most 23 + 8 bits
      this.#held = ((this.#held << 8) | this.#bytes[this.#at++]!) >>> 0
      this.#left += 8
    }
    this.#left -= count
    const value = this.#held >>> this.#left
    this.#held &= (1 << this.#left) - 1
    return value
  }

  /** 32 bits, unsigned. */
  word(): number {
    return this.take(16) * 0x10000 + this.take(16)
  }

  /** The rest of the byte is padding. */
  align(): void {
    this.#held = 0
    this.#left = 0
  }
}
