/** Bytes that are written one after the other, and numbers that are filled in when they are known. */
export class Writer {
  at = 0
  #bytes: Uint8Array<ArrayBuffer>

  /** `room`: about how much will be written. */
  constructor(room: number) {
    this.#bytes = new Uint8Array(room)
  }

  put(part: ArrayLike<number>): void {
    this.#room(part.length)
    this.#bytes.set(part, this.at)
    this.at += part.length
  }

  /** Short runs are faster byte by byte. */
  copy(from: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.#room(length)
    if (length > SHORT) this.#bytes.set(from.subarray(start, end), this.at)
    else for (let i = 0; i < length; i++) this.#bytes[this.at + i] = from[start + i] as number
    this.at += length
  }

  /** Leaves room for an integer, and says where. */
  reserve(): number {
    this.#room(PADDED)
    this.at += PADDED
    return this.at - PADDED
  }

  /** An integer below 2^31, as long as the longest: where one was reserved, or in code that was put. */
  fill(at: number, value: number): void {
    for (let i = 0; i < PADDED - 1; i++) this.#bytes[at + i] = 0x80 | ((value >>> (7 * i)) & 0x7f)
    this.#bytes[at + PADDED - 1] = value >>> 28
  }

  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.at)
  }

  #room(count: number): void {
    if (this.at + count <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.at + count))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** The most bytes that an integer of 32 bits takes, signed or not: a shorter one is padded. */
export const PADDED = 5
const SHORT = 64
