/** A growing run of bytes with the integer encodings of WebAssembly. */
const utf8 = new TextEncoder()

export class Bytes {
  #bytes = new Uint8Array(256)
  length = 0

  /** The bytes written so far; valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  byte(value: number): this {
    if (this.length === this.#bytes.length) this.#room(1)
    this.#bytes[this.length++] = value
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
    return this
  }

  /** LEB128 of a number from 0 to 2^32 - 1. */
  unsigned(value: number): this {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.byte(rest)
  }

  /** Signed LEB128 of an int32. */
  signed(value: number): this {
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return this.byte(rest & 0x7f)
  }

  /** Signed LEB128 of the int64 whose halves are `low` and `high`. */
  signed64(low: number, high: number): this {
    if (high === (low | 0) >> 31) return this.signed(low)
    let rest = (BigInt(high | 0) << 32n) | BigInt(low >>> 0)
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    return this.byte(Number(rest & 0x7fn))
  }

  /** The name of an import or export: length and UTF-8. */
  text(value: string): this {
    const bytes = utf8.encode(value)
    return this.unsigned(bytes.length).raw(bytes)
  }

  #room(more: number): void {
    if (this.length + more <= this.#bytes.length) return
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + more))
    wider.set(this.written)
    this.#bytes = wider
  }
}
